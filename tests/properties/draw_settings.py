"""Limits, instruments and halts, drawn from sensible ones; now and then past their bounds."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from tests.model.commands import SetExposureLimits, SetInstrument, SetLimits, SetThrottles
from tests.model.partition import Partition
from tests.model.reference_data import Names
from tests.model.words import Scope, State
from tests.properties.choices import ODD_CURRENCIES

Odd = Callable[[Any, list[Any], float], Any]
"""Gives a sensible value, or with a probability an odd one."""

RESTRICTED = 1
INSTRUMENTS = [(b"WHOLE", 1, 1), (b"FINE", 1, 5), (b"FUTURE", 2, 1)]


def instrument_named(name: bytes, venue: int, tick: int) -> SetInstrument:
    """An instrument of whole numbers, or one so fine that the largest price and quantity still are money.

    One of them takes neither few nor many lots, and short sales with a locate only.
    """
    scale, lot = (4, 5) if name == b"FINE" else (0, 1)
    whole = SetInstrument(
        request_id=0,
        name=name,
        venue=venue,
        tick=tick,
        price_scale=scale,
        qty_scale=scale,
        lot=lot,
    )
    if name == b"FUTURE":
        return replace(whole, min_lots=2, max_lots=60, flags=4, currency=b"EUR")
    return whole


def limited(odd: Odd, limits: SetLimits) -> SetLimits:
    """The same limits with values of their own."""
    return replace(
        limits,
        max_order_qty=odd(200, [0, 30, -1, 2**62, 2**62 + 1], 0.3),
        max_order_notional=odd(10**16, [0, 10**11, 2**62], 0.3),
        max_long_qty=odd(500, [0, 50, -1], 0.3),
        max_short_qty=odd(300, [0, 50, -1], 0.3),
        collar_ppm=odd(200_000, [0, 10**6, 10**6 + 1], 0.3),
        orders_per_second=odd(10**6, [0, 1, 3, 10**6 + 1], 0.3),
        burst=odd(1000, [0, 1, 2, 10**6 + 1], 0.3),
        soft_percent=odd(0, [1, 50, 100, 101], 0.6),
        mark_age_s=odd(0, [1, 5, 2**16 - 1], 0.3),
        self_match=odd(0, [*map(ord, "123123"), ord("4"), 1], 0.5),
    )


EXPOSURES = ("max_gross", "max_net", "max_credit", "max_working_notional", "max_loss")


def exposure_limited(random: Random, odd: Odd, request_id: int) -> SetExposureLimits:
    """Limits of what an account has at stake: nothing comes near most of them, a few orders use up one."""
    tight = random.choice([10**10, 10**12, 10**12, 10**13, 10**13])
    most: dict[str, Any] = dict.fromkeys(EXPOSURES, 2**62) | {random.choice([*EXPOSURES, "max_loss"]): tight}
    most[random.choice(EXPOSURES)] = odd(10**14, [0, -1, 2**62 + 1], 0.1)
    drawdown = random.choice([None, None, 2**62, tight, tight // 10])
    return SetExposureLimits(
        request_id=request_id,
        account=odd(random.choice([1, 2, 3]), [0, 9, 99], 0.04),
        currency=odd(random.choice([b"USD", b"USD", b"USD", b"EUR"]), ODD_CURRENCIES, 0.05),
        fx_age_s=random.choice([0, 0, 0, 0, 5]),
        soft_percent=odd(random.choice([0, 50]), [1, 100, 101], 0.1),
        max_drawdown=odd(drawdown or 0, [0, 10**9, -1, 2**62 + 1], 0.1),
        has_max_drawdown=drawdown is not None,
        **most,
    )


def throttled(random: Random, odd: Odd, request_id: int) -> SetThrottles:
    """Throttles of an account or a strategy, now and then of the other's kind or only half of one."""
    wanted = SetThrottles(
        request_id=request_id,
        scope=odd(random.choice([Scope.ACCOUNT, Scope.STRATEGY]), ["ALL", "NOBODY"], 0.05),
        account=odd(random.choice([1, 2]), [0, 9], 0.04),
        strategy=odd(random.choice([1, 2, 3, 4]), [0, 9], 0.04),
    )
    if odd(wanted.scope, [Scope.ACCOUNT, Scope.STRATEGY], 0.05) == Scope.ACCOUNT:
        repeats = random.choice([0, 1, 2])
        return replace(
            wanted,
            repeats_max=repeats,
            repeat_window_ms=odd(2_000 if repeats else 0, [0, 1], 0.05),
            open_orders_max=random.choice([*[0] * 7, 6, 25]),
        )
    rate, executions = random.choice([0, 0, 0, 1, 1000]), random.choice([*[0] * 6, 1, 3])
    return replace(
        wanted,
        orders_per_second=odd(rate, [10**6 + 1], 0.03),
        burst=odd(2 if rate else 0, [0, 10**6 + 1], 0.05),
        executions_max=executions,
        execution_window_ms=odd(10_000 if executions else 0, [0, 1], 0.05),
    )


def redefined(odd: Odd, instrument: SetInstrument) -> SetInstrument:
    """The same instrument with some of its terms changed, rather often one that is fixed."""
    return replace(
        instrument,
        lot=odd(instrument.lot, [0, 3, 10**12 + 1], 0.2),
        multiplier=odd(instrument.multiplier, [0, 10, 10**9 + 1], 0.2),
        price_scale=odd(instrument.price_scale, [0, 9, 255], 0.1),
        qty_scale=odd(instrument.qty_scale, [1, 8], 0.1),
        mark_band_ppm=odd(0, [100, -1, 10**6 + 1], 0.2),
        min_lots=odd(instrument.min_lots, [0, 2, 5, 2**32 - 1], 0.2),
        max_lots=odd(instrument.max_lots, [0, 4, 20, 2**32 - 1], 0.2),
        flags=odd(instrument.flags, [0, 8], 0.2),
        currency=odd(instrument.currency, [b"GBP"], 0.1),
    )


def flagged(random: Random) -> SetInstrument:
    """An instrument whose orders may do something else, or nothing."""
    usual = instrument_named(*random.choice(INSTRUMENTS))
    flags = random.choice([*[usual.flags] * 6, 0, RESTRICTED, RESTRICTED, 2, 4, 6, 8, 16])
    return replace(usual, flags=flags)


def a_halted_scope(random: Random, model: Partition) -> dict[str, Any]:
    """One of the scopes that a kill has halted; nothing if there is none."""
    return _one_of(random, model, lambda row: bool(row.halt_state))


def a_held_scope(random: Random, model: Partition) -> dict[str, Any]:
    """One of the scopes whose trading state is not ACTIVE; nothing if there is none."""
    return _one_of(random, model, lambda row: row.trading_state != State.ACTIVE)


def _one_of(random: Random, model: Partition, is_meant: Callable[[Any], bool]) -> dict[str, Any]:
    """The scope of one of the rows that are meant, the firm's among them; nothing if there is none."""
    named: dict[str, Names[Any]] = {
        "account": model.accounts,
        "strategy": model.strategies,
        "instrument": model.instruments,
        "venue": model.venues,
    }
    scopes: list[dict[str, Any]] = [{"scope": Scope.ALL}] if is_meant(model) else []
    for name, names in named.items():
        meant = [handle for handle, row in names.rows.items() if is_meant(row)]
        scopes += [{"scope": name.upper(), name: handle} for handle in meant]
    return random.choice(scopes) if scopes else {}
