"""A block: the unit that is sealed, stored, read and verified; its header, rows and annex."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec
import numpy as np
from crc32c import crc32c
from numpy.typing import DTypeLike, NDArray

from storage.block_body import NEXT_SEGMENT, WATERMARKS, body_root, decode_annex
from storage.block_header import (
    CODEC_NONE,
    HEADER_BYTES,
    NO_HASH,
    UNCHECKED_BYTES,
    BlockHeader,
    block_hash,
    pack_crc,
    unpack_header,
)
from storage.faults import BlockFault, FaultKind


class Block:
    """One block as its stored bytes with the header read; made by `seal` or by `Block.parse`.

    Attributes:
        header: the fixed fields, see `storage.block_header`.
        data: the whole stored value; `bytes`, or a `memoryview` into the map while it is borrowed.
    """

    __slots__ = ("_body", "data", "header")

    def __init__(self, header: BlockHeader, data: bytes | memoryview) -> None:
        self.header = header
        self.data = data
        self._body = memoryview(data)[HEADER_BYTES:]

    @classmethod
    def build(cls, header: BlockHeader, rows: memoryview, annex: bytes) -> "Block":
        """Give the block of a finished header, its rows and its annex area; copies the rows once."""
        head = header.pack()
        crc = crc32c(annex, crc32c(rows, crc32c(head)))
        return cls(header, b"".join((head, pack_crc(crc), rows, annex)))

    @classmethod
    def parse(cls, data: bytes | memoryview) -> "Block":
        """Give the block stored in `data` after checking its shape and its CRC; copies nothing.

        Raises BlockFault (MALFORMED or CRC) if the bytes are not what was written.
        """
        try:
            header, crc_stored = unpack_header(data)
        except ValueError as error:
            raise BlockFault(FaultKind.MALFORMED, str(error)) from error

        view = memoryview(data)
        crc = crc32c(view[HEADER_BYTES:], crc32c(view[:UNCHECKED_BYTES]))
        if crc != crc_stored:
            raise BlockFault(FaultKind.CRC, f"CRC32C is {crc:08x}, stored is {crc_stored:08x}")
        _check_shape(header, len(data))
        return cls(header, data)

    def rows(self, dtype: DTypeLike | None = None) -> NDArray[Any]:
        """Give the rows as a read-only view of the stored bytes.

        Without `dtype`: uint8 of shape (count, row_bytes). With one of `row_bytes` bytes: shape (count,).
        A view whose fields would not lie aligned is replaced by a copy.
        """
        header = self.header
        flat = np.frombuffer(self._body, np.uint8, header.count * header.row_bytes)
        if dtype is None:
            return flat.reshape(header.count, header.row_bytes)
        typed = flat.view(dtype)
        assert len(typed) == header.count, f"{dtype} has not the {header.row_bytes} bytes of a row"
        return typed if typed.flags.aligned else typed.copy()

    @property
    def annex(self) -> dict[int, bytes]:
        """Give the annex: row number in this block to the MessagePack bytes that came with the row."""
        return {row: data for row, data in self._entries().items() if row < NEXT_SEGMENT}

    @property
    def watermarks(self) -> Mapping[str, int]:
        """Give the source watermarks after this block: source name to the next position to read there."""
        packed = self._entries().get(WATERMARKS)
        return {} if packed is None else msgspec.msgpack.decode(packed, type=dict[str, int])

    @property
    def next_segment(self) -> int:
        """Give the number of the segment that a control block names."""
        assert self.header.is_control, "only a control block names a segment"
        return msgspec.msgpack.decode(self._entries()[NEXT_SEGMENT], type=int)

    def check_hashes(self) -> None:
        """Recompute the body root and the block hash from the stored bytes.

        Raises BlockFault (MALFORMED, BODY_HASH or BLOCK_HASH) where they differ from the header's.
        """
        header = self.header
        try:
            root = body_root(self._row_view(), header.row_bytes, self._annex_view())
        except ValueError as error:
            raise BlockFault(FaultKind.MALFORMED, str(error)) from error
        if root != header.body_root:
            raise BlockFault(FaultKind.BODY_HASH, "the rows or the annex are not those that were hashed")
        if block_hash(header.prefix_bytes(), header.tree_root, root) != header.block_hash:
            raise BlockFault(FaultKind.BLOCK_HASH, "the header is not the one that was hashed")
        if watermark_digest(self._entries().get(WATERMARKS)) != header.watermarks_digest:
            raise BlockFault(FaultKind.MALFORMED, "the watermarks are not those that the header names")

    def _entries(self) -> dict[int, bytes]:
        return decode_annex(self._annex_view())

    def _row_view(self) -> memoryview:
        return self._body[: self.header.count * self.header.row_bytes]

    def _annex_view(self) -> memoryview:
        return self._body[self.header.count * self.header.row_bytes :]


def watermark_digest(packed: bytes | None) -> bytes:
    """Give the header's digest of packed watermarks: zero bytes when there are none."""
    return NO_HASH if packed is None else sha256(packed).digest()


def _check_shape(header: BlockHeader, size: int) -> None:
    """Raise BlockFault unless the sizes in the header agree with each other and with the stored size."""
    if header.codec != CODEC_NONE:
        raise BlockFault(FaultKind.MALFORMED, f"codec {header.codec} is unknown to this version")
    body_bytes = header.count * header.row_bytes + header.annex_bytes
    if not header.stored_bytes == body_bytes == size - HEADER_BYTES:
        detail = f"the header tells of {body_bytes} body bytes, {size - HEADER_BYTES} are stored"
        raise BlockFault(FaultKind.MALFORMED, detail)
    if header.is_control != (header.count == 0):
        raise BlockFault(FaultKind.MALFORMED, "a block without rows must be a control block, and no other")
