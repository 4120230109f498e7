"""A log's name tag as this process writes it: what lies in the directory, and what code runs here."""

from engine.kernel.jit import CODE_VERSION
from engine.rows.schema import schema_set_digest
from storage.log_identity import LogIdentity
from storage.manifest import Manifest


def identity_of(manifest: Manifest, partition: int) -> LogIdentity:
    """The identity of a partition's log, or the reference log's, for blocks that this process makes."""
    return manifest.identity(partition, schema_digest=schema_set_digest(), code_version=CODE_VERSION)
