"""SipHash over machine words: order ids, execution keys and content fingerprints.

Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012); the 128-bit output is that of the
authors' reference code. The keys are public constants: the hash spreads ids, it keeps no secret.
"""

import numpy as np

from engine.kernel.jit import rule

ID_KEY = (np.uint64(0x0706050403020100), np.uint64(0x0F0E0D0C0B0A0908))
"""Key of every id, the bytes 00 01 .. 0f: the key of SipHash's own published vectors."""

_13 = np.uint64(13)
_16 = np.uint64(16)
_17 = np.uint64(17)
_21 = np.uint64(21)
_32 = np.uint64(32)
_64 = np.uint64(64)
_SALT0 = np.uint64(0x736F6D6570736575)
_SALT1 = np.uint64(0x646F72616E646F6D)
_SALT2 = np.uint64(0x6C7967656E657261)
_SALT3 = np.uint64(0x7465646279746573)
_KEY0 = ID_KEY[0]
_KEY1 = ID_KEY[1]


@rule
def _rotate(word, bits):
    return (word << bits) | (word >> (_64 - bits))


@rule
def _round(v0, v1, v2, v3):
    v0 = v0 + v1
    v1 = _rotate(v1, _13) ^ v0
    v0 = _rotate(v0, _32)
    v2 = v2 + v3
    v3 = _rotate(v3, _16) ^ v2
    v0 = v0 + v3
    v3 = _rotate(v3, _21) ^ v0
    v2 = v2 + v1
    v1 = _rotate(v1, _17) ^ v2
    v2 = _rotate(v2, _32)
    return v0, v1, v2, v3


@rule
def sip_start():
    """The state before a 64-bit hash."""
    return _KEY0 ^ _SALT0, _KEY1 ^ _SALT1, _KEY0 ^ _SALT2, _KEY1 ^ _SALT3


@rule
def sip_start_128():
    """The state before a 128-bit hash."""
    return _KEY0 ^ _SALT0, _KEY1 ^ _SALT1 ^ np.uint64(0xEE), _KEY0 ^ _SALT2, _KEY1 ^ _SALT3


@rule
def sip_word(v0, v1, v2, v3, word):
    """Take in one word by two rounds (SipHash-2-4)."""
    v3 = v3 ^ word
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ word, v1, v2, v3


@rule
def sip_word_fast(v0, v1, v2, v3, word):
    """Take in one word by one round (SipHash-1-3)."""
    v3 = v3 ^ word
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ word, v1, v2, v3


@rule
def sip_finish_128(v0, v1, v2, v3):
    """The 128-bit hash (SipHash-2-4), as the two words of its little-endian bytes."""
    v2 = v2 ^ np.uint64(0xEE)
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    first = v0 ^ v1 ^ v2 ^ v3
    v1 = v1 ^ np.uint64(0xDD)
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return first, v0 ^ v1 ^ v2 ^ v3


@rule
def sip_finish_fast(v0, v1, v2, v3):
    """The 64-bit hash (SipHash-1-3)."""
    v2 = v2 ^ np.uint64(0xFF)
    for _ in range(3):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ v1 ^ v2 ^ v3
