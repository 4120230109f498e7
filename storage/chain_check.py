"""Checks that a stored block is sound, belongs to this log and continues the chain before it."""

from storage.block import Block
from storage.block_header import BlockHeader
from storage.chain_tip import ChainTip
from storage.faults import BlockFault, FaultKind
from storage.log_identity import LogIdentity
from storage.merkle import frontier_root


def read_block(data: bytes | memoryview, *, key: bytes, identity: LogIdentity) -> Block:
    """Give the block stored under `key`, its hashes recomputed and its name tag compared.

    Raises BlockFault with the first thing that is wrong with the block by itself.
    """
    block = Block.parse(data)
    header = block.header
    check_name_tag(header.log_uuid, header.partition, header.row_bytes, identity)
    if header.key != key:
        raise BlockFault(FaultKind.KEY, f"stored under key {key.hex()}, its own is {header.key.hex()}")
    block.check_hashes()
    return block


def check_name_tag(log_uuid: bytes, partition: int, row_bytes: int, identity: LogIdentity) -> None:
    """Check what a block or segment says of its log; raises BlockFault with the first difference."""
    if log_uuid != identity.log_uuid:
        detail = f"log uuid is {log_uuid.hex()}, this log's is {identity.log_uuid.hex()}"
        raise BlockFault(FaultKind.FOREIGN_LOG, detail)
    if partition != identity.partition:
        detail = f"partition is {partition}, this log's is {identity.partition}"
        raise BlockFault(FaultKind.WRONG_PARTITION, detail)
    if row_bytes != identity.row_bytes:
        detail = f"rows have {row_bytes} bytes, this log's have {identity.row_bytes}"
        raise BlockFault(FaultKind.ROW_WIDTH, detail)


def check_holds(header: BlockHeader, offset: int) -> None:
    """Check that the block which LMDB found for an offset holds it, or closes the segment right before it.

    The keys in LMDB's tree pages have no checksum: a damaged one leads to another block, or past it. Raises
    BlockFault (INDEX).
    """
    end = header.base_offset + 1 if header.is_control else header.next_offset
    if not header.base_offset <= offset < end:
        detail = f"looking for offset {offset} finds the block of {header.base_offset} … {header.next_offset}"
        raise BlockFault(FaultKind.INDEX, detail)


def check_link(before: BlockHeader | ChainTip, header: BlockHeader) -> None:
    """Check that a block continues the header or tip before it: offsets, hash, time and epoch.

    Raises BlockFault with the first link that does not hold.
    """
    if header.base_offset != before.next_offset:
        detail = f"starts at offset {header.base_offset}, {before.next_offset} was expected"
        raise BlockFault(FaultKind.OFFSET_GAP, detail)
    if header.prev_block_hash != before.block_hash:
        raise BlockFault(FaultKind.CHAIN_LINK, "does not name the hash of the block before it")
    if not before.append_ts_last_ns <= header.append_ts_first_ns <= header.append_ts_last_ns:
        detail = f"append times {header.append_ts_first_ns} … {header.append_ts_last_ns} ns go back"
        raise BlockFault(FaultKind.TIME_GOES_BACK, detail)
    if header.epoch < before.epoch:
        detail = f"epoch {header.epoch} comes after epoch {before.epoch}"
        raise BlockFault(FaultKind.EPOCH_GOES_BACK, detail)


def advance(before: ChainTip, block: Block) -> ChainTip:
    """Give the tip behind a sound block that must continue `before`, its tree root recomputed.

    Raises BlockFault if it does not continue the chain, or if its tree root is not the tree's.
    """
    header = block.header
    check_link(before, header)
    frontier = before.frontier_with(header.prefix_bytes(), header.body_root)
    if frontier_root(frontier) != header.tree_root:
        raise BlockFault(FaultKind.TREE_ROOT, "the tree over all blocks so far has another root")
    return before.after(header, frontier)
