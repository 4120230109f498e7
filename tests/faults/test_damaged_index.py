"""A wrong key in LMDB's tree leads to another block: no reader takes it for the one that was asked for."""

import struct
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from storage.block import Block
from storage.data_file import DATA_FILE
from storage.errors import LogCorrupted
from storage.faults import FaultKind
from storage.log_reader import LogReader
from storage.verify_walk import LogWalk
from tests.faults.damages import BRANCH, PAGE_BYTES, flipped
from tests.unit.storage.made_logs import made_identity, make_log

SIZES = [3] * 60
EVENTS = sum(SIZES)


def separators(content: bytes) -> Iterator[int]:
    """Give the places of the last bytes of the keys in branch pages; the first key of a page is not used."""
    for start in range(0, len(content), PAGE_BYTES):
        flags, lower = struct.unpack_from("<HH", content, start + 10)
        if flags == BRANCH:
            for at in range(start + 18, start + lower, 2):
                (node,) = struct.unpack_from("<H", content, at)
                yield start + node + 15


def damaged_logs(log: Path) -> Iterator[None]:
    """Give a log a wrong key in its tree, again and again."""
    path = log / "000001" / DATA_FILE
    stored = path.read_bytes()
    for place in separators(stored):
        for bit in (0, 1, 3):
            path.write_bytes(flipped(stored, place, bit))
            yield
    path.write_bytes(stored)


def read(log: Path, offset: int) -> Block | None:
    """Give the block that a reader finds for an offset, or None if it says that the log is damaged."""
    with LogReader.open(log) as reader:
        try:
            return reader.read_block(offset)
        except LogCorrupted:
            return None


def test_a_block_is_the_one_asked_for_or_the_log_is_damaged(tmp_path: Path) -> None:
    log, refused = tmp_path / "p0000", 0
    make_log(log, SIZES)
    for _ in damaged_logs(log):
        for offset in range(0, EVENTS, 7):
            block = read(log, offset)
            refused += block is None
            assert block is None or block.header.base_offset <= offset < block.header.next_offset

    assert refused > 0


def by_copies(reader: LogReader) -> list[Block]:
    return list(reader.blocks(0))


def by_borrowing(reader: LogReader) -> list[Block]:
    """Borrow from each block on: so each is looked for."""
    found = list[Block]()
    while sum(block.header.count for block in found) < EVENTS:
        with reader.borrow(sum(block.header.count for block in found)) as blocks:
            found += [Block(block.header, bytes(block.data)) for block in islice(blocks, 1)]
    return found


def by_rows(reader: LogReader) -> list[Block]:
    """Fetch each row by itself; there are as many as asked for, or it raises."""
    for offset in range(EVENTS):
        assert len(reader.rows_at([offset])) == 1
    return by_copies(reader)


@pytest.mark.parametrize("read_all", [by_copies, by_borrowing, by_rows])
def test_all_blocks_are_read_or_the_log_is_damaged(
    tmp_path: Path, read_all: Callable[[LogReader], list[Block]]
) -> None:
    log, refused = tmp_path / "p0000", 0
    make_log(log, SIZES)
    for _ in damaged_logs(log):
        with LogReader.open(log) as reader:
            try:
                found = sum(block.header.count for block in read_all(reader))
            except LogCorrupted:
                refused += 1
                continue
        assert found == EVENTS

    assert refused > 0


def test_verify_names_the_index(tmp_path: Path) -> None:
    log, kinds = tmp_path / "p0000", set()
    make_log(log, SIZES)
    for _ in damaged_logs(log):
        fault = LogWalk(log, made_identity(), lambda _: None).run().fault
        kinds.add(fault.kind if fault else None)

    assert FaultKind.INDEX in kinds
    assert kinds <= {FaultKind.INDEX, None}
