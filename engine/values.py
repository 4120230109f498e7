"""Numbers, dates, names and ids as people write them, made exact or refused before anything is sent.

Prices and quantities come as `int`, `str` or `Decimal` in whole units and leave as integers in the
instrument's scale. A float is refused: 0.1 is not a price, it is the nearest binary fraction to one.
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from math import isfinite
from operator import index
from typing import TypeVar

from engine.errors import BadRequest
from engine.limits import CL_ORD_ID_BYTES_MAX, NAME_BYTES_MAX, PRICE_MAX, QTY_MAX

Number = int | str | Decimal
"""What a price or a quantity may be written as."""

Code = TypeVar("Code", bound=IntEnum)

DIGITS_MAX = 40
"""Longest number that is read at all, in digits: far past every bound, and it keeps powers of ten small."""

RATIO_PLACES = 15
"""Decimal places of a number that is kept as a ratio: a denominator of fifteen digits holds no more."""

TIME_NS_MAX = 2**63 - 1
"""Latest time that a row holds, UTC ns: in the year 2262."""

SHOWN_MAX = 60
"""Characters of a refused value that a message repeats: enough to find it by."""

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_HEX_ID = re.compile(r"[0-9a-fA-F]{32}")
_CURRENCY = re.compile("[A-Z]{3}")
_WORD_BITS = 64
_WORD = 2**_WORD_BITS - 1


def price_units(value: Number, scale: int, what: str = "price") -> int:
    """A price in units of 10**-scale, between 1 and PRICE_MAX."""
    return units_within(value, scale, 1, PRICE_MAX, what)


def qty_units(value: Number, scale: int, what: str = "qty") -> int:
    """A quantity in units of 10**-scale, between 1 and QTY_MAX."""
    return units_within(value, scale, 1, QTY_MAX, what)


def units_within(value: Number, scale: int, least: int, most: int, what: str) -> int:
    """A number in units of 10**-scale, between two bounds in those units; BadRequest where it is not."""
    units = units_of(value, scale, what)
    if units < least:
        raise BadRequest(f"{what}={value} is {'below' if units < 0 else 'not above'} zero")
    if units > most:
        raise BadRequest(f"{what}={value} is past the bound of {unscaled(most, scale)}")
    return units


def units_of(value: Number, scale: int, what: str) -> int:
    """A number of either sign in units of 10**-scale, exactly; BadRequest says what is wrong with it."""
    number = _decimal_of(value, scale, what)
    sign, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int), "a finite Decimal has an exponent"
    if number == 0:
        return 0
    if len(digits) + abs(exponent) > DIGITS_MAX:
        raise BadRequest(f"{what}={number} has more than {DIGITS_MAX} digits")
    coefficient = int("".join(map(str, digits)))
    units, rest = divmod(coefficient * _power(exponent + DIGITS_MAX), _power(DIGITS_MAX - scale))
    if rest:
        raise BadRequest(
            f"{what}={number} has more than {scale} decimal places, which is all this scale holds"
        )
    return -units if sign else units


def _power(places: int) -> int:
    """Ten to a power that is not negative."""
    power: int = 10**places
    return power


def ratio_of(value: Number, most: int, what: str) -> tuple[int, int]:
    """A positive number as the least ratio of two whole numbers, at most `most`; BadRequest otherwise."""
    ratio = Fraction(units_of(value, RATIO_PLACES, what), 10**RATIO_PLACES)
    if ratio <= 0:
        raise BadRequest(f"{what}={value} is not above zero")
    if max(ratio.numerator, ratio.denominator) > most:
        raise BadRequest(f"{what}={value} has too many digits for a ratio of numbers up to {most}")
    return ratio.numerator, ratio.denominator


def _decimal_of(value: Number, scale: int, what: str) -> Decimal:
    """The same number as a finite Decimal."""
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value) or len(value) > DIGITS_MAX + 2:
            raise BadRequest(
                f'{what}={value!r} is not a number; write digits and at most one point, as "190.50"'
            )
        return Decimal(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise BadRequest(f"{what}={value} is not a finite number")
        return value
    if isinstance(value, float):
        raise BadRequest(float_refusal(value, scale, what))
    if isinstance(value, bool):
        raise BadRequest(f"{what}={value} is a bool, not a number")
    try:
        return Decimal(index(value))
    except TypeError:
        raise BadRequest(
            f"{what} is of type {type(value).__name__}; pass an int, a str or a Decimal"
        ) from None


def float_refusal(value: float, scale: int, what: str) -> str:
    """Why a float is refused, with the right form of the same number where it has one in this scale."""
    if not isfinite(value) or abs(value) > 10**DIGITS_MAX:
        return f'{what}={value} is not a finite number; pass a str as "190.50" or a Decimal'
    right = f"{value:.{scale}f}"
    if float(right) != value:
        return f"{what}={value} is a float, and has more than {scale} decimal places; pass a str or a Decimal"
    return f'{what}={value} is a float; pass "{right}" or Decimal("{right}")'


def require_step(units: int, step: int, scale: int, what: str, step_name: str, instrument: str) -> None:
    """Raise BadRequest where a number is not a whole multiple of the instrument's tick or lot."""
    if units % step:
        below = units - units % step
        raise BadRequest(
            f"{what}={unscaled(units, scale)} is off the {step_name} of {unscaled(step, scale)} of "
            f"{instrument}; the nearest are {unscaled(below, scale)} and {unscaled(below + step, scale)}"
        )


def whole_within(value: int, least: int, most: int, what: str) -> int:
    """A whole number between two bounds, of any integer type; BadRequest where it is not."""
    try:
        number = index(value)
    except TypeError:
        raise BadRequest(f"{what}={_shown(value)} is of type {type(value).__name__}; pass an int") from None
    if not least <= number <= most:
        raise BadRequest(f"{what}={_shown(value)} is not a whole number from {least} to {most}")
    return number


def flag(value: bool, what: str) -> bool:
    """True or False as they are; BadRequest for what only counts as one of them."""
    if not isinstance(value, bool):
        raise BadRequest(f"{what}={_shown(value)} is of type {type(value).__name__}; pass True or False")
    return value


def time_ns(value: int, what: str) -> int:
    """A time in UTC ns; BadRequest where it is none."""
    return whole_within(value, 0, TIME_NS_MAX, what)


def _shown(value: object) -> str:
    """A value as its sender wrote it, cut short; a number of very many digits has no text in Python."""
    try:
        return repr(value)[:SHOWN_MAX]
    except ValueError:
        return "…"


def unscaled(units: int, scale: int) -> Decimal:
    """Units of 10**-scale back as an exact Decimal with that many places."""
    number = int(units)
    return Decimal((int(number < 0), tuple(map(int, str(abs(number)))), -int(scale)))


def name_bytes(value: str, what: str, bytes_max: int = NAME_BYTES_MAX) -> bytes:
    """A name as its bytes: printable ASCII, 1 to `bytes_max` of them; BadRequest otherwise."""
    if not isinstance(value, str):
        raise BadRequest(f"{what} is of type {type(value).__name__}; pass a str")
    if not value:
        raise BadRequest(f"{what} is empty")
    if not value.isascii() or not value.isprintable():
        raise BadRequest(f"{what}={value!r} is not printable ASCII")
    if len(value) > bytes_max:
        raise BadRequest(f"{what}={value!r} has {len(value)} bytes, at most {bytes_max}")
    return value.encode("ascii")


def currency_bytes(value: str, what: str = "currency") -> bytes:
    """A currency's code as its bytes: three capital letters, as ISO 4217 has them; BadRequest otherwise."""
    code = name_bytes(value, what)
    if not _CURRENCY.fullmatch(value):
        raise BadRequest(f"{what}={value!r} is no currency: pass its three capital letters, for example USD")
    return code


def cl_ord_id_bytes(value: str, what: str = "cl_ord_id") -> bytes:
    """A ClOrdID or ExecID as its bytes: printable ASCII, at most 20."""
    return name_bytes(value, what, CL_ORD_ID_BYTES_MAX)


def id_words(value: int | str, what: str) -> tuple[int, int]:
    """A 128-bit id, as 32 hex digits or an int, in two words (high, low)."""
    if isinstance(value, str):
        if not _HEX_ID.fullmatch(value):
            raise BadRequest(f"{what}={value!r} is not an id of 32 hex digits")
        value = int(value, 16)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadRequest(f"{what} is of type {type(value).__name__}; pass 32 hex digits or an int")
    if not 0 < value < 2**128:
        raise BadRequest(f"{what}={_shown(value)} is not a 128-bit id above zero")
    return value >> _WORD_BITS, value & _WORD


def id_text(hi: int, lo: int) -> str:
    """A 128-bit id of two words as 32 hex digits."""
    return f"{int(hi):016x}{int(lo):016x}"


def trade_date_number(value: int | str | date, what: str = "trade_date") -> int:
    """A trade date as yyyymmdd, from that number, from "2026-11-20" or from a `date` of the calendar."""
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise BadRequest(
            f'{what}={_shown(value)} is not a date; pass 20261120, "2026-11-20" or a date'
        ) from None
    return day.year * 10_000 + day.month * 100 + day.day


def code_of(members: Iterable[Code], value: int | str, what: str) -> Code:
    """One of these members from itself, its code or its name in any case; BadRequest lists what there is."""
    for member in members:
        if _is_code(member, value):
            return member
    names = ", ".join(member.name for member in members)
    raise BadRequest(f"{what}={_shown(value)} is not one of {names}")


def _is_code(member: IntEnum, value: object) -> bool:
    if isinstance(value, str):
        return value.upper() == member.name
    try:
        return index(value) == member  # type: ignore[arg-type]  # what has no index is no code
    except TypeError:
        return False
