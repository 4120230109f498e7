"""A small made engine directory: two partitions and a reference log, each of two segments."""

from pathlib import Path

from storage.log_identity import REFERENCE_PARTITION, LogIdentity
from storage.manifest import Manifest, new_manifest, write_manifest
from tests.unit.storage.made_logs import ROW_BYTES, extend, open_log

SIZES = [40, 1, 300, 33, 7, 64, 2, 90, 5, 20]
"""Rows of the blocks in the first segment; the second has the first three again."""


def made_manifest() -> Manifest:
    return new_manifest(
        engine_uuid=b"e" * 16,
        log_uuids={0: b"\x01" * 16, 1: b"\x02" * 16, REFERENCE_PARTITION: b"\x03" * 16},
        row_bytes=ROW_BYTES,
        schema_digest=b"s" * 32,
    )


def identity_of(partition: int) -> LogIdentity:
    return made_manifest().identity(partition, schema_digest=b"s" * 32, code_version=b"c" * 32)


def make_engine(directory: Path) -> Path:
    """Make an engine directory with three closed logs and give it."""
    manifest = made_manifest()
    write_manifest(directory, manifest)
    for name, entry in manifest.logs.items():
        identity = manifest.identity(entry.partition, schema_digest=b"s" * 32, code_version=b"c" * 32)
        with open_log(directory / name, identity) as log:
            log.claim()
            extend(log, SIZES, identity)
            log.rotate(append_ts_ns=log.tip.append_ts_last_ns)
            extend(log, SIZES[:3], identity)
    return directory
