"""The order that hand-written flows begin with: account 1 buys 10 at 100, right after `open_trading`."""

from tests.model.commands import SubmitOrder
from tests.model.words import Side
from tests.properties.choices import DAY_1

FIRST_ORDER = SubmitOrder(
    order_id=(DAY_1, b"ACC-1", b"A"),
    trade_date=DAY_1,
    account=1,
    instrument=1,
    strategy=1,
    cl_ord_id=b"A",
    side=Side.BUY,
    qty=10,
    price=100,
)
"""Tests change what they are about with `dataclasses.replace`."""
