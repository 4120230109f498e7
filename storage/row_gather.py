"""Fetches single rows of a log by offset, many at a time, for answers to commands that were sent again."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from storage.block import Block
from storage.block_header import offset_key
from storage.chain_check import check_holds
from storage.errors import OffsetNotFound
from storage.segment import Segment
from storage.segment_set import SegmentSet


def gather_rows(segments: SegmentSet, offsets: ArrayLike, row_bytes: int) -> NDArray[np.uint8]:
    """Give the rows with these offsets, in the order asked for: uint8 of shape (n, row_bytes).

    Each block is visited once however many of its rows are asked for, so offsets that lie near each other are
    cheap. Raises OffsetNotFound for an offset that is not committed.
    """
    wanted = np.asarray(offsets, dtype=np.int64)
    order = np.argsort(wanted, kind="stable")
    ascending = wanted[order]
    rows = np.empty(len(wanted), dtype=f"V{row_bytes}")
    done = 0
    while done < len(ascending):
        segment = segments.holding(int(ascending[done]))
        got = _gather_from(segment, ascending, order, done, rows)
        if got == done:
            # Raises LogCorrupted where the row was committed, and only LMDB does not find it.
            segment.block_at(int(ascending[done]))
            raise OffsetNotFound(segments.log.name, int(ascending[done]))
        done = got
    return rows.view(np.uint8).reshape(len(wanted), row_bytes)


def _gather_from(
    segment: Segment,
    ascending: NDArray[np.int64],
    order: NDArray[np.intp],
    done: int,
    rows: NDArray[Any],
) -> int:
    """Fetch from one segment all rows that it holds, and give how many are done in all."""
    with segment.reading("single rows"), segment.cursor_on_map() as cursor:
        while done < len(ascending) and cursor.set_range(offset_key(int(ascending[done]))):
            block = segment.checked_once(bytes(cursor.key()), cursor.value())
            check_holds(block.header, int(ascending[done]))
            end = int(np.searchsorted(ascending, block.header.next_offset))
            if block.header.is_control or end == done:
                break
            rows[order[done:end]] = _pick(block, ascending[done:end], rows.dtype)
            done = end
    return done


def _pick(block: Block, offsets: NDArray[np.int64], dtype: np.dtype[Any]) -> NDArray[Any]:
    return block.rows(dtype)[offsets - block.header.base_offset]
