"""A kill on a real log: every open order is asked to be canceled, durably, in under a second."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import Admin, AnswerCode, Client, Reason
from engine.kernel.jit import IS_NATIVE
from engine.rows.events import HEAD
from engine.vocabulary import EventKind
from storage.log_directory import log_name
from storage.log_reader import LogReader

ORDERS = 10_000
PARTITION = 0

pytestmark = pytest.mark.skipif(not IS_NATIVE, reason="the time is that of compiled rules")


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A client of an engine in this process, with so many open orders of one account and one of another."""
    with Client.connect(f"local:{tmp_path / 'engine'}", principal="desk") as client:
        define(Admin.on(client))
        submit(client, "A-1", "S-1", ORDERS)
        submit(client, "A-2", "S-2", 1)
        yield client


def define(admin: Admin) -> None:
    """Two accounts that may trade one instrument."""
    admin.set_venue("XNAS").raise_for_refusal()
    admin.set_instrument("AAPL", venue="XNAS").raise_for_refusal()
    for number in (1, 2):
        admin.set_account(f"A-{number}", strategies=[f"S-{number}"]).raise_for_refusal()
        admin.set_limits(
            f"A-{number}",
            max_order_qty=100,
            max_order_notional=1_000_000,
            max_long_qty=10**6,
            max_short_qty=10**6,
            orders_per_second=10**6,
            burst=10**6,
        ).raise_for_refusal()
    admin.start_trading_day("XNAS", 20261120).raise_for_refusal()
    admin.set_mark("AAPL", "100.00").raise_for_refusal()


def submit(client: Client, account: str, strategy: str, count: int) -> None:
    """So many open orders."""
    client.submit_many(
        {
            "account": [account] * count,
            "strategy": [strategy] * count,
            "instrument": ["AAPL"] * count,
            "side": ["BUY"] * count,
            "qty": np.ones(count, np.int64),
            "price": ["100.00"] * count,
        }
    ).raise_for_refusal()


def test_the_last_cancel_of_ten_thousand_orders_is_durable_within_a_second(
    client: Client, tmp_path: Path
) -> None:
    admin = Admin.on(client)

    began = time.perf_counter()
    (ack,) = admin.kill("ACCOUNT", account="A-1").raise_for_refusal()
    took_s = time.perf_counter() - began

    assert ack.total_affected_orders == ORDERS
    assert took_s < 1, f"the kill took {took_s:.3f} s"
    events = stored_events(tmp_path / "engine")
    asked = np.flatnonzero(events["kind"] == EventKind.CANCEL_REQUESTED)
    assert len(asked) == ORDERS
    assert ack.position == asked[-1] + 1


def stored_events(directory: Path) -> np.ndarray:
    """Every event of the partition's log, as another process would read it from the disk."""
    with LogReader.open(directory / log_name(PARTITION)) as reader:
        return np.concatenate([block.rows(HEAD) for block in reader.blocks(0) if block.header.count])


def test_a_killed_account_sends_nothing_until_its_halt_is_lifted_and_others_go_on(client: Client) -> None:
    admin = Admin.on(client)
    order: dict[str, Any] = {"instrument": "AAPL", "side": "BUY", "qty": 1, "price": "100.00"}
    admin.kill("ACCOUNT", account="A-1")

    refused = client.submit(account="A-1", strategy="S-1", **order)
    other = client.submit(account="A-2", strategy="S-2", **order)
    admin.set_trading_state("ACTIVE", "ACCOUNT", account="A-1", text="does not lift it")
    still_refused = client.submit(account="A-1", strategy="S-1", **order)
    admin.lift_halt("ACCOUNT", account="A-1", text="desk has looked").raise_for_refusal()
    accepted = client.submit(account="A-1", strategy="S-1", **order)

    assert [refused.reason, still_refused.reason] == [Reason.TRADING_HALTED] * 2
    assert [other.code, accepted.code] == [AnswerCode.ACCEPTED] * 2


def test_a_halt_outlives_the_engine(client: Client, tmp_path: Path) -> None:
    Admin.on(client).kill("ALL")
    client.close()

    with Client.connect(f"local:{tmp_path / 'engine'}", principal="desk") as again:
        order: dict[str, Any] = {"instrument": "AAPL", "side": "BUY", "qty": 1, "price": "100.00"}
        refused = again.submit(account="A-2", strategy="S-2", **order)

    assert refused.reason == Reason.TRADING_HALTED
