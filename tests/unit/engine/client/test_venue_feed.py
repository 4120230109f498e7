"""Execution reports: facts, each counted once, whoever sends them and however often."""

from decimal import Decimal

import numpy as np
import pytest

from engine import VenueFeed
from engine.errors import BadRequest, OutcomeUnknown
from engine.rows.events import REPORT_EVENT
from engine.vocabulary import AnswerCode, OrdStatus, Reason
from tests.unit.engine.client.conftest import TRADE_DATE, Desk, connected


def test_a_life_of_reports(desk: Desk) -> None:
    ack = desk.buy()

    new = desk.feed.report(ack, "NEW", exec_id="E1")
    part = desk.feed.report(ack, "TRADE", exec_id="E2", last_qty=40, last_px="99.99")
    restated = desk.feed.report(ack, "RESTATED", exec_id="E3", leaves_qty=50)
    desk.client.replace(ack, qty=70, price="99.00")
    replaced = desk.feed.report(ack, "REPLACED", exec_id="E4", order_qty=80, price="98.50")
    done = desk.feed.report(ack, "CANCELED", exec_id="E5")

    statuses = [one.status for one in (new, part, restated, replaced, done)]
    assert statuses == [
        OrdStatus.NEW,
        OrdStatus.PARTIALLY_FILLED,
        OrdStatus.PARTIALLY_FILLED,
        OrdStatus.PARTIALLY_FILLED,
        OrdStatus.CANCELED,
    ]
    assert [one.leaves_qty for one in (new, part, restated, replaced, done)] == [100, 60, 50, 40, 0]
    assert done.cum_qty == Decimal(40)


def test_the_same_report_counts_once_and_another_one_is_an_incident(desk: Desk) -> None:
    ack = desk.buy()
    first = desk.feed.report(ack, "TRADE", exec_id="E1", last_qty=40, last_px=100)
    digests = desk.transport.digests()

    again = desk.feed.report(ack, "TRADE", exec_id="E1", last_qty=40, last_px=100)
    assert (again.code, again.position) == (AnswerCode.DUPLICATE, first.position)
    assert desk.transport.digests() == digests

    other = desk.feed.report(ack, "TRADE", exec_id="E1", last_qty=41, last_px=100)
    assert other.code == AnswerCode.CONFLICT


def test_a_print_between_ticks_is_a_fact(desk: Desk) -> None:
    ack = desk.buy(instrument="BTC-USD", price="100000.0", qty=1)

    assert desk.feed.report(ack, "TRADE", exec_id="E1", last_qty="0.0001", last_px="99999.7").is_accepted


def test_a_report_carries_the_venues_trade_date_unless_it_names_another(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")
    desk.feed.report(
        ack, "TRADE", exec_id="E2", last_qty=1, last_px=100, trade_date="2026-11-19", ts_event=123
    )

    events = desk.transport.logs[0].rows.view(REPORT_EVENT)[-2:]

    assert events["trade_date"].tolist() == [TRADE_DATE, 20261119]
    assert events["ts_event"][1] == 123


def test_a_feed_that_has_not_sent_an_order_looks_it_up(wide_desk: Desk) -> None:
    ack = wide_desk.buy(account="ACC-2", strategy="T1")
    feed = VenueFeed.on(connected(wide_desk.transport, "XNAS"), venue="XNAS")

    assert feed.report(ack.order_id, "NEW", exec_id="E1").partition == ack.partition
    asked = len(wide_desk.transport.asked)
    assert feed.report(ack.order_id, "TRADE", exec_id="E2", last_qty=1, last_px=100).is_accepted
    assert len(wide_desk.transport.asked) == asked


def test_names_save_looking_an_order_up(wide_desk: Desk) -> None:
    ack = wide_desk.buy(account="ACC-2", strategy="T1")
    other = connected(wide_desk.transport, "XNAS")
    asked, sent = len(wide_desk.transport.asked), len(wide_desk.transport.sent)

    report = VenueFeed.on(other, venue="XNAS").report(
        ack.order_id, "NEW", exec_id="E1", account="ACC-2", instrument="AAPL"
    )

    assert report.is_accepted
    assert len(wide_desk.transport.asked) == asked
    assert len(wide_desk.transport.sent) == sent + 1


def test_a_report_on_an_order_nobody_knows_is_kept_as_an_orphan(desk: Desk) -> None:
    orphan = desk.feed.report(
        5, "TRADE", exec_id="E1", last_qty=1, last_px=1, account="ACC-1", instrument="AAPL"
    )

    assert (orphan.code, orphan.reason) == (AnswerCode.REJECTED, Reason.UNKNOWN_ORDER)
    assert orphan.position >= 0


def test_a_venue_nobody_defined_is_refused(desk: Desk) -> None:
    ack = desk.buy()

    with pytest.raises(BadRequest, match="unknown venue 'XNYS'"):
        VenueFeed.on(desk.client, venue="XNYS").report(ack, "NEW", exec_id="E1")


def test_a_report_without_an_answer_counts_once(desk: Desk) -> None:
    ack = desk.buy()

    def fail(partition: int, rows: np.ndarray) -> None:
        desk.transport.after = lambda partition, rows: None
        raise OutcomeUnknown("no answer")

    desk.transport.after = fail
    with pytest.raises(OutcomeUnknown) as caught:
        desk.feed.report(ack, "TRADE", exec_id="E1", last_qty=40, last_px=100)

    assert "it counts once" in caught.value.__notes__[0]
    again = desk.feed.report(ack, "TRADE", exec_id="E1", last_qty=40, last_px=100)
    assert (again.code, again.cum_qty) == (AnswerCode.DUPLICATE, Decimal(40))
