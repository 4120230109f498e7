"""Verifies the end of a segment when its log is opened: what a crash can have harmed is there or nowhere."""

from itertools import pairwise

from storage.block import Block
from storage.chain_check import advance, check_link, read_block
from storage.chain_tip import ChainTip
from storage.errors import LogCorrupted
from storage.faults import BlockFault, FaultKind
from storage.limits import TAIL_BLOCKS
from storage.log_identity import LogIdentity
from storage.merkle import frontier_root
from storage.segment import Segment, StoredBlock


def check_tail(segment: Segment, identity: LogIdentity) -> tuple[ChainTip, int | None]:
    """Give the segment's tip, and the segment that its control block names if it is closed.

    The last blocks are read back: CRC, hashes, name tag, the links between them, and that the frontier kept
    in `meta` has the root which the last block states. Raises LogCorrupted naming the block and the fault.
    """
    stored, tip = segment.stored_last(TAIL_BLOCKS)
    blocks = [_checked(segment, entry, identity) for entry in stored]
    whole = not blocks or blocks[0].header.base_offset == segment.origin.next_offset
    try:
        _check_chain(segment.origin, blocks) if whole else _check_links(blocks)
        _check_tip(tip, blocks[-1] if blocks else None, segment.origin)
    except BlockFault as fault:
        raise LogCorrupted(segment.log, f"segment {segment.number}, last blocks", str(fault)) from fault
    closed = bool(blocks) and blocks[-1].header.is_control
    return tip, blocks[-1].next_segment if closed else None


def _checked(segment: Segment, stored: StoredBlock, identity: LogIdentity) -> Block:
    try:
        return read_block(stored.data, key=stored.key, identity=identity)
    except BlockFault as fault:
        place = f"segment {segment.number}, block with key {int.from_bytes(stored.key, 'big')}"
        raise LogCorrupted(segment.log, place, str(fault)) from fault


def _check_chain(origin: ChainTip, blocks: list[Block]) -> None:
    for block in blocks:
        origin = advance(origin, block)


def _check_links(blocks: list[Block]) -> None:
    for before, block in pairwise(blocks):
        check_link(before.header, block.header)


def _check_tip(tip: ChainTip, last: Block | None, origin: ChainTip) -> None:
    """Check that the tip in `meta` is the one behind the last block."""
    if last is None:
        agrees = tip == origin
    else:
        agrees = tip.block_hash == last.header.block_hash and tip.next_offset == last.header.next_offset
    if not agrees:
        raise BlockFault(FaultKind.META, "the tip record does not belong to the last block")
    if last is not None and frontier_root(tip.frontier) != last.header.tree_root:
        raise BlockFault(FaultKind.FRONTIER, "the frontier has not the root that the last block states")
