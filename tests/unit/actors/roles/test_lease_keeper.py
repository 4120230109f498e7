"""The keeper of leases in an engine of two partitions: what it asks for, renews and returns."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from actors.local_transport import LocalTransport
from actors.warm_up import SMALL
from engine import Admin, Client, VenueFeed
from engine.answers import Ack
from engine.client.connection import Connection, introduce
from engine.client.conversation import converse
from engine.config import LeasesConfig
from engine.vocabulary import AnswerCode, Reason

SECOND_NS = 10**9
CONFIG = replace(
    SMALL,
    engine=replace(SMALL.engine, partitions=2),
    leases=LeasesConfig(share_percent=20, slice_percent=10, ttl_ms=10_000),
)
ACCOUNTS = ("A-0", "A-1")
"""In two different partitions, as the test itself asserts."""


class Engine:
    """An engine whose firm may use 10,000 dollars, a desk on it, and the clock that both go by."""

    def __init__(self, directory: Path) -> None:
        self.now_ns = 1_795_000_000 * SECOND_NS
        self.directory = directory
        self.open()
        self.define()

    def open(self) -> None:
        self.transport = LocalTransport(self.directory, CONFIG, lambda: self.now_ns, allow_volatile=True)
        connection = Connection(self.transport)
        converse(self.transport, introduce(connection, "desk"))
        self.client = Client(connection)
        self.admin, self.feed = Admin.on(self.client), VenueFeed.on(self.client, venue="XNAS")

    def define(self) -> None:
        self.admin.set_venue("XNAS")
        self.admin.set_instrument("AAPL", venue="XNAS")
        for account in ACCOUNTS:
            self.admin.set_account(account, strategies=[f"S{account}"])
            self.admin.set_limits(
                account,
                max_order_qty=10_000,
                max_order_notional=1_000_000,
                max_long_qty=10_000,
                max_short_qty=10_000,
            )
        self.admin.start_trading_day("XNAS", 20261120)
        self.admin.set_mark("AAPL", "100.00")
        self.admin.set_firm_limit("USD", 10_000).raise_for_refusal()

    def buy(self, account: str, qty: int) -> Ack:
        terms: dict[str, Any] = {"side": "BUY", "instrument": "AAPL", "price": "100.00"}
        return self.client.submit(account=account, strategy=f"S{account}", qty=qty, **terms)

    def granted(self) -> list[int]:
        """What each partition may use, and nothing is on its way."""
        table = self.client.leases()
        assert [row.returning for row in table] == [0, 0]
        return [int(row.granted) for row in table]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(tmp_path / "engine")
    yield engine
    engine.transport.close()


def test_each_partition_has_its_share_and_slices_follow_what_is_used(engine: Engine) -> None:
    """A share of 1,000 each; with less than 1,000 free a partition asks until 2,000 are."""
    assert engine.granted() == [2_000, 2_000]
    orders = [engine.buy(account, 15) for account in ACCOUNTS]

    assert {order.partition for order in orders} == {0, 1}
    assert engine.granted() == [3_500, 3_500]
    assert engine.buy("A-0", 20).code == AnswerCode.ACCEPTED
    assert sorted(engine.granted()) == [3_500, 5_500]


def test_together_they_never_get_more_than_the_limit(engine: Engine) -> None:
    answers = [engine.buy(account, 10) for _ in range(8) for account in ACCOUNTS]

    bought = sum(10 for answer in answers if answer.code == AnswerCode.ACCEPTED)
    assert bought == 100
    assert {answer.reason for answer in answers} == {Reason.NONE, Reason.FIRM_BUDGET}
    assert sum(engine.granted()) == 10_000


def test_what_is_idle_goes_back_and_to_who_needs_it(engine: Engine) -> None:
    orders = [engine.buy("A-0", 10) for _ in range(8)]
    assert sorted(engine.granted()) == [2_000, 8_000]
    assert engine.buy("A-1", 20).code == AnswerCode.ACCEPTED
    assert engine.buy("A-1", 10).reason == Reason.FIRM_BUDGET

    for n, order in enumerate(orders[:6]):
        engine.feed.report(order, "CANCELED", exec_id=f"X{n}")

    assert sum(engine.granted()) < 10_000
    assert engine.buy("A-1", 10).code == AnswerCode.ACCEPTED


def test_a_lease_is_renewed_as_long_as_its_keeper_lives(engine: Engine) -> None:
    for _ in range(3):
        engine.now_ns += 6 * SECOND_NS
        assert engine.buy("A-0", 1).code == AnswerCode.ACCEPTED
    engine.now_ns += 3_600 * SECOND_NS

    assert engine.buy("A-0", 1).code == AnswerCode.ACCEPTED, "an engine that has been idle renews first"


def test_a_return_that_was_not_recorded_is_found_again_after_a_restart(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalTransport, "_keep_leases", lambda _: None)
    order = engine.buy("A-0", 10)
    engine.admin.return_lease(order.partition, "USD", 500).raise_for_refusal()
    assert sorted(row.returning for row in engine.client.leases()) == [0, 500]
    engine.transport.close()
    monkeypatch.undo()

    engine.open()

    assert sorted(engine.granted()) == [2_000, 3_000], "recorded, and asked for again as it is needed"


def test_a_limit_that_is_taken_away_limits_nobody_and_leases_are_given_back(engine: Engine) -> None:
    engine.buy("A-0", 10)
    engine.admin.set_firm_limit("USD", None).raise_for_refusal()

    assert engine.buy("A-0", 500).code == AnswerCode.ACCEPTED
    assert sorted(engine.granted()) == [0, 1_000]
