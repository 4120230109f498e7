"""One desk for every test: an engine of kernels with venue, instruments, accounts, limits and marks."""

from typing import Any, NamedTuple

import pytest

from engine import Admin, Client, VenueFeed
from engine.answers import Ack
from engine.client.connection import Connection, introduce
from engine.client.conversation import converse
from tests.unit.engine.client.kernel_transport import KernelTransport

TRADE_DATE = 20261120


class Desk(NamedTuple):
    """A transport and every face on it."""

    transport: KernelTransport
    client: Client
    admin: Admin
    feed: VenueFeed

    def buy(self, **terms: Any) -> Ack:
        """Submit an order that is right, but for what is given."""
        order: dict[str, Any] = {
            "account": "ACC-1",
            "instrument": "AAPL",
            "strategy": "S1",
            "side": "BUY",
            "qty": 100,
            "price": "100.00",
        }
        return self.client.submit(**{**order, **terms})


def connected(transport: KernelTransport, principal: str = "quant") -> Client:
    """A client of its own on a transport: it remembers nothing of the others."""
    connection = Connection(transport)
    converse(transport, introduce(connection, principal))
    return Client(connection)


def desk_of(partitions: int) -> Desk:
    """A desk on an engine of so many partitions."""
    transport = KernelTransport(partitions)
    client = connected(transport)
    admin = Admin.on(client)
    admin.set_venue("XNAS")
    admin.set_instrument("AAPL", venue="XNAS", price_scale=2, qty_scale=0, tick="0.01", lot=1)
    admin.set_instrument("BTC-USD", venue="XNAS", price_scale=1, qty_scale=4, tick="0.5", lot="0.001")
    for account, strategies in (("ACC-1", ["S1", "S2"]), ("ACC-2", ["T1"])):
        admin.set_account(account, strategies=strategies)
        admin.set_limits(
            account,
            max_order_qty=100_000,
            max_order_notional=1_000_000,
            max_long_qty=50_000,
            max_short_qty=50_000,
        )
    admin.start_trading_day("XNAS", TRADE_DATE)
    admin.set_mark("AAPL", "100.00")
    admin.set_mark("BTC-USD", "100000")
    return Desk(transport, client, admin, VenueFeed.on(client, venue="XNAS"))


@pytest.fixture
def desk() -> Desk:
    return desk_of(1)


@pytest.fixture
def wide_desk() -> Desk:
    """A desk on an engine of three partitions."""
    return desk_of(3)
