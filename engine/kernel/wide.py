"""Exact 128-bit arithmetic in two machine words: what cash, cost and notionals need.

A wide number is (hi, lo), two's complement: hi int64, lo uint64. Multiplication goes through 32-bit halves,
so that no partial product passes 64 bits. Division is schoolbook, bit by bit from the top.
"""

import numpy as np

from engine.kernel.jit import rule

_MASK32 = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_0 = np.uint64(0)
_1 = np.uint64(1)


@rule
def wide(value):
    """An int64 as a wide number."""
    return np.int64(value) >> np.int64(63), np.uint64(np.int64(value))


@rule
def wide_add(a_hi, a_lo, b_hi, b_lo):
    """a + b; the caller's bounds keep the sum inside 128 bits."""
    lo = a_lo + b_lo
    carry = np.int64(1) if lo < a_lo else np.int64(0)
    return a_hi + b_hi + carry, lo


@rule
def wide_neg(hi, lo):
    """-a."""
    new_lo = ~lo + _1
    carry = np.int64(1) if new_lo == _0 else np.int64(0)
    return ~hi + carry, new_lo


@rule
def wide_sub(a_hi, a_lo, b_hi, b_lo):
    """a - b."""
    n_hi, n_lo = wide_neg(b_hi, b_lo)
    return wide_add(a_hi, a_lo, n_hi, n_lo)


@rule
def wide_less(a_hi, a_lo, b_hi, b_lo):
    """a < b."""
    return a_hi < b_hi or (a_hi == b_hi and a_lo < b_lo)


@rule
def multiply_words(a, b):
    """The 128-bit product of two unsigned words, as (high word, low word)."""
    a0 = a & _MASK32
    a1 = a >> _32
    b0 = b & _MASK32
    b1 = b >> _32
    low = a0 * b0
    middle = a1 * b0 + (low >> _32)
    cross = a0 * b1 + (middle & _MASK32)
    high = a1 * b1 + (middle >> _32) + (cross >> _32)
    return high, (cross << _32) | (low & _MASK32)


@rule
def wide_multiply(a, b):
    """The exact product of two int64 above -2**63, as a wide number."""
    high, low = multiply_words(np.uint64(abs(a)), np.uint64(abs(b)))
    hi = np.int64(high)
    if (a < 0) != (b < 0):
        return wide_neg(hi, low)
    return hi, low


@rule
def wide_scale(hi, lo, factor):
    """A wide number times an int64 in 1..MONEY_FACTOR_MAX; the caller's bounds keep it inside 128 bits."""
    is_negative = hi < 0
    if is_negative:
        hi, lo = wide_neg(hi, lo)
    carry, low = multiply_words(lo, np.uint64(factor))
    high = hi * factor + np.int64(carry)
    if is_negative:
        return wide_neg(high, low)
    return high, low


@rule
def wide_fits(hi, lo):
    """Whether a wide number is an int64."""
    return hi == (np.int64(lo) >> np.int64(63))


@rule
def wide_exceeds(hi, bits):
    """Whether a wide number of zero or more, seen by its high word, takes more than `bits` bits (64-126)."""
    return hi >> np.int64(bits - 64) != 0


@rule
def wide_takes(hi, lo, bits):
    """Whether the amount of a wide number takes no more than `bits` bits (64-126)."""
    if hi < 0:
        hi, lo = wide_neg(hi, lo)
    return hi >= 0 and not wide_exceeds(hi, bits)


@rule
def _divide_step(remainder, word, divisor):
    """Divide (remainder, word) by a divisor below 2**63: the quotient word and the next remainder."""
    quotient = _0
    for bit in range(64):
        remainder = (remainder << _1) | ((word >> np.uint64(63 - bit)) & _1)
        quotient = quotient << _1
        if remainder >= divisor:
            remainder = remainder - divisor
            quotient = quotient | _1
    return quotient, remainder


@rule
def _multiply_divide(hi, lo, part, whole):
    """a x part / whole rounded half to even, for a of zero or more: the quotient in three words, high first.

    The product has up to 190 bits and is kept in three words. Where it fits one word, one machine division
    answers.
    """
    divisor = np.uint64(whole)
    carry, p0 = multiply_words(lo, np.uint64(part))
    p2, p1 = multiply_words(np.uint64(hi), np.uint64(part))
    p1 = p1 + carry
    if p1 < carry:
        p2 = p2 + _1
    if p2 == _0 and p1 == _0:
        q2, q1, q0 = _0, _0, p0 // divisor
        remainder = p0 - q0 * divisor
    else:
        q2, remainder = _divide_step(_0, p2, divisor)
        q1, remainder = _divide_step(remainder, p1, divisor)
        q0, remainder = _divide_step(remainder, p0, divisor)
    twice = remainder + remainder
    if twice > divisor or (twice == divisor and (q0 & _1) == _1):
        q0 = q0 + _1
        if q0 == _0:
            q1 = q1 + _1
            if q1 == _0:
                q2 = q2 + _1
    return q2, q1, q0


@rule
def wide_share(hi, lo, part, whole):
    """a x part / whole rounded half to even, exact for any wide a; int64 with 0 <= part <= whole, 0 < whole.

    The result is no larger than a.
    """
    is_negative = hi < 0
    if is_negative:
        hi, lo = wide_neg(hi, lo)
    _, q1, q0 = _multiply_divide(hi, lo, part, whole)
    high = np.int64(q1)
    if is_negative:
        return wide_neg(high, q0)
    return high, q0


@rule
def wide_exchange(hi, lo, numerator, denominator, bits):
    """a x numerator / denominator rounded half to even, both int64 above 0: (whether it fits, hi, lo).

    It fits where neither a nor the result takes more than `bits` bits (64-126), and is 0 where it does not.
    """
    is_negative = hi < 0
    if is_negative:
        hi, lo = wide_neg(hi, lo)
    q2, q1, q0 = _multiply_divide(hi, lo, numerator, denominator)
    high = np.int64(q1)
    if hi < 0 or wide_exceeds(hi, bits) or q2 != _0 or high < 0 or wide_exceeds(high, bits):
        return False, np.int64(0), _0
    if is_negative:
        high, q0 = wide_neg(high, q0)
    return True, high, q0
