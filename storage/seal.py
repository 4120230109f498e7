"""Turns rows into a sealed block: a pure function of the tip before it, so sealing can run ahead of commits.

`leaf = SHA-256(0x00 ‖ prefix ‖ body_root)`; `tree_root` is the RFC 6962 root over the leaves of all blocks
including this one; `block_hash = SHA-256(domain ‖ prefix ‖ tree_root ‖ body_root)`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from storage.block import Block, watermark_digest
from storage.block_body import NEXT_SEGMENT, WATERMARKS, body_root, encode_annex
from storage.block_header import CODEC_NONE, FLAG_CONTROL, HEADER_BYTES, NO_HASH, BlockHeader, block_hash
from storage.chain_tip import ChainTip
from storage.limits import BLOCK_BYTES_MAX, BLOCK_ROWS_MAX, ROW_BYTES_MAX
from storage.log_identity import LogIdentity
from storage.merkle import frontier_root


def seal(
    tip: ChainTip,
    rows: NDArray[Any],
    annex: Mapping[int, bytes],
    *,
    identity: LogIdentity,
    epoch: int,
    append_ts_first_ns: int,
    append_ts_last_ns: int,
    watermarks: Mapping[str, int] | None = None,
) -> tuple[Block, ChainTip]:
    """Give the block that continues `tip` with these rows, and the tip behind it. Nothing is stored.

    Args:
        tip: where the log ends, or will end once the blocks sealed before are committed.
        rows: C-contiguous; structured of shape (n,) or uint8 of shape (n, row_bytes); n ≥ 1.
        annex: row number in this block to MessagePack bytes; usually empty.
        identity: the log's name tag; its row width must be that of `rows`.
        epoch: what `EventLog.claim` gave.
        append_ts_first_ns: UTC nanoseconds, not earlier than the last append time of `tip`.
        append_ts_last_ns: UTC nanoseconds, not earlier than `append_ts_first_ns`.
        watermarks: source name to next position there, the whole map after this block.
    """
    view = _byte_view(rows, identity.row_bytes)
    assert all(0 <= row < len(rows) for row in annex), f"the annex names a row beyond the {len(rows)} given"
    notes, watermarks_digest = _watermark_note(watermarks)
    return _seal(
        tip,
        view,
        encode_annex({**annex, **notes}),
        identity=identity,
        flags=0,
        epoch=epoch,
        times_ns=(append_ts_first_ns, append_ts_last_ns),
        watermarks_digest=watermarks_digest,
    )


def seal_rotation(
    tip: ChainTip, *, identity: LogIdentity, epoch: int, append_ts_ns: int, next_segment: int
) -> tuple[Block, ChainTip]:
    """Give the control block that closes the segment and names the next one, and the tip behind it.

    It has no rows and takes no offset, but it is a link of the chain and a leaf of the tree like any other.
    """
    return _seal(
        tip,
        memoryview(b""),
        encode_annex({NEXT_SEGMENT: msgspec.msgpack.encode(next_segment)}),
        identity=identity,
        flags=FLAG_CONTROL,
        epoch=epoch,
        times_ns=(append_ts_ns, append_ts_ns),
        watermarks_digest=NO_HASH,
    )


def _seal(
    tip: ChainTip,
    rows: memoryview,
    area: bytes,
    *,
    identity: LogIdentity,
    flags: int,
    epoch: int,
    times_ns: tuple[int, int],
    watermarks_digest: bytes,
) -> tuple[Block, ChainTip]:
    """Fill in the header, first what goes into the hashes, then the hashes, and build the stored bytes."""
    draft = BlockHeader(
        flags=flags,
        row_bytes=identity.row_bytes,
        log_uuid=identity.log_uuid,
        partition=identity.partition,
        count=len(rows) // identity.row_bytes,
        epoch=epoch,
        base_offset=tip.next_offset,
        append_ts_first_ns=times_ns[0],
        append_ts_last_ns=times_ns[1],
        schema_digest=identity.schema_digest,
        code_version=identity.code_version,
        watermarks_digest=watermarks_digest,
        prev_block_hash=tip.block_hash,
        annex_bytes=len(area),
        body_root=body_root(rows, identity.row_bytes, area),
        tree_root=NO_HASH,
        block_hash=NO_HASH,
        codec=CODEC_NONE,
        stored_bytes=len(rows) + len(area),
    )
    _assert_continues(tip, draft)
    prefix = draft.prefix_bytes()
    frontier = tip.frontier_with(prefix, draft.body_root)
    root = frontier_root(frontier)
    sealed = block_hash(prefix, root, draft.body_root)
    header = msgspec.structs.replace(draft, tree_root=root, block_hash=sealed)
    return Block.build(header, rows, area), tip.after(header, frontier)


def _assert_continues(tip: ChainTip, draft: BlockHeader) -> None:
    """Check what only our own code can have got wrong."""
    assert tip.epoch <= draft.epoch, f"epoch {draft.epoch} is older than the tip's {tip.epoch}"
    assert tip.append_ts_last_ns <= draft.append_ts_first_ns, "append time goes back behind the tip's"
    assert draft.append_ts_first_ns <= draft.append_ts_last_ns, "the first append time is after the last"
    assert draft.count <= BLOCK_ROWS_MAX, f"{draft.count} rows are more than {BLOCK_ROWS_MAX} in a block"
    assert HEADER_BYTES + draft.stored_bytes <= BLOCK_BYTES_MAX, "a block has at most BLOCK_BYTES_MAX bytes"


def _byte_view(rows: NDArray[Any], row_bytes: int) -> memoryview:
    """Give the rows as a flat view of bytes, without a copy."""
    assert rows.flags.c_contiguous, "rows must be C-contiguous, so that they can be stored without a copy"
    assert row_bytes <= ROW_BYTES_MAX, f"a row has at most {ROW_BYTES_MAX} bytes"
    width = rows.shape[1] if rows.ndim == 2 else rows.dtype.itemsize
    assert width == row_bytes, f"a row of this log has {row_bytes} bytes, not {width}"
    assert len(rows) > 0, "a block has at least one row"
    return rows.view(np.uint8).reshape(-1).data


def _watermark_note(watermarks: Mapping[str, int] | None) -> tuple[dict[int, bytes], bytes]:
    """Give the annex note that holds the watermarks, and its digest for the header."""
    if not watermarks:
        return {}, watermark_digest(None)
    packed = msgspec.msgpack.encode(dict(sorted(watermarks.items())))
    return {WATERMARKS: packed}, watermark_digest(packed)
