"""`DIR/manifest.json`: which engine a directory belongs to, its logs, and which partition has which slots.

It is JSON for people to read, with the SHA-256 of its own content, so that an edit or a flipped bit is seen.
"""

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import msgspec

from storage.errors import LogNotFound, ManifestInvalid
from storage.file_system import make_directory, write_whole
from storage.limits import ROW_BYTES_MAX, SLOTS
from storage.log_directory import REFERENCE_LOG, log_name, segment_numbers
from storage.log_identity import REFERENCE_PARTITION, LogIdentity

FORMAT = 1
MANIFEST_FILE = "manifest.json"

_Uuid = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")]
_Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
_Partitions = Annotated[int, msgspec.Meta(ge=1, le=SLOTS)]
_RowBytes = Annotated[int, msgspec.Meta(ge=1, le=ROW_BYTES_MAX)]


class LogEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One log of the engine: its uuid (32 hex digits) and its partition number."""

    uuid: _Uuid
    partition: int


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a directory is; immutable, a change is a new manifest written over the old one.

    Attributes:
        format: of the manifest and of the directory's layout.
        engine_uuid: 32 hex digits, made once when the directory is created.
        partitions: number of partitions, at most one a slot.
        row_bytes: bytes of one row, in every log of the engine, at most `ROW_BYTES_MAX`.
        schema_digest: 64 hex digits that name the schema set of the directory's first writer.
        slots_version: raised with every change of `slots`.
        slots: for each of the 1,024 account slots the partition that has it.
        logs: directory name to the log in it: `p0000`, `p0001`, … and `reference`.
    """

    format: int
    engine_uuid: _Uuid
    partitions: _Partitions
    row_bytes: _RowBytes
    schema_digest: _Digest
    slots_version: int
    slots: tuple[int, ...]
    logs: dict[str, LogEntry]

    def identity(self, partition: int, *, schema_digest: bytes, code_version: bytes) -> LogIdentity:
        """Give the name tag of a partition's log for a writer of this schema set and code, 32 bytes each.

        They are the writer's own: a directory outlives the release that made it.
        """
        entry = self.logs[log_name(partition)]
        return LogIdentity(
            log_uuid=bytes.fromhex(entry.uuid),
            partition=partition,
            row_bytes=self.row_bytes,
            schema_digest=schema_digest,
            code_version=code_version,
        )


def new_manifest(
    *,
    engine_uuid: bytes,
    log_uuids: Mapping[int, bytes],
    row_bytes: int,
    schema_digest: bytes,
) -> Manifest:
    """Give the manifest of a new engine; uuids come from the caller, since chance is an argument here.

    Args:
        engine_uuid: 16 bytes.
        log_uuids: partition number to 16 bytes, for every partition from 0 on and `REFERENCE_PARTITION`.
        row_bytes: bytes of one row.
        schema_digest: 32 bytes.
    """
    partitions = len(log_uuids) - 1
    assert set(log_uuids) == {*range(partitions), REFERENCE_PARTITION}, (
        "one log a partition, one of reference"
    )
    assert partitions > 0, "an engine has at least one partition"
    return Manifest(
        format=FORMAT,
        engine_uuid=engine_uuid.hex(),
        partitions=partitions,
        row_bytes=row_bytes,
        schema_digest=schema_digest.hex(),
        slots_version=1,
        slots=even_slots(partitions),
        logs={log_name(number): LogEntry(log_uuids[number].hex(), number) for number in sorted(log_uuids)},
    )


def even_slots(partitions: int) -> tuple[int, ...]:
    """Give a slot map that hands every partition one run of neighbouring slots, as even as can be."""
    return tuple(slot * partitions // SLOTS for slot in range(SLOTS))


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Write the manifest of an engine directory, which is created: all of it or nothing, durably."""
    make_directory(directory)
    content = msgspec.to_builtins(manifest)
    text = msgspec.json.encode({**content, "sha256": _digest(manifest)})
    write_whole(directory / MANIFEST_FILE, [msgspec.json.format(text, indent=1)])


def holds_engine(directory: Path) -> bool:
    """Say whether an engine lies in a directory, be it one that has lost its manifest."""
    return os.path.lexists(directory / MANIFEST_FILE) or bool(_orphans(directory))


def _orphans(directory: Path) -> list[str]:
    """Give the logs that every engine has and that lie in a directory: its manifest was there before them."""
    return [name for name in (log_name(0), REFERENCE_LOG) if segment_numbers(directory / name)]


def read_manifest(directory: Path) -> Manifest:
    """Give the manifest of an engine directory.

    Raises LogNotFound if there is no engine, ManifestInvalid if its manifest is damaged or lost.
    """
    path = directory / MANIFEST_FILE
    if not path.is_file():
        _check_lost(path)
        raise LogNotFound(str(path))
    try:
        content = msgspec.json.decode(path.read_bytes(), type=dict[str, object])
        digest = content.pop("sha256", None)
        manifest = msgspec.convert(content, Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ManifestInvalid(str(path), str(error)) from error
    if digest != _digest(manifest):
        raise ManifestInvalid(str(path), "its content does not have the SHA-256 that it states")
    _check_content(path, manifest)
    return manifest


def _check_lost(path: Path) -> None:
    """Raise ManifestInvalid if there was a manifest at `path` once, and there is none now."""
    is_name_taken, orphans = os.path.lexists(path), _orphans(path.parent)
    if path.is_file():
        # It has appeared this instant, and its logs may have too: nothing is lost.
        return
    if is_name_taken:
        raise ManifestInvalid(str(path), "it is no file, or a link that leads to none")
    if orphans:
        raise ManifestInvalid(
            str(path), f"it is gone, while logs of its engine are here: {', '.join(orphans)}"
        )


def _digest(manifest: Manifest) -> str:
    """Give the SHA-256 of the content as compact JSON with sorted keys, in hex."""
    return sha256(msgspec.json.encode(manifest, order="sorted")).hexdigest()


def _check_content(path: Path, manifest: Manifest) -> None:
    """Check what types can't say."""
    if manifest.format != FORMAT:
        raise ManifestInvalid(str(path), f"format {manifest.format} is unknown, this version reads {FORMAT}")
    if len(manifest.slots) != SLOTS or not set(manifest.slots) <= set(range(manifest.partitions)):
        raise ManifestInvalid(str(path), f"its slot map must give {SLOTS} slots to its partitions")
    numbers = {name: entry.partition for name, entry in manifest.logs.items()}
    if numbers != {log_name(number): number for number in [*range(manifest.partitions), REFERENCE_PARTITION]}:
        raise ManifestInvalid(str(path), "its logs must be one for each of its partitions, and the reference")
