"""Where a log ends: everything that is needed to seal the next block, and nothing else."""

import struct
from dataclasses import dataclass

from storage.block_header import NO_HASH, BlockHeader
from storage.merkle import HASH_BYTES, Frontier, frontier_append, leaf_hash

_FIXED = struct.Struct("<QQqQ32s")


@dataclass(frozen=True, slots=True)
class ChainTip:
    """The end of a chain of blocks; immutable, so chains can be built ahead of their commits.

    Attributes:
        next_offset: offset that the next event will take; the first event of a log has offset 0.
        blocks: number of blocks so far, over all segments; the number of leaves in the log's tree.
        append_ts_last_ns: last append time, UTC nanoseconds; the next block may not be earlier.
        epoch: writer epoch of the last block; the next block may not have a lower one.
        block_hash: hash of the last block, zero bytes before the first.
        frontier: roots of the perfect subtrees over all block leaves, largest first (RFC 6962).
    """

    next_offset: int = 0
    blocks: int = 0
    append_ts_last_ns: int = 0
    epoch: int = 0
    block_hash: bytes = NO_HASH
    frontier: Frontier = ()

    def after(self, header: BlockHeader, frontier: Frontier) -> "ChainTip":
        """Give the tip behind a block that continues this one, with the frontier that holds its leaf."""
        return ChainTip(
            next_offset=header.next_offset,
            blocks=self.blocks + 1,
            append_ts_last_ns=header.append_ts_last_ns,
            epoch=header.epoch,
            block_hash=header.block_hash,
            frontier=frontier,
        )

    def frontier_with(self, prefix: bytes, body_root: bytes) -> Frontier:
        """Give the frontier after the leaf of a block with this prefix and body root."""
        return frontier_append(self.frontier, self.blocks, leaf_hash(prefix + body_root))

    def pack(self) -> bytes:
        """Give the tip as bytes: 64 fixed ones, then 32 for every bit set in `blocks`."""
        fixed = _FIXED.pack(
            self.next_offset, self.blocks, self.append_ts_last_ns, self.epoch, self.block_hash
        )
        return fixed + b"".join(self.frontier)

    @classmethod
    def unpack(cls, data: bytes) -> "ChainTip":
        """Give the tip that `pack` wrote; raises ValueError if the size can't be right."""
        if len(data) < _FIXED.size:
            raise ValueError(f"a tip of {len(data)} bytes is too short")
        next_offset, blocks, append_ts_last_ns, epoch, block_hash = _FIXED.unpack_from(data)
        if len(data) != _FIXED.size + HASH_BYTES * blocks.bit_count():
            raise ValueError(f"a tip over {blocks} blocks can't have {len(data)} bytes")
        hashes = [data[start : start + HASH_BYTES] for start in range(_FIXED.size, len(data), HASH_BYTES)]
        return cls(next_offset, blocks, append_ts_last_ns, epoch, block_hash, tuple(hashes))
