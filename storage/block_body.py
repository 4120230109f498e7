"""The body of a block: rows, then the annex area; and the tree root over both.

The annex area is a run of entries, ascending by row: `row u32 | size u32 | size bytes`. A row number of
`WATERMARKS` or `NEXT_SEGMENT` marks a note about the whole block instead of one row.

The body tree has one leaf for every 32 rows, and one more for the notes if there are any:
`SHA-256(0x00 ‖ rows_bytes u32 ‖ annex_bytes u32 ‖ rows ‖ their annex entries)`, little-endian.
"""

import struct
from collections.abc import Iterator, Mapping
from hashlib import sha256

from storage.limits import CHUNK_ROWS
from storage.merkle import tree_root

NEXT_SEGMENT = 0xFFFF_FFFE
WATERMARKS = 0xFFFF_FFFF
NOTES = -1

_ENTRY = struct.Struct("<II")
_LEAF_HEAD = struct.Struct("<BII")


def encode_annex(annex: Mapping[int, bytes]) -> bytes:
    """Give the annex area for a map of row number (or note) to MessagePack bytes."""
    return b"".join(_ENTRY.pack(row, len(annex[row])) + annex[row] for row in sorted(annex))


def decode_annex(area: bytes | memoryview) -> dict[int, bytes]:
    """Give the map of row number (or note) to bytes; raises ValueError if the entries are malformed."""
    return {row: bytes(area[start + _ENTRY.size : end]) for row, start, end in _entries(area)}


def _entries(area: bytes | memoryview) -> Iterator[tuple[int, int, int]]:
    """Give row, start and end of every annex entry, its eight bytes of head included."""
    start, row_before = 0, -1
    while start < len(area):
        if start + _ENTRY.size > len(area):
            raise ValueError(f"the annex ends inside the head of the entry at byte {start}")
        row, size = _ENTRY.unpack_from(area, start)
        end = start + _ENTRY.size + size
        if end > len(area):
            raise ValueError(f"the annex entry of row {row} runs over the end of the annex")
        if row <= row_before:
            raise ValueError(f"the annex entry of row {row} follows that of row {row_before}")
        yield row, start, end
        start, row_before = end, row


def body_root(rows: memoryview, row_bytes: int, annex: bytes | memoryview) -> bytes:
    """Give the root of the body tree over stored rows (a flat byte view) and the stored annex area.

    This is the hot path of sealing: 0.13 µs for a row of 192 bytes, 0.10 of it the bare SHA-256 of the bytes.
    Raises ValueError if the annex is malformed or names a row that is not there.
    """
    chunk_bytes = CHUNK_ROWS * row_bytes
    leaves = _plain_leaves(rows, chunk_bytes)
    for chunk, span in _annex_spans(annex, rows=len(rows) // row_bytes).items():
        if chunk == NOTES:
            leaves.append(_chunk_leaf(rows[:0], annex[span]))
        else:
            leaves[chunk] = _chunk_leaf(rows[chunk * chunk_bytes :][:chunk_bytes], annex[span])
    return tree_root(leaves)


def _plain_leaves(rows: memoryview, chunk_bytes: int) -> list[bytes]:
    """Give the leaves of all chunks as if none had an annex, which is how nearly all of them are."""
    whole_chunk = sha256(_LEAF_HEAD.pack(0, chunk_bytes, 0))
    whole_bytes = len(rows) - len(rows) % chunk_bytes
    leaves = []
    for start in range(0, whole_bytes, chunk_bytes):
        leaf = whole_chunk.copy()
        leaf.update(rows[start : start + chunk_bytes])
        leaves.append(leaf.digest())
    if whole_bytes < len(rows):
        leaves.append(_chunk_leaf(rows[whole_bytes:], b""))
    return leaves


def _chunk_leaf(rows: memoryview, annex: bytes | memoryview) -> bytes:
    leaf = sha256(_LEAF_HEAD.pack(0, len(rows), len(annex)))
    leaf.update(rows)
    leaf.update(annex)
    return leaf.digest()


def _annex_spans(annex: bytes | memoryview, *, rows: int) -> dict[int, slice]:
    """Give for every chunk that has annex entries (and for the notes) where they lie."""
    spans: dict[int, slice] = {}
    for row, start, end in _entries(annex):
        if rows <= row < NEXT_SEGMENT:
            raise ValueError(f"an annex entry names row {row} of a block of {rows} rows")
        chunk = NOTES if row >= NEXT_SEGMENT else row // CHUNK_ROWS
        spans[chunk] = slice(spans.get(chunk, slice(start, end)).start, end)
    return spans
