"""OrdStatus by FIX's precedence, and LeavesQty, from the facts of an order: expected values as literals."""

from typing import Any

import pytest

from engine.kernel.jit import entry
from engine.kernel.order_facts import leaves_after, ord_status
from engine.vocabulary import Life, OrdStatus, TimeInForce

STOPPED, CALCULATED = 2, 8


@entry
def status_by(
    life: Any, is_canceling: Any, is_replacing: Any, notices: Any, order_qty: Any, cum_qty: Any
) -> Any:
    """Python calls no rule: it calls an entry."""
    return ord_status(life, is_canceling, is_replacing, notices, order_qty, cum_qty)


@entry
def leaves_by(life: Any, time_in_force: Any, order_qty: Any, cum_qty: Any) -> Any:
    """The same for what is left."""
    return leaves_after(life, time_in_force, order_qty, cum_qty)


STATUSES = [
    # life, cancel pending, replace pending, notices, OrderQty, CumQty → OrdStatus
    (Life.DONE_FOR_DAY, 1, 1, CALCULATED, 10, 10, OrdStatus.PENDING_CANCEL),
    (Life.DONE_FOR_DAY, 0, 1, CALCULATED, 10, 10, OrdStatus.PENDING_REPLACE),
    (Life.DONE_FOR_DAY, 0, 0, CALCULATED, 10, 10, OrdStatus.DONE_FOR_DAY),
    (Life.NEW, 0, 0, CALCULATED | STOPPED, 10, 10, OrdStatus.CALCULATED),
    (Life.SUSPENDED, 0, 0, STOPPED, 10, 10, OrdStatus.FILLED),
    (Life.CANCELED, 0, 0, 0, 10, 10, OrdStatus.FILLED),
    (Life.REJECTED, 0, 0, 0, 10, 11, OrdStatus.FILLED),
    (Life.SUSPENDED, 0, 0, STOPPED, 10, 9, OrdStatus.STOPPED),
    (Life.SUSPENDED, 0, 0, 0, 10, 9, OrdStatus.SUSPENDED),
    (Life.CANCELED, 0, 0, 0, 10, 9, OrdStatus.CANCELED),
    (Life.EXPIRED, 0, 0, 0, 10, 9, OrdStatus.EXPIRED),
    (Life.NEW, 0, 0, 0, 10, 9, OrdStatus.PARTIALLY_FILLED),
    (Life.REJECTED, 0, 0, 0, 10, 9, OrdStatus.PARTIALLY_FILLED),
    (Life.REJECTED, 0, 0, 0, 10, 0, OrdStatus.REJECTED),
    (Life.PENDING_NEW, 0, 0, 0, 10, 0, OrdStatus.PENDING_NEW),
    (Life.NEW, 0, 0, 0, 10, 0, OrdStatus.NEW),
    (Life.NEW, 0, 0, 0, 0, 0, OrdStatus.NEW),
]
DAY, GTC = TimeInForce.DAY, TimeInForce.GTC
LEAVES = [
    # life, TimeInForce, OrderQty, CumQty → LeavesQty
    (Life.PENDING_NEW, DAY, 10, 0, 10),
    (Life.NEW, DAY, 10, 4, 6),
    (Life.NEW, DAY, 10, 10, 0),
    (Life.NEW, DAY, 10, 13, 0),
    (Life.SUSPENDED, DAY, 10, 4, 6),
    (Life.DONE_FOR_DAY, DAY, 10, 4, 0),
    (Life.DONE_FOR_DAY, GTC, 10, 4, 6),
    (Life.CANCELED, GTC, 10, 4, 0),
    (Life.EXPIRED, GTC, 10, 4, 0),
    (Life.REJECTED, GTC, 10, 0, 0),
]


@pytest.mark.parametrize("case", STATUSES)
def test_the_highest_fact_of_fixs_precedence_is_the_status(case: tuple[int, ...]) -> None:
    *facts, status = case

    assert status_by(*map(int, facts)) == status


@pytest.mark.parametrize("case", LEAVES)
def test_what_is_left_of_an_order_follows_from_its_life_and_sums(case: tuple[int, ...]) -> None:
    *facts, leaves = case

    assert leaves_by(*map(int, facts)) == leaves
