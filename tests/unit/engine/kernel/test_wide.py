"""128-bit arithmetic in two words is what Python's integers say, at every extreme."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from engine.kernel.jit import entry
from engine.kernel.wide import (
    multiply_words,
    wide,
    wide_add,
    wide_exceeds,
    wide_exchange,
    wide_fits,
    wide_less,
    wide_multiply,
    wide_neg,
    wide_scale,
    wide_share,
    wide_sub,
    wide_takes,
)
from engine.limits import MONEY_FACTOR_MAX, NOTIONAL_BITS_MAX, PRICE_MAX, QTY_MAX, RATE_MAX

WIDE_MAX = 2**127 - 1
WORD_MAX = 2**64 - 1
INT64_MAX = 2**63 - 1


def around(*centres: int) -> st.SearchStrategy[int]:
    """Numbers at, just below and just above where words begin and end."""
    near = [sign * centre + step for centre in centres for sign in (1, -1) for step in (-1, 0, 1)]
    return st.sampled_from(near)


WIDES = st.one_of(
    st.integers(-WIDE_MAX, WIDE_MAX),
    around(0, 2**32, 2**63, 2**64, 2**96, 2**126).filter(lambda value: abs(value) <= WIDE_MAX),
    st.sampled_from([WIDE_MAX, -WIDE_MAX]),
)
INT64S = st.one_of(
    st.integers(-INT64_MAX, INT64_MAX),
    around(0, 2**31, 2**32, 2**62),
    st.sampled_from([INT64_MAX, -INT64_MAX]),
)
WORDS = st.one_of(st.integers(0, WORD_MAX), st.sampled_from([0, 1, 2**32 - 1, 2**32, 2**63, WORD_MAX]))
COUNTS = INT64S.map(abs)


@entry
def add(a_hi: Any, a_lo: Any, b_hi: Any, b_lo: Any) -> Any:
    return wide_add(a_hi, a_lo, b_hi, b_lo)


@entry
def exchange(hi: Any, lo: Any, numerator: Any, denominator: Any, bits: Any) -> Any:
    return wide_exchange(hi, lo, numerator, denominator, bits)


@entry
def subtract(a_hi: Any, a_lo: Any, b_hi: Any, b_lo: Any) -> Any:
    return wide_sub(a_hi, a_lo, b_hi, b_lo)


@entry
def less(a_hi: Any, a_lo: Any, b_hi: Any, b_lo: Any) -> Any:
    return wide_less(a_hi, a_lo, b_hi, b_lo)


@entry
def negate(hi: Any, lo: Any) -> Any:
    return wide_neg(hi, lo)


@entry
def widen(value: Any) -> Any:
    return wide(value)


@entry
def multiply_unsigned(a: Any, b: Any) -> Any:
    return multiply_words(a, b)


@entry
def multiply(a: Any, b: Any) -> Any:
    return wide_multiply(a, b)


@entry
def scale(hi: Any, lo: Any, factor: Any) -> Any:
    return wide_scale(hi, lo, factor)


@entry
def share(hi: Any, lo: Any, part: Any, whole: Any) -> Any:
    return wide_share(hi, lo, part, whole)


@entry
def fits(hi: Any, lo: Any) -> Any:
    return wide_fits(hi, lo)


@entry
def takes(hi: Any, lo: Any, bits: Any) -> Any:
    return wide_takes(hi, lo, bits)


@entry
def exceeds(hi: Any, bits: Any) -> Any:
    return wide_exceeds(hi, bits)


def words(value: int) -> tuple[np.int64, np.uint64]:
    """A Python integer as a wide number."""
    return np.int64(value >> 64), np.uint64(value & WORD_MAX)


def number(pair: Any) -> int:
    """A wide number as a Python integer."""
    hi, lo = pair
    return int(hi) * 2**64 + int(lo)


@given(a=WIDES, b=WIDES)
def test_sums_differences_and_order(a: int, b: int) -> None:
    assert bool(less(*words(a), *words(b))) == (a < b)
    if abs(a + b) <= WIDE_MAX:
        assert number(add(*words(a), *words(b))) == a + b
    if abs(a - b) <= WIDE_MAX:
        assert number(subtract(*words(a), *words(b))) == a - b


@given(a=WIDES)
def test_negation_and_whether_it_fits_one_word(a: int) -> None:
    assert number(negate(*words(a))) == -a
    assert bool(fits(*words(a))) == (-(2**63) <= a < 2**63)


@given(value=INT64S)
@example(-(2**63))
def test_an_int64_becomes_wide(value: int) -> None:
    assert number(widen(np.int64(value))) == value


@given(a=WORDS, b=WORDS)
@example(WORD_MAX, WORD_MAX)
def test_a_product_of_words_keeps_every_bit(a: int, b: int) -> None:
    high, low = multiply_unsigned(np.uint64(a), np.uint64(b))

    assert int(high) * 2**64 + int(low) == a * b


@given(a=INT64S, b=INT64S)
@example(INT64_MAX, -INT64_MAX)
def test_a_product_of_int64_keeps_every_bit_and_the_sign(a: int, b: int) -> None:
    assert number(multiply(np.int64(a), np.int64(b))) == a * b


@given(
    qty=st.integers(-QTY_MAX, QTY_MAX),
    price=st.integers(1, PRICE_MAX),
    factor=st.integers(1, MONEY_FACTOR_MAX),
)
@example(QTY_MAX, PRICE_MAX, MONEY_FACTOR_MAX)
@example(-QTY_MAX, PRICE_MAX, MONEY_FACTOR_MAX)
def test_the_money_of_a_fill_is_exact_up_to_every_bound(qty: int, price: int, factor: int) -> None:
    product = number(multiply(np.int64(qty), np.int64(price)))

    assert number(scale(*words(product), np.int64(factor))) == qty * price * factor


@given(a=st.integers(0, WIDE_MAX), bits=st.integers(64, 126))
@example(2**NOTIONAL_BITS_MAX - 1, NOTIONAL_BITS_MAX)
@example(2**NOTIONAL_BITS_MAX, NOTIONAL_BITS_MAX)
def test_how_many_bits_a_number_takes(a: int, bits: int) -> None:
    assert bool(exceeds(words(a)[0], np.int64(bits))) == (a.bit_length() > bits)


@settings(max_examples=200)
@given(a=WIDES, part=COUNTS, whole=COUNTS)
@example(WIDE_MAX, INT64_MAX, INT64_MAX)
@example(-WIDE_MAX, INT64_MAX - 1, INT64_MAX)
@example(WORD_MAX, 1, 1)
@example(2**64, 1, 2)
@example(2 * WORD_MAX + 1, 1, 2)
def test_a_share_is_the_exact_fraction_rounded_half_to_even(a: int, part: int, whole: int) -> None:
    assume(part <= whole and whole > 0)

    assert number(share(*words(a), np.int64(part), np.int64(whole))) == round(Fraction(a * part, whole))


@pytest.mark.parametrize(
    ("a", "part", "whole", "wanted"),
    [(1, 1, 2, 0), (3, 1, 2, 2), (5, 1, 2, 2), (-1, 1, 2, 0), (-3, 1, 2, -2), (-5, 1, 2, -2), (5, 1, 3, 2)],
)
def test_a_tie_goes_to_the_even_neighbour_on_both_sides_of_zero(
    a: int, part: int, whole: int, wanted: int
) -> None:
    assert number(share(*words(a), np.int64(part), np.int64(whole))) == wanted


RATES = st.one_of(st.integers(1, RATE_MAX), st.sampled_from([1, 2, RATE_MAX - 1, RATE_MAX]))


@settings(max_examples=200)
@given(a=WIDES, numerator=RATES, denominator=RATES, bits=st.sampled_from([64, NOTIONAL_BITS_MAX, 126]))
@example(2**NOTIONAL_BITS_MAX - 1, 1, 1, NOTIONAL_BITS_MAX)
@example(-(2**NOTIONAL_BITS_MAX), 1, 1, NOTIONAL_BITS_MAX)
@example(2 ** (NOTIONAL_BITS_MAX - 1), 2, 1, NOTIONAL_BITS_MAX)
@example(2**NOTIONAL_BITS_MAX - 1, RATE_MAX, 1, NOTIONAL_BITS_MAX)
@example(2**NOTIONAL_BITS_MAX - 1, 1, RATE_MAX, NOTIONAL_BITS_MAX)
@example(-WIDE_MAX, RATE_MAX, 1, 126)
@example(2**65 - 1, 1, 2, 64)
def test_an_exchange_is_exact_or_does_not_fit(a: int, numerator: int, denominator: int, bits: int) -> None:
    fits, hi, lo = exchange(*words(a), np.int64(numerator), np.int64(denominator), np.int64(bits))
    wanted = round(Fraction(a * numerator, denominator))

    assert bool(fits) == (max(abs(a), abs(wanted)) < 2**bits)
    assert number((hi, lo)) == (wanted if fits else 0)


@given(a=WIDES, part=COUNTS, whole=COUNTS)
def test_what_is_taken_and_what_is_left_add_up(a: int, part: int, whole: int) -> None:
    """What relief rounds stays in the open cost: no unit of money comes or goes."""
    assume(part <= whole and whole > 0)
    taken = number(share(*words(a), np.int64(part), np.int64(whole)))

    assert number(subtract(*words(a), *words(taken))) + taken == a
    assert abs(taken) <= abs(a)


@given(a=WIDES, bits=st.integers(64, 126))
@example(a=2**94 - 1, bits=94)
@example(a=-(2**94), bits=94)
def test_an_amount_takes_its_bits_whatever_its_sign(a: int, bits: int) -> None:
    assert bool(takes(*words(a), np.int64(bits))) == (abs(a).bit_length() <= bits)
