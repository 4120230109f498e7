"""The price at which an order works, by its type; and OrderSubmitted of version 1, which has fewer terms."""

import numpy as np
import pytest

from engine.kernel.jit import entry
from engine.kernel.kernel import Kernel
from engine.kernel.order_terms import working_price
from engine.kernel.table_rows import INSTRUMENT
from engine.limits import PRICE_MAX
from engine.rows.commands import ORDER_COMMAND
from engine.rows.events import ORDER_EVENT
from engine.vocabulary import EventKind, OrdType, Side
from tests.model.commands import SubmitOrder
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.flow import open_trading
from tests.properties.side_by_side import ROOMY, SideBySide
from tests.properties.translation import engine_capacity

BUY, SELL = Side.BUY, Side.SELL
MARKET, LIMIT, STOP, STOP_LIMIT = OrdType.MARKET, OrdType.LIMIT, OrdType.STOP, OrdType.STOP_LIMIT

PRICES = [
    # type, side, price, stop_px, mark, tick, collar in ppm → works at
    (LIMIT, BUY, 123, 0, 100, 1, 50_000, 123),
    (STOP_LIMIT, SELL, 90, 95, 100, 1, 50_000, 90),
    (MARKET, BUY, 0, 0, 100, 1, 50_000, 105),
    (MARKET, SELL, 0, 0, 100, 1, 50_000, 95),
    (MARKET, BUY, 0, 0, 101, 1, 50_000, 106),
    (MARKET, SELL, 0, 0, 101, 1, 50_000, 96),
    (MARKET, BUY, 0, 0, 103, 5, 0, 100),
    (MARKET, SELL, 0, 0, 103, 5, 0, 105),
    (MARKET, BUY, 0, 0, 3, 5, 0, 5),
    (MARKET, SELL, 0, 0, 100, 1, 10**6, 1),
    (MARKET, BUY, 0, 0, 0, 5, 50_000, 5),
    (STOP, BUY, 0, 200, 100, 1, 50_000, 210),
    (STOP, SELL, 0, 50, 100, 5, 50_000, 50),
    (MARKET, BUY, 0, 0, PRICE_MAX, 1, 10**6, PRICE_MAX),
    (MARKET, BUY, 0, 0, PRICE_MAX - 1, 7, 1, (PRICE_MAX // 7) * 7),
    (MARKET, SELL, 0, 0, PRICE_MAX - 1, 1, 1, PRICE_MAX - 1 - 999_999_999),
]


@entry
def works_at(asked: np.ndarray, instruments: np.ndarray, collar_ppm: np.int64) -> int:
    """The rule, as Python can call it: one row of each."""
    price: int = working_price(asked[0], instruments[0], collar_ppm)
    return price


@pytest.mark.parametrize("case", PRICES)
def test_an_order_without_a_price_works_at_the_last_tick_inside_the_collar(case: tuple[int, ...]) -> None:
    ord_type, side, price, stop_px, mark, tick, collar, wanted = case
    terms, instrument = np.zeros(1, ORDER_COMMAND), np.zeros(1, INSTRUMENT)
    terms["ord_type"], terms["side"], terms["price"], terms["stop_px"] = ord_type, side, price, stop_px
    instrument["mark"], instrument["tick"] = mark, tick

    assert works_at(terms, instrument, np.int64(collar)) == wanted


def test_version_1_of_a_new_order_folds_to_the_state_of_version_2() -> None:
    side = SideBySide(ROOMY)
    open_trading(Draws(side))
    side.add(
        SubmitOrder(
            order_id=(DAY_1, b"ACC-1", b"A"),
            trade_date=DAY_1,
            account=1,
            instrument=1,
            strategy=1,
            cl_ord_id=b"A",
            side="1",
            qty=10,
            price=100,
        )
    )
    side.send()
    again = Kernel(engine_capacity(ROOMY))

    for rows, now_ns in side.logged.blocks:
        older = rows.copy().view(ORDER_EVENT)
        is_new = older["kind"] == EventKind.ORDER_SUBMITTED
        older["schema"][is_new] = 1
        older["leaves_qty"][is_new] = older["order_qty"][is_new]
        again.fold(older.view(rows.dtype), now_ns)

    assert again.digest() == side.logged.kernel.digest()
