"""SipHash in plain Python integers, written from the paper (Aumasson and Bernstein, 2012).

It is the judge of the engine's hashes: `siphash(data, 2, 4, 16)` is SipHash-2-4-128, `siphash(data, 1, 3, 8)`
is SipHash-1-3. The key is the bytes 00 01 .. 0f, that of the authors' own test vectors.
"""

from functools import lru_cache

_MASK = 2**64 - 1
KEY = bytes(range(16))


@lru_cache(maxsize=100_000)
def siphash(data: bytes, compressions: int, finalizations: int, out_bytes: int, key: bytes = KEY) -> bytes:
    """The hash of `data`: 8 or 16 bytes, little-endian words as the reference code writes them."""
    k0, k1 = (int.from_bytes(key[i : i + 8], "little") for i in (0, 8))
    v = [k0 ^ 0x736F6D6570736575, k1 ^ 0x646F72616E646F6D, k0 ^ 0x6C7967656E657261, k1 ^ 0x7465646279746573]
    if out_bytes == 16:
        v[1] ^= 0xEE
    for word in _words(data):
        v[3] ^= word
        _rounds(v, compressions)
        v[0] ^= word
    v[2] ^= 0xEE if out_bytes == 16 else 0xFF
    _rounds(v, finalizations)
    first = v[0] ^ v[1] ^ v[2] ^ v[3]
    if out_bytes == 8:
        return first.to_bytes(8, "little")
    v[1] ^= 0xDD
    _rounds(v, finalizations)
    second = v[0] ^ v[1] ^ v[2] ^ v[3]
    return first.to_bytes(8, "little") + second.to_bytes(8, "little")


def _words(data: bytes) -> list[int]:
    """The message in words, the last one holding what is left and the length in its top byte."""
    whole = len(data) // 8 * 8
    words = [int.from_bytes(data[i : i + 8], "little") for i in range(0, whole, 8)]
    return [*words, int.from_bytes(data[whole:], "little") | (len(data) & 0xFF) << 56]


def _rounds(v: list[int], count: int) -> None:
    for _ in range(count):
        v[0] = (v[0] + v[1]) & _MASK
        v[1] = _rotated(v[1], 13) ^ v[0]
        v[0] = _rotated(v[0], 32)
        v[2] = (v[2] + v[3]) & _MASK
        v[3] = _rotated(v[3], 16) ^ v[2]
        v[0] = (v[0] + v[3]) & _MASK
        v[3] = _rotated(v[3], 21) ^ v[0]
        v[2] = (v[2] + v[1]) & _MASK
        v[1] = _rotated(v[1], 17) ^ v[2]
        v[2] = _rotated(v[2], 32)


def _rotated(word: int, bits: int) -> int:
    return (word << bits | word >> (64 - bits)) & _MASK


@lru_cache(maxsize=100_000)
def order_id(trade_date: int, account: bytes, cl_ord_id: bytes) -> int:
    """An order's id as one 128-bit number: the trade date in the top 32 bits, then 96 bits of the hash."""
    digest = siphash(account.ljust(16, b"\0") + cl_ord_id.ljust(20, b"\0"), 2, 4, 16)
    first, second = (int.from_bytes(digest[i : i + 8], "little") for i in (0, 8))
    return trade_date << 96 | (first >> 32) << 64 | second


@lru_cache(maxsize=100_000)
def execution_key(venue: int, trade_date: int, exec_id: bytes) -> int:
    """The key of an execution report as one 128-bit number."""
    head = venue.to_bytes(4, "little") + trade_date.to_bytes(4, "little")
    digest = siphash(head + exec_id.ljust(20, b"\0"), 2, 4, 16)
    first, second = (int.from_bytes(digest[i : i + 8], "little") for i in (0, 8))
    return first << 64 | second
