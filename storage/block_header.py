"""The fixed 304 bytes in front of every block, and what each of them means.

        0  magic "OFBK" | format u8 | flags u8 | row_bytes u16
        8  log_uuid 16B
       24  partition u32 | count u32
       32  epoch u64 | base_offset u64
       48  append_ts_first_ns i64 | append_ts_last_ns i64
       64  schema_digest 32B
       96  code_version 32B
      128  watermarks_digest 32B                 zero bytes when there are no watermarks
      160  prev_block_hash 32B                   zero bytes in the first block of a log
      192  annex_bytes u32                       ── the prefix ends at 196; it goes into the hashes
      196  body_root 32B | tree_root 32B | block_hash 32B
      292  codec u8 | 3 zero bytes | stored_bytes u32     the envelope of the body, in no hash
      300  crc32c u32                            over bytes 0 … 299 and the stored body, in no hash

Little-endian. In the map of LMDB a large value starts 16 bytes after a page, so 304 bytes of header put
the first row on a multiple of 64.
"""

import struct
from hashlib import sha256

import msgspec

MAGIC = b"OFBK"
FORMAT = 1
FLAG_CONTROL = 0x01
CODEC_NONE = 0
BLOCK_DOMAIN = b"orderfold/block/1"
NO_HASH = bytes(32)

_PREFIX = struct.Struct("<4sBBH16sIIQQqq32s32s32s32sI")
_SEALS = struct.Struct("<32s32s32sB3xI")
_CRC = struct.Struct("<I")

_PREFIX_FIELDS = 14

PREFIX_BYTES = _PREFIX.size
UNCHECKED_BYTES = PREFIX_BYTES + _SEALS.size
HEADER_BYTES = UNCHECKED_BYTES + _CRC.size
assert (PREFIX_BYTES, HEADER_BYTES) == (196, 304), "the header layout is part of the format"


class BlockHeader(msgspec.Struct, frozen=True):
    """The header of one block; the drawing above says where each field lies."""

    flags: int
    row_bytes: int
    log_uuid: bytes
    partition: int
    count: int
    epoch: int
    base_offset: int
    append_ts_first_ns: int
    append_ts_last_ns: int
    schema_digest: bytes
    code_version: bytes
    watermarks_digest: bytes
    prev_block_hash: bytes
    annex_bytes: int
    body_root: bytes
    tree_root: bytes
    block_hash: bytes
    codec: int
    stored_bytes: int

    @property
    def next_offset(self) -> int:
        """Give the offset that follows the last event of this block."""
        return self.base_offset + self.count

    @property
    def is_control(self) -> bool:
        """Say whether this block closes a segment; such a block has no rows and takes no offset."""
        return bool(self.flags & FLAG_CONTROL)

    @property
    def key(self) -> bytes:
        """Give the block's key in its segment: last offset, u64 big-endian.

        A control block has no last offset. Its key is the next one, which no event of its segment can take.
        """
        return offset_key(self.base_offset if self.is_control else self.next_offset - 1)

    def prefix_bytes(self) -> bytes:
        """Give the 196 bytes that go into the hashes."""
        return _PREFIX.pack(MAGIC, FORMAT, *msgspec.structs.astuple(self)[:_PREFIX_FIELDS])

    def pack(self) -> bytes:
        """Give the first 300 bytes: everything that the CRC covers."""
        return self.prefix_bytes() + _SEALS.pack(*msgspec.structs.astuple(self)[_PREFIX_FIELDS:])


def offset_key(offset: int) -> bytes:
    """Give an offset as a key: eight bytes whose byte order is number order."""
    return offset.to_bytes(8, "big")


def pack_crc(crc32c: int) -> bytes:
    """Give the last four bytes of a header."""
    return _CRC.pack(crc32c)


def unpack_header(data: bytes | memoryview) -> tuple[BlockHeader, int]:
    """Give the header at the start of `data`, and the CRC32C stored in it.

    Raises ValueError if `data` is too short, or starts with another magic or an unknown format.
    """
    if len(data) < HEADER_BYTES:
        raise ValueError(f"{len(data)} bytes are too few for a header of {HEADER_BYTES}")
    magic, block_format, *prefix = _PREFIX.unpack_from(data, 0)
    if magic != MAGIC or block_format != FORMAT:
        raise ValueError(f"magic {magic!r} format {block_format} is not {MAGIC!r} format {FORMAT}")
    seals = _SEALS.unpack_from(data, PREFIX_BYTES)
    (crc32c,) = _CRC.unpack_from(data, UNCHECKED_BYTES)
    return BlockHeader(*prefix, *seals), crc32c


def block_hash(prefix: bytes, tree_root: bytes, body_root: bytes) -> bytes:
    """Give the hash that the next block points back to."""
    return sha256(BLOCK_DOMAIN + prefix + tree_root + body_root).digest()
