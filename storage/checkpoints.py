"""Checkpoint files: a fold's state, and for every log where the fold stopped.

Projections leave one when they end, snapshots of a partition are such files too. A checkpoint is a cache. It
names the hash of the last block it has folded; if the log has another block there, or none, the checkpoint
belongs to another log or to one that was rolled back, and is discarded.

    0  magic "OFCP" | format u32 = 1 | head_bytes u64
   16  head: MessagePack map, see `_Head`; zero bytes up to a multiple of 64
       the sections, each followed by zero bytes up to a multiple of 64
       SHA-256 over everything before, 32 bytes
"""

import struct
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import msgspec

from storage.block import Block
from storage.block_header import NO_HASH
from storage.errors import OffsetNotFound
from storage.file_system import make_directory, write_whole

MAGIC = b"OFCP"
FORMAT = 1

_START = struct.Struct("<4sIQ")
_ALIGNMENT = 64
_DIGEST_BYTES = 32


class FoldedLog(Protocol):
    """What is asked of a log that a fold followed; `EventLog` and `LogReader` have it."""

    @property
    def log_uuid(self) -> bytes:
        """Which log this is, 16 bytes."""

    def read_block(self, offset: int) -> Block:
        """The block that holds an offset; raises OffsetNotFound."""


class LogMark(msgspec.Struct, frozen=True):
    """Where a fold has stopped in one log.

    Attributes:
        log_uuid: 16 bytes.
        next_offset: first offset that is not folded.
        block_hash: hash of the last folded block, zero bytes if none is.
    """

    log_uuid: bytes
    next_offset: int
    block_hash: bytes

    @classmethod
    def at_start(cls, log_uuid: bytes) -> "LogMark":
        """Give the mark before the first block of a log."""
        return cls(log_uuid, 0, NO_HASH)

    @classmethod
    def behind(cls, block: Block) -> "LogMark":
        """Give the mark behind a folded block."""
        header = block.header
        return cls(header.log_uuid, header.next_offset, header.block_hash)


class Checkpoint(msgspec.Struct, frozen=True):
    """A fold's state at one position of each log it follows.

    Attributes:
        projection: its name, `kernel` for a partition's own state.
        state_version: what names the layout and the meaning of the state; another one can't be used.
        marks: one for every log followed.
        sections: name to a run of bytes, for example one a table; read back as views aligned to 16 bytes.
        digests: what vouches for the state beside the hash of the file, hex by name; whoever reads compares.
    """

    projection: str
    state_version: str
    marks: tuple[LogMark, ...]
    sections: Mapping[str, bytes | memoryview]
    digests: Mapping[str, str] = {}


class Discarded(msgspec.Struct, frozen=True):
    """There is no usable checkpoint, and this is why: fold the log from its beginning."""

    reason: str


class _Head(msgspec.Struct, frozen=True):
    projection: str
    state_version: str
    marks: tuple[LogMark, ...]
    section_bytes: dict[str, int]
    digests: dict[str, str] = {}


def write_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint in place of the old one: after a crash the file is one of the two, whole."""
    sections = checkpoint.sections.values()
    assert all(memoryview(section).itemsize == 1 for section in sections), "a section is a run of bytes"
    sizes = {name: len(section) for name, section in checkpoint.sections.items()}
    head = _Head(
        checkpoint.projection, checkpoint.state_version, checkpoint.marks, sizes, dict(checkpoint.digests)
    )
    packed = msgspec.msgpack.encode(head)
    parts = [_START.pack(MAGIC, FORMAT, len(packed)) + packed, *sections]
    padded = [piece for part in parts for piece in (part, _padding(len(part)))]
    make_directory(path.parent)
    write_whole(path, [*padded, _digest(padded)])


def read_checkpoint(
    path: Path, *, projection: str, state_version: str, logs: Iterable[FoldedLog]
) -> Checkpoint | Discarded:
    """Give the checkpoint at `path` if it is whole, of this projection and version, and of these logs.

    Otherwise give Discarded with the reason. Sections are views of one buffer: copy what must be writable.
    """
    if not path.is_file():
        return Discarded("there is none yet")
    checkpoint = decode_checkpoint(path)
    if isinstance(checkpoint, Discarded):
        return checkpoint
    if checkpoint.projection != projection:
        return Discarded(f"it is of projection {checkpoint.projection}, not {projection}")
    if checkpoint.state_version != state_version:
        return Discarded(f"its state is of version {checkpoint.state_version}, not {state_version}")
    reason = _why_foreign(checkpoint.marks, list(logs))
    return checkpoint if reason is None else Discarded(reason)


def decode_checkpoint(path: Path) -> Checkpoint | Discarded:
    """Give the checkpoint at `path` if it is whole, whosever it is; raises FileNotFoundError."""
    try:
        return _decode(path.read_bytes())
    except FileNotFoundError:
        raise
    except OSError as error:
        return Discarded(f"the file can't be read: {error}")
    except (ValueError, struct.error, msgspec.MsgspecError) as error:
        return Discarded(f"the file is damaged: {error}")


def _why_foreign(marks: tuple[LogMark, ...], logs: list[FoldedLog]) -> str | None:
    """Give why the marks are not of these logs, or None if they are."""
    readers = {reader.log_uuid: reader for reader in logs}
    if {mark.log_uuid for mark in marks} != set(readers):
        return "it follows other logs"
    reasons = (_why_not_on(mark, readers[mark.log_uuid]) for mark in marks)
    return next((reason for reason in reasons if reason is not None), None)


def _why_not_on(mark: LogMark, reader: FoldedLog) -> str | None:
    if mark == LogMark.at_start(mark.log_uuid):
        return None
    try:
        block = reader.read_block(mark.next_offset - 1)
    except OffsetNotFound:
        return f"log {mark.log_uuid.hex()} ends before offset {mark.next_offset}: it was rolled back"
    if LogMark.behind(block) != mark:
        return f"log {mark.log_uuid.hex()} has another block before offset {mark.next_offset}"
    return None


def _decode(data: bytes) -> Checkpoint:
    """Give the checkpoint in these bytes; raises ValueError or a decoding error if they are not one."""
    view = memoryview(data)
    if sha256(view[:-_DIGEST_BYTES]).digest() != data[-_DIGEST_BYTES:]:
        raise ValueError("its content does not have the SHA-256 at its end")
    magic, file_format, head_bytes = _START.unpack_from(data)
    if (magic, file_format) != (MAGIC, FORMAT):
        raise ValueError(f"magic {magic!r} format {file_format} is not {MAGIC!r} format {FORMAT}")
    start = _START.size + head_bytes
    head = msgspec.msgpack.decode(data[_START.size : start], type=_Head)
    sections = {}
    for name, size in head.section_bytes.items():
        start += len(_padding(start))
        sections[name] = view[start : start + size]
        start += size
    return Checkpoint(head.projection, head.state_version, head.marks, sections, head.digests)


def _padding(size: int) -> bytes:
    return bytes(-size % _ALIGNMENT)


def _digest(parts: Iterable[bytes | memoryview]) -> bytes:
    digest = sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()
