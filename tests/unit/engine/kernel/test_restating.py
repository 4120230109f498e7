"""Fills count in the order of their time: a late one rolls the position back and plays it forward."""

from random import Random

import numpy as np
import pytest

from engine.kernel.jit import entry
from engine.kernel.positions import fill_position, unfill_position
from engine.kernel.restating import book_fill, change_fill, new_fill
from engine.kernel.tables import Capacity, Tables, new_tables
from engine.limits import PRICE_MAX, QTY_MAX
from engine.rows.lifecycle_events import RESTATEMENT_EVENT
from engine.vocabulary import EventKind, Namespace
from tests.model.positions import Fill, Position
from tests.properties.states import wide_of
from tests.unit.engine.kernel.test_follow_ups import SUBMIT, side_with, trade

SMALL = Capacity(orders=1, executions=300, requests=1, positions=2)
SUMS = ("qty", "open_cost", "realized", "cash", "buy_qty", "sell_qty")
FLOWS = 60


@entry
def book(tables, qty, price, ts_event, factor):  # type: ignore[no-untyped-def]
    """Book a new fill in position 1; gives its slot."""
    slot = new_fill(tables, abs(qty), price, ts_event)
    book_fill(tables, slot, np.int64(1), qty, price, factor)
    return slot


@entry
def change(tables, slot, qty, price, factor):  # type: ignore[no-untyped-def]
    """Change a fill of position 1."""
    change_fill(tables, slot, qty, price, factor)


@entry
def fill_and_unfill(positions, qty, price, factor):  # type: ignore[no-untyped-def]
    """Book a fill in position 1 and take it out again."""
    hi, lo = fill_position(positions[1], qty, price, factor)
    unfill_position(positions[1], qty, price, factor, hi, lo)


def standing(tables: Tables) -> dict[str, int]:
    """The sums of position 1."""
    row = tables.positions[1]
    return {name: wide_of(row, name) if f"{name}_hi" in row.dtype.names else int(row[name]) for name in SUMS}


def expected(fills: list[Fill], factor: int) -> dict[str, int]:
    """The same by the model, which books all fills in the order of their time."""
    position = Position()
    for fill in sorted(fills, key=lambda fill: fill.at_ns):
        position.fill(fill.qty, fill.price, factor)
    return {name: getattr(position, name) for name in SUMS}


def booked(tables: Tables, fill: Fill, factor: int) -> int:
    """Book a fill in position 1; gives its slot."""
    numbers = (fill.qty, fill.price, fill.at_ns, factor)
    return int(book(tables, *map(np.int64, numbers)))


@pytest.mark.parametrize(
    ("fills", "sums"),
    [
        # Bought 10 at 100, sold 5 at 110, and later 10 at 130 that were bought in between, at 120.
        ([(1, 10, 100), (3, -5, 110)], {"qty": 5, "open_cost": 500, "realized": 50, "cash": -450}),
        (
            [(1, 10, 100), (3, -5, 110), (2, 10, 120)],
            {"qty": 15, "open_cost": 1650, "realized": 0, "cash": -1650},
        ),
        # A sale that turns out to come first opens a short position instead of closing a long one.
        ([(2, 10, 100), (1, -4, 110)], {"qty": 6, "open_cost": 600, "realized": 40, "cash": -560}),
        # Two of one time stay in the order in which they came.
        (
            [(1, 10, 100), (1, -10, 90), (1, 10, 80)],
            {"qty": 10, "open_cost": 800, "realized": -100, "cash": -900},
        ),
    ],
)
def test_what_a_position_is_after_fills_in_any_order(
    fills: list[tuple[int, int, int]], sums: dict[str, int]
) -> None:
    tables = new_tables(SMALL)
    for fill in fills:
        booked(tables, Fill(*fill), 1)

    assert {name: standing(tables)[name] for name in sums} == sums


@pytest.mark.parametrize("seed", range(FLOWS))
def test_any_order_of_arrival_and_any_change_ends_as_if_it_had_always_been_so(seed: int) -> None:
    random = Random(seed)
    tables, factor = new_tables(SMALL), random.choice([1, 10**6, 10**9])
    fills: dict[int, Fill] = {}
    for _ in range(random.randint(2, 40)):
        if fills and random.random() < 0.3:
            slot = random.choice(list(fills))
            fills[slot] = Fill(fills[slot].at_ns, random.choice([0, made_qty(random)]), made_price(random))
            numbers = (slot, fills[slot].qty, fills[slot].price, factor)
            change(tables, *map(np.int64, numbers))
        else:
            fill = Fill(random.randint(1, 12), made_qty(random), made_price(random))
            fills[booked(tables, fill, factor)] = fill

    assert standing(tables) == expected(list(fills.values()), factor)


def made_qty(random: Random) -> int:
    """A signed quantity of any size, now and then the largest."""
    return random.choice([-1, 1]) * random.choice([random.randint(1, 20), 7, QTY_MAX])


def made_price(random: Random) -> int:
    """A price of any size that keeps the money of the largest quantity within bounds."""
    return random.choice([random.randint(1, 20), 3, PRICE_MAX // 10**11])


@pytest.mark.parametrize("held", [0, 7, -7, 1, -1])
@pytest.mark.parametrize("qty", [3, -3, 7, -7, 20, -20])
def test_unfill_undoes_fill_to_the_last_unit(held: int, qty: int) -> None:
    tables = new_tables(SMALL)
    for part in (held // 3, held - held // 3):
        if part:
            booked(tables, Fill(1, part, PRICE_MAX - part), 7)
    before = tables.positions.tobytes()

    fill_and_unfill(tables.positions, np.int64(qty), np.int64(PRICE_MAX), np.int64(7))

    assert tables.positions.tobytes() == before


def test_the_event_names_before_after_and_cause() -> None:
    side = side_with(trade(2, 6), trade(1, 4))
    cause, restated = side.logged.log[-2:]
    numbers = side.logged.log[-1:].view(RESTATEMENT_EVENT)[0]
    factor = side.model.instruments.rows[1].factor

    assert (cause["kind"], restated["kind"]) == (EventKind.TRADE_EXECUTED, EventKind.POSITION_RESTATED)
    assert restated["causation"] == len(side.logged.log) - 2
    assert (restated["order_id_hi"], restated["version"], restated["prev_offset"]) == (
        Namespace.POSITION,
        1,
        -1,
    )
    assert [restated[name] for name in ("account", "strategy", "instrument")] == [
        SUBMIT.account,
        SUBMIT.strategy,
        SUBMIT.instrument,
    ]
    assert (numbers["qty_before"], numbers["qty_after"]) == (6, 10)
    assert wide_of(numbers, "cash_before") == -6 * 100 * factor
    assert wide_of(numbers, "cash_after") == -10 * 100 * factor
    assert wide_of(numbers, "realized_before") == wide_of(numbers, "realized_after") == 0
