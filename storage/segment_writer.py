"""The write side of a segment: create it, claim it, append to it, each commit synced before it returns."""

import errno
from pathlib import Path
from typing import Any

import lmdb

from storage.block import Block
from storage.block_header import offset_key
from storage.chain_tip import ChainTip
from storage.errors import DiskFull, LogPoisoned, PositionConflict
from storage.fence import raise_epoch, require_epoch
from storage.file_system import free_bytes, publish_directory
from storage.lmdb_environment import Environment, open_environment
from storage.log_directory import draft_segment, remove_drafts, segment_path
from storage.log_identity import LogIdentity
from storage.segment import BLOCKS, META, Segment
from storage.segment_meta import SegmentMeta

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_COMMIT_BYTES = 2**20
"""Room that a commit needs beside its block: the few tree pages it rewrites, with a wide margin."""


def create_segment(
    log: Path,
    number: int,
    *,
    identity: LogIdentity,
    origin: ChainTip,
    epoch: int,
    map_size_bytes: int,
    allow_volatile: bool,
) -> Segment:
    """Create a segment without blocks, or find the one another process has created, and open it for writing.

    It is prepared under a draft name and renamed, so a reader finds it whole or not at all.
    """
    draft, path = draft_segment(log, number), segment_path(log, number)
    environment = open_environment(
        draft, writer=True, create=True, map_size_bytes=map_size_bytes, allow_volatile=allow_volatile
    )
    try:
        _write_first(environment, number, identity, origin, epoch)
        published = publish_directory(draft, path)
        environment.path = path
        segment = Segment(environment, number) if published else None
    except BaseException:
        environment.close()
        raise
    if segment is None:
        environment.close()
        segment = Segment.open(
            log, number, writer=True, map_size_bytes=map_size_bytes, allow_volatile=allow_volatile
        )
    remove_drafts(log)
    return segment


def _write_first(
    environment: Environment, number: int, identity: LogIdentity, origin: ChainTip, epoch: int
) -> None:
    environment.database(BLOCKS, create=True)
    meta = SegmentMeta(environment.database(META, create=True))
    with environment.handle.begin(write=True) as txn:
        meta.write_first(txn, identity, number, origin, epoch)


def claim_segment(segment: Segment) -> int | None:
    """Raise the owner's epoch in a transaction of its own and give it; None if the segment is closed."""
    with segment.environment.handle.begin(write=True) as txn:
        return None if _is_closed(txn, segment, segment.meta.tip(txn)) else raise_epoch(txn, segment.meta)


def append_block(segment: Segment, block: Block, *, before: ChainTip, after: ChainTip) -> None:
    """Commit one block and its tip in one synced transaction, if epoch and tip are what the caller believes.

    Raises Fenced or PositionConflict, with nothing written; any error of LMDB leaves the outcome unknown.
    """
    with segment.environment.handle.begin(write=True) as txn:
        require_epoch(txn, segment.meta, block.header.epoch, segment.log)
        if segment.meta.tip(txn) != before:
            raise PositionConflict(segment.log, "it has another tip than this object has seen")
        if _is_closed(txn, segment, before):
            raise PositionConflict(segment.log, f"segment {segment.number} is closed")
        if not txn.put(block.header.key, block.data, append=True, db=segment.blocks):
            raise PositionConflict(segment.log, f"it holds blocks behind key {block.header.key.hex()}")
        segment.meta.write_tip(txn, after)


def _is_closed(txn: Any, segment: Segment, tip: ChainTip) -> bool:
    """Say whether there is a control block behind `tip`: it alone may have the key of the next offset."""
    return txn.get(offset_key(tip.next_offset), db=segment.blocks) is not None


def explain_failure(error: lmdb.Error | OSError, log: Path, block_bytes: int) -> LogPoisoned:
    """Give the exception for a failed write: DiskFull where space is the cause, else LogPoisoned.

    LMDB reports a short write on a full disk as EIO, so the free space is looked at as well.
    """
    code = error.errno if isinstance(error, OSError) else error.code
    no_space = isinstance(error, lmdb.MapFullError) or code in _NO_SPACE
    # The directory itself may be what could not be made.
    there = next(place for place in (log.resolve(), *log.resolve().parents) if place.exists())
    if no_space or free_bytes(there) < block_bytes + _COMMIT_BYTES:
        return DiskFull(log.name, str(error))
    return LogPoisoned(log.name, f"a write failed, its outcome is unknown: {error}")
