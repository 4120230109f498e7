"""Numbers, names, dates and ids are made exact, or refused with the right form."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadRequest
from engine.limits import PRICE_MAX, QTY_MAX
from engine.values import (
    DIGITS_MAX,
    Number,
    cl_ord_id_bytes,
    code_of,
    id_text,
    id_words,
    name_bytes,
    price_units,
    qty_units,
    trade_date_number,
    units_of,
    unscaled,
    whole_within,
)
from engine.vocabulary import Side

SCALES = st.integers(0, 8)


@given(st.integers(-(2**63), 2**63 - 1), SCALES)
def test_units_survive_the_way_out_and_back(units: int, scale: int) -> None:
    assert units_of(unscaled(units, scale), scale, "price") == units
    assert units_of(f"{unscaled(units, scale):f}", scale, "price") == units


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**10), max_value=10**10),
    SCALES,
)
def test_a_number_is_exact_or_refused(number: Decimal, scale: int) -> None:
    scaled = number.scaleb(scale)
    if scaled == scaled.to_integral_value():
        assert units_of(number, scale, "price") == int(scaled)
    else:
        with pytest.raises(BadRequest, match="decimal places"):
            units_of(number, scale, "price")


@given(st.text(max_size=50))
def test_any_text_is_a_number_or_a_bad_request(text: str) -> None:
    try:
        units_of(text, 2, "price")
    except BadRequest:
        return
    assert Decimal(text).is_finite()


@given(st.floats())
def test_no_float_is_a_price(number: float) -> None:
    with pytest.raises(BadRequest, match="pass"):
        units_of(number, 2, "price")  # type: ignore[arg-type]


def test_a_refused_float_is_shown_the_right_form() -> None:
    with pytest.raises(BadRequest) as caught:
        price_units(190.5, 2)  # type: ignore[arg-type]

    assert str(caught.value) == 'price=190.5 is a float; pass "190.50" or Decimal("190.50")'


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        (0, "not above zero"),
        ("-1", "below zero"),
        (Decimal("-0.01"), "below zero"),
        ("0.001", "more than 2 decimal places"),
        (Decimal("NaN"), "not a finite number"),
        (Decimal("Infinity"), "not a finite number"),
        (float("nan"), "not a finite number"),
        (float("inf"), "not a finite number"),
        (np.float64(1.5), "is a float"),
        (True, "is a bool"),
        (None, "is of type NoneType"),
        ("", "not a number"),
        ("1e3", "not a number"),
        ("1_000", "not a number"),
        (" 1", "not a number"),
        ("\u0661", "not a number"),
        ("1" * 60, "not a number"),
        (10**13 + 1, "past the bound of 10000000000000.00"),
        (Decimal("1E+1000000"), f"more than {DIGITS_MAX} digits"),
        (Decimal("1E-1000000"), f"more than {DIGITS_MAX} digits"),
    ],
)
def test_what_no_market_could_take_is_refused(value: Number, complaint: str) -> None:
    with pytest.raises(BadRequest, match=complaint):
        price_units(value, 2)


@pytest.mark.parametrize("value", [1, "1", "1.0", "+1.00", Decimal("1.00"), np.int64(1), Decimal("1E+0")])
def test_every_exact_form_of_a_number_is_taken(value: Number) -> None:
    assert price_units(value, 2) == 100


def test_the_bounds_themselves_are_taken() -> None:
    assert price_units(unscaled(PRICE_MAX, 2), 2) == PRICE_MAX
    assert qty_units(unscaled(QTY_MAX, 4), 4) == QTY_MAX


@pytest.mark.parametrize("name", ["A", "ACC 1", "x" * 16, "~!", "0"])
def test_printable_ascii_is_a_name(name: str) -> None:
    assert name_bytes(name, "account") == name.encode()


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("", "is empty"),
        ("x" * 17, "17 bytes, at most 16"),
        ("Zürich", "not printable ASCII"),
        ("a\nb", "not printable ASCII"),
        ("a\0", "not printable ASCII"),
        ("\x7f", "not printable ASCII"),
        (7, "is of type int"),
    ],
)
def test_nothing_else_is(name: str, complaint: str) -> None:
    with pytest.raises(BadRequest, match=complaint):
        name_bytes(name, "account")


def test_a_cl_ord_id_has_four_bytes_more() -> None:
    assert cl_ord_id_bytes("x" * 20) == b"x" * 20
    with pytest.raises(BadRequest, match="at most 20"):
        cl_ord_id_bytes("x" * 21)


@given(st.integers(1, 2**128 - 1))
def test_an_id_is_the_same_as_number_and_as_text(number: int) -> None:
    words = id_words(number, "order_id")

    assert id_words(id_text(*words), "order_id") == words
    assert words[0] << 64 | words[1] == number


@pytest.mark.parametrize("value", ["", "12", "g" * 32, 0, -1, 2**128, True, None, 1.5])
def test_what_is_no_id_is_refused(value: object) -> None:
    with pytest.raises(BadRequest, match="order_id"):
        id_words(value, "order_id")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value", [20261120, "20261120", "2026-11-20", date(2026, 11, 20), np.int64(20261120)]
)
def test_every_form_of_a_trade_date_is_taken(value: int) -> None:
    assert trade_date_number(value) == 20261120


@pytest.mark.parametrize("value", [0, 20261301, 20260230, "tomorrow", "2026", 2026, True, None])
def test_a_day_that_is_in_no_calendar_is_refused(value: int) -> None:
    with pytest.raises(BadRequest, match="not a date"):
        trade_date_number(value)


def test_a_code_is_known_by_name_number_and_member() -> None:
    assert code_of(Side, "buy", "side") == code_of(Side, 49, "side") == code_of(Side, Side.BUY, "side")
    with pytest.raises(BadRequest, match="side='HOLD' is not one of BUY, SELL"):
        code_of((Side.BUY, Side.SELL), "HOLD", "side")


@pytest.mark.parametrize("value", [Decimal("sNaN"), [], 49.5, None, 0, "buy "])
def test_what_is_no_code_is_refused_whatever_it_is(value: Any) -> None:
    with pytest.raises(BadRequest, match="is not one of BUY, SELL"):
        code_of((Side.BUY, Side.SELL), value, "side")


@pytest.mark.parametrize("value", [-1, 11, 1.0, "1", None, Decimal("1E+999999")])
def test_a_whole_number_is_within_its_bounds_or_refused(value: Any) -> None:
    ten: Any = np.uint64(10)
    assert whole_within(ten, 0, 10, "version") == 10
    with pytest.raises(BadRequest, match="version="):
        whole_within(value, 0, 10, "version")


REFUSE: list[Callable[[int], object]] = [
    lambda value: id_words(value, "it"),
    lambda value: trade_date_number(value, "it"),
    lambda value: code_of((Side.BUY, Side.SELL), value, "it"),
    lambda value: whole_within(value, 0, 10, "it"),
    lambda value: units_of(value, 2, "it"),
]


@pytest.mark.parametrize("refuse", REFUSE)
def test_a_number_of_more_digits_than_python_shows_is_refused_like_another(
    refuse: Callable[[int], object],
) -> None:
    with pytest.raises(BadRequest, match="it="):
        refuse(10**5_000)
