"""A second reader of blocks, written from docs/data-format.md with struct and hashlib and nothing of ours.

It is slow and checks nothing; it is what the page says, so that page, writer and this must all agree.
"""

import struct
from hashlib import sha256
from typing import NamedTuple


class PlainBlock(NamedTuple):
    """What the page says is in a block."""

    prefix: bytes
    rows: list[bytes]
    annex: list[tuple[int, bytes]]
    body_root: bytes
    tree_root: bytes
    block_hash: bytes


def read_plain(value: bytes) -> PlainBlock:
    """Cut a stored block into its parts by the byte table."""
    row_bytes = struct.unpack_from("<H", value, 6)[0]
    count = struct.unpack_from("<I", value, 28)[0]
    annex_bytes = struct.unpack_from("<I", value, 192)[0]
    body = value[304:]
    rows = [body[start : start + row_bytes] for start in range(0, count * row_bytes, row_bytes)]
    area = body[count * row_bytes : count * row_bytes + annex_bytes]
    return PlainBlock(value[:196], rows, plain_annex(area), value[196:228], value[228:260], value[260:292])


def plain_annex(area: bytes) -> list[tuple[int, bytes]]:
    """Cut the annex area into its entries."""
    entries = []
    while area:
        row, size = struct.unpack_from("<II", area)
        entries.append((row, area[8 : 8 + size]))
        area = area[8 + size :]
    return entries


def plain_body_root(block: PlainBlock) -> bytes:
    """The root of the body tree: one leaf for every 32 rows and their entries, one for the notes."""
    leaves = []
    for first in range(0, len(block.rows), 32):
        entries = [entry for entry in block.annex if first <= entry[0] < first + 32]
        leaves.append(_leaf(block.rows[first : first + 32], entries))
    notes = [entry for entry in block.annex if entry[0] >= 0xFFFFFFFE]
    if notes:
        leaves.append(_leaf([], notes))
    return plain_root(leaves)


def _leaf(rows: list[bytes], entries: list[tuple[int, bytes]]) -> bytes:
    text = b"".join(rows)
    area = b"".join(struct.pack("<II", row, len(data)) + data for row, data in entries)
    return sha256(b"\x00" + struct.pack("<II", len(text), len(area)) + text + area).digest()


def plain_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, word for word and as slow as it looks."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + plain_root(leaves[:split]) + plain_root(leaves[split:])).digest()


def plain_hashes(chain: list[PlainBlock]) -> list[tuple[bytes, bytes, bytes]]:
    """Body root, tree root and block hash of every block of a chain that begins with the log's first."""
    leaves, hashes = [], []
    for block in chain:
        body_root = plain_body_root(block)
        leaves.append(sha256(b"\x00" + block.prefix + body_root).digest())
        tree_root = plain_root(leaves)
        sealed = sha256(b"orderfold/block/1" + block.prefix + tree_root + body_root).digest()
        hashes.append((body_root, tree_root, sealed))
    return hashes
