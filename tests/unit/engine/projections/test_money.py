"""Exposure and profit are what plain arithmetic over every line gives, to the last unit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BadRequest
from engine.kernel.tables import Capacity, Tables, new_tables
from engine.limits import MONEY_FACTOR_MAX, PRICE_MAX, TOTAL_QTY_MAX
from engine.projections.exposure import EXPOSURE_MEASURES
from engine.projections.profit import PROFIT_MEASURES
from engine.reads.column_values import wide_ints, wide_rows
from engine.reads.questions import GroupBy
from engine.reads.sum_rows import exposure_of, profit_of
from tests.unit.engine.projections.made_flow import SMALL, MadeFlow
from tests.unit.engine.projections.money_oracle import (
    exposure_by_hand,
    groups_of,
    profit_by_hand,
    same,
)

GROUPS: tuple[GroupBy, ...] = ("account", "strategy", "instrument")
BY = pytest.mark.parametrize("by", GROUPS)


@pytest.fixture(scope="module")
def tables() -> Tables:
    return MadeFlow(11).run(80).kernel.tables


@BY
def test_exposure_is_what_plain_arithmetic_gives(tables: Tables, by: GroupBy) -> None:
    found = groups_of(exposure_of(tables, by, 0), EXPOSURE_MEASURES)

    assert len(found) >= 4
    assert same(found, exposure_by_hand(tables, by), EXPOSURE_MEASURES)


@BY
def test_profit_is_what_plain_arithmetic_gives(tables: Tables, by: GroupBy) -> None:
    found = groups_of(profit_of(tables, by, 0), PROFIT_MEASURES)

    assert len(found) >= 4
    assert same(found, profit_by_hand(tables, by), PROFIT_MEASURES)


@BY
def test_one_group_alone_is_what_it_is_among_all(tables: Tables, by: GroupBy) -> None:
    for read in (exposure_of, profit_of):
        every, _ = read(tables, by, 0)
        alone = [read(tables, by, handle)[0] for handle in range(1, int(tables.firm[by_counter(by)][0]) + 1)]

        assert every.tobytes() == b"".join(rows.tobytes() for rows in alone)


def by_counter(by: GroupBy) -> str:
    """The counter of a group's table."""
    return {"account": "accounts", "strategy": "strategies", "instrument": "instruments"}[by]


@BY
def test_what_has_no_mark_is_listed_and_not_counted_as_nothing(by: GroupBy) -> None:
    unmarked = MadeFlow(11).run(80).kernel.tables
    unmarked.instruments["mark"][2] = 0
    exposure, profit = exposure_of(unmarked, by, 0), profit_of(unmarked, by, 0)

    assert exposure[1] == profit[1] == ("SAP",)
    assert same(groups_of(exposure, EXPOSURE_MEASURES), exposure_by_hand(unmarked, by), EXPOSURE_MEASURES)
    assert same(groups_of(profit, PROFIT_MEASURES), profit_by_hand(unmarked, by), PROFIT_MEASURES)
    assert sum(int(row["unpriced"]) for row in exposure[0]) > 0


def test_realized_and_unrealized_are_cash_and_value_exactly(tables: Tables) -> None:
    total = sum(wide_ints(profit_of(tables, "account", 0)[0]["money"][:, 2]))
    lines = tables.positions[1 : int(tables.firm["positions"][0]) + 1]
    instruments = tables.instruments[lines["instrument"]]
    cash = [int(hi) * 2**64 + int(lo) for hi, lo in zip(lines["cash_hi"], lines["cash_lo"], strict=True)]
    value = [
        int(qty) * int(mark) * int(factor)
        for qty, mark, factor in zip(
            lines["qty"], instruments["mark"], instruments["money_factor"], strict=True
        )
    ]

    assert total == sum(cash) + sum(value)


def test_a_handle_that_no_table_has_is_empty(tables: Tables) -> None:
    assert len(exposure_of(tables, "account", 10**9)[0]) == 0


def one_holding(qty: int, mark: int, factor: int, buys: int, sells: int) -> Tables:
    """Tables with one account that holds one instrument."""
    made = new_tables(SMALL)
    made.accounts["first_holding"][1] = made.instruments["first_holding"][1] = 1
    made.firm["holdings"] = made.firm["accounts"] = made.firm["instruments"] = 1
    instrument, holding = made.instruments[1], made.holdings[1]
    instrument["mark"], instrument["money_factor"], instrument["currency"] = mark, factor, b"USD"
    instrument["is_defined"] = 1
    holding["qty"], holding["account"], holding["instrument"] = qty, 1, 1
    holding["working_buy_qty"], holding["working_sell_qty"] = buys, sells
    return made


@settings(max_examples=200)
@given(
    qty=st.integers(-TOTAL_QTY_MAX, TOTAL_QTY_MAX),
    mark=st.integers(1, PRICE_MAX),
    factor=st.integers(1, MONEY_FACTOR_MAX),
    buys=st.integers(0, TOTAL_QTY_MAX),
    sells=st.integers(0, TOTAL_QTY_MAX),
)
def test_numbers_at_their_bounds_are_exact_or_listed_as_unpriced(
    qty: int, mark: int, factor: int, buys: int, sells: int
) -> None:
    made = one_holding(qty, mark, factor, buys, sells)
    found = exposure_of(made, "account", 1)
    if not (qty or buys or sells):
        assert len(found[0]) == 0
        return
    row = groups_of(found, EXPOSURE_MEASURES)["", "USD"]
    largest = (abs(qty) + buys + sells) * mark * factor

    if row["unpriced"]:
        assert largest >= 2**94 - 2**64 * factor
        assert row["gross"] == row["worst_case"] == 0
    else:
        assert largest < 2**95
        assert same({("", "USD"): row}, exposure_by_hand(made, "account"), EXPOSURE_MEASURES)


@pytest.mark.parametrize("link", [1, 7, 255, 2**31, 2**32 - 1])
def test_a_torn_list_ends_the_walk_and_nothing_else(link: int) -> None:
    """What a reader of a mapped view may meet: a line that follows itself, or one that no table has."""
    torn = one_holding(5, 3, 2, 0, 0)
    torn.holdings["next_of_account"][1] = link

    row, _ = exposure_of(torn, "account", 1)

    assert len(row) <= 1


@given(values=st.lists(st.integers(-(2**127), 2**127 - 1), max_size=20))
def test_wide_numbers_come_back_as_they_went(values: list[int]) -> None:
    assert wide_ints(wide_rows(values)) == values


def test_a_group_in_more_currencies_than_there_is_room_for_is_refused() -> None:
    many = new_tables(Capacity(*[128] * len(Capacity._fields)))
    for slot in range(1, 101):
        many.instruments["currency"][slot] = b"%03d" % slot
        holding = many.holdings[slot]
        holding["qty"], holding["instrument"], holding["next_of_account"] = 1, slot, slot - 1
    many.accounts["first_holding"][1] = 100

    with pytest.raises(BadRequest, match="more than 64 currencies"):
        exposure_of(many, "account", 1)


def test_the_sums_of_all_groups_fit_however_many_there_are() -> None:
    many = new_tables(SMALL)
    for slot in range(1, 9):
        many.accounts["first_holding"][min(slot, 8)] = slot
        holding = many.holdings[slot]
        holding["qty"], holding["account"], holding["instrument"] = 1, slot, 1

    rows, _ = exposure_of(many, "account", 0)

    assert np.count_nonzero(rows["lines"]) == 8
