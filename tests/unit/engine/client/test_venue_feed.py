"""Execution reports: facts, each counted once, whoever sends them and however often."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from engine import Client, VenueFeed
from engine.answers import Ack
from engine.errors import BadRequest, OrderfoldError, OutcomeUnknown, Overloaded
from engine.rows.events import REPORT_EVENT
from engine.rows.lifecycle_events import STATED_CHANGE_EVENT
from engine.vocabulary import AnswerCode, CommandKind, EventKind, OrdStatus, Reason
from tests.unit.engine.client.conftest import TRADE_DATE, Desk, connected
from tests.unit.engine.client.kernel_transport import KernelTransport


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


def test_a_venue_says_no_to_a_cancel_and_the_order_goes_on(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")
    assert desk.client.cancel(ack, cl_ord_id="C1").status == OrdStatus.PENDING_CANCEL

    no = desk.feed.reject_request(ack, "CANCEL", cl_ord_id="C1", cxl_rej_reason=0)
    again = desk.feed.reject_request(ack, "CANCEL", cl_ord_id="C1", cxl_rej_reason=0)
    other = desk.feed.reject_request(ack, "CANCEL", cl_ord_id="C1", cxl_rej_reason=2)

    assert (no.code, no.status, no.reason) == (AnswerCode.ACCEPTED, OrdStatus.NEW, Reason.NONE)
    assert (again.code, again.position) == (AnswerCode.DUPLICATE, no.position)
    assert other.code == AnswerCode.CONFLICT
    assert desk.client.cancel(ack, cl_ord_id="C2").status == OrdStatus.PENDING_CANCEL


def test_a_venue_says_no_to_a_replace_and_the_terms_stay(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")
    desk.client.replace(ack, qty=70, price="99.00", cl_ord_id="C1")

    no = desk.feed.reject_request(ack, "REPLACE", cl_ord_id="C1", cxl_rej_reason=99)

    assert (no.status, no.leaves_qty) == (OrdStatus.NEW, Decimal(100))
    unasked = desk.feed.reject_request(ack, "REPLACE", cl_ord_id="C9")
    assert (unasked.code, unasked.reason) == (AnswerCode.ACCEPTED, Reason.STATUS_DIFFERS)


def test_a_filled_order_takes_more_where_its_venue_does(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "TRADE", exec_id="E1", last_qty=100, last_px=100)
    assert desk.client.replace(ack, qty=120, price=100).reason == Reason.TOO_LATE
    desk.admin.set_instrument(
        "AAPL", venue="XNAS", price_scale=2, qty_scale=0, tick="0.01", lot=1, is_reopening_allowed=True
    )

    dearer = desk.client.replace(ack, qty=100, price=101, cl_ord_id="R0")
    more = desk.client.replace(ack, qty=120, price=100, cl_ord_id="R1")
    done = desk.feed.report(ack, "REPLACED", exec_id="E2")

    assert dearer.reason == Reason.TOO_LATE
    assert (more.status, more.leaves_qty) == (OrdStatus.PENDING_REPLACE, Decimal(0))
    assert (done.status, done.leaves_qty) == (OrdStatus.PARTIALLY_FILLED, Decimal(20))


def test_two_accounts_may_have_one_cl_ord_id_rejected(desk: Desk) -> None:
    acks = [desk.buy(), desk.buy(account="ACC-2", strategy="T1")]
    for n, ack in enumerate(acks):
        desk.feed.report(ack, "NEW", exec_id=f"E{n}")
        desk.client.cancel(ack, cl_ord_id="C1")

    rejects = [desk.feed.reject_request(ack, "CANCEL", cl_ord_id="C1") for ack in acks]

    assert [(no.code, no.status) for no in rejects] == [(AnswerCode.ACCEPTED, OrdStatus.NEW)] * 2


def test_what_is_odd_about_an_accepted_report_is_said(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "CANCELED", exec_id="E1")

    late = desk.feed.report(ack, "REPLACED", exec_id="E2", order_qty=500)

    assert (late.code, late.reason, late.is_accepted) == (AnswerCode.ACCEPTED, Reason.LATE_REPORT, True)
    assert (late.status, late.leaves_qty) == (OrdStatus.CANCELED, Decimal(0))
    assert str(late).startswith("ACCEPTED LATE_REPORT order")
    assert str(late).endswith("the order had ended when the venue's report came")


def test_what_the_venue_holds_an_order_to_be_is_compared(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")

    same = desk.feed.report(ack, "ORDER_STATUS", exec_id="E2", ord_status="NEW", cum_qty=0, leaves_qty=100)
    differs = [
        desk.feed.report(ack, "ORDER_STATUS", exec_id="E3", ord_status="SUSPENDED"),
        desk.feed.report(ack, "ORDER_STATUS", exec_id="E4", cum_qty=1),
        desk.feed.report(ack, "ORDER_STATUS", exec_id="E5", leaves_qty=0),
    ]

    assert same.reason == Reason.NONE
    assert [one.reason for one in differs] == [Reason.STATUS_DIFFERS] * 3
    assert [one.status for one in differs] == [OrdStatus.NEW] * 3


def test_an_order_is_suspended_resumed_stopped_and_done_for_the_day(desk: Desk) -> None:
    ack = desk.buy(time_in_force="GTC")
    words = ["NEW", "SUSPENDED", "NEW", "STOPPED", "DONE_FOR_DAY"]

    said = [desk.feed.report(ack, word, exec_id=f"E{n}") for n, word in enumerate(words)]
    renewed = desk.feed.report(ack, "RESTATED", exec_id="E9", order_qty=80, exec_restatement_reason=1)

    assert [one.status.name for one in said] == ["NEW", "SUSPENDED", "NEW", "STOPPED", "DONE_FOR_DAY"]
    assert [one.leaves_qty for one in said] == [Decimal(100)] * 5
    assert (renewed.status, renewed.leaves_qty) == (OrdStatus.STOPPED, Decimal(80))


def test_what_a_venue_gave_as_its_reason_is_kept(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")
    desk.client.cancel(ack, cl_ord_id="C1")
    desk.feed.reject_request(ack, "CANCEL", cl_ord_id="C1", cxl_rej_reason=2)
    desk.feed.report(ack, "REJECTED", exec_id="E2", ord_rej_reason=1)

    events = desk.transport.logs[0].rows.view(STATED_CHANGE_EVENT)[-2:]

    assert events["reject_reason"].tolist() == [2, 1]


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


def test_a_stated_cum_qty_that_is_not_ours_is_a_gap_until_the_missing_report_comes(desk: Desk) -> None:
    ack = desk.buy()

    late = desk.feed.report(ack, "TRADE", exec_id="E2", last_qty=40, last_px=100, cum_qty=60, ts_event=2_000)
    missing = desk.feed.report(
        ack, "TRADE", exec_id="E1", last_qty=20, last_px=100, cum_qty=20, ts_event=1_000
    )
    kinds = desk.transport.logs[0].rows["kind"][-5:].tolist()

    assert (late.is_accepted, late.reason) == (True, Reason.CUM_QTY_GAP)
    assert (missing.cum_qty, missing.reason) == (Decimal(60), Reason.NONE)
    assert kinds == [
        EventKind.TRADE_EXECUTED,
        EventKind.CUM_QTY_GAP_DETECTED,
        EventKind.TRADE_EXECUTED,
        EventKind.POSITION_RESTATED,
        EventKind.CUM_QTY_GAP_CLOSED,
    ]


def test_a_bust_reopens_a_filled_order_and_a_correction_changes_what_it_counts(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "TRADE", exec_id="E1", last_qty=60, last_px=100)
    filled = desk.feed.report(ack, "TRADE", exec_id="E2", last_qty=40, last_px=101)

    corrected = desk.feed.report(
        ack, "TRADE_CORRECT", exec_id="C1", exec_ref_id="E2", last_qty=30, last_px=101
    )
    busted = desk.feed.report(ack, "TRADE_CANCEL", exec_id="B1", exec_ref_id="E1")
    again = desk.feed.report(ack, "TRADE_CANCEL", exec_id="B2", exec_ref_id="E1")

    assert [(one.status, one.cum_qty, one.leaves_qty) for one in (filled, corrected, busted)] == [
        (OrdStatus.FILLED, Decimal(100), Decimal(0)),
        (OrdStatus.PARTIALLY_FILLED, Decimal(90), Decimal(10)),
        (OrdStatus.PARTIALLY_FILLED, Decimal(30), Decimal(70)),
    ]
    assert (again.is_accepted, again.reason, again.cum_qty) == (True, Reason.BUST_OF_BUST, Decimal(30))


def test_a_bust_that_comes_first_waits_for_its_trade(desk: Desk) -> None:
    ack = desk.buy()

    early = desk.feed.report(ack, "TRADE_CANCEL", exec_id="B1", exec_ref_id="E1")
    trade = desk.feed.report(ack, "TRADE", exec_id="E1", last_qty=60, last_px=100)

    assert (early.is_accepted, early.reason) == (True, Reason.CORRECTION_AWAITED)
    assert (trade.cum_qty, trade.leaves_qty, trade.reason) == (
        Decimal(0),
        Decimal(100),
        Reason.CORRECTION_AWAITED,
    )


@pytest.mark.parametrize(
    ("exec_type", "said", "message"),
    [
        ("TRADE_CANCEL", {}, "needs exec_ref_id"),
        ("TRADE_CORRECT", {"exec_ref_id": "E1"}, "needs last_qty and last_px"),
        ("TRADE", {"last_qty": 1, "last_px": 1, "exec_ref_id": "E1"}, "has no exec_ref_id"),
    ],
)
def test_only_corrections_say_what_they_are_about(
    desk: Desk, exec_type: str, said: dict[str, Any], message: str
) -> None:
    ack = desk.buy()

    with pytest.raises(BadRequest, match=message):
        desk.feed.report(ack, exec_type, exec_id="X1", **said)


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


# ---- in whose scales a fill is booked: one client takes the order for one on another instrument

SAME_ID: dict[str, Any] = {"account": "ACC-1", "strategy": "S1", "side": "BUY", "qty": 3, "cl_ord_id": "X"}
ON_AAPL = {**SAME_ID, "instrument": "AAPL", "price": 100}
ON_BTC = {**SAME_ID, "instrument": "BTC-USD", "price": 100_000}


def submit_in_vain(client: Client, error: OrderfoldError, when: str = "before") -> None:
    """Submit the order on BTC-USD; the delivery fails `before` or `after` the engine has decided."""
    transport = client.connection.transport
    assert isinstance(transport, KernelTransport)

    def fail(partition: int, rows: np.ndarray) -> None:
        setattr(transport, when, lambda partition, rows: None)
        raise error

    setattr(transport, when, fail)
    with pytest.raises(type(error)):
        client.submit(**ON_BTC)


def submit_too_fast(desk: Desk, client: Client) -> None:
    """Submit the order on BTC-USD where the account's rate is spent."""
    limits: dict[str, Any] = dict.fromkeys(("max_order_qty", "max_long_qty", "max_short_qty"), 100)
    limits |= {"max_order_notional": 10**6, "instrument": "BTC-USD", "orders_per_second": 1, "burst": 1}
    desk.admin.set_limits("ACC-1", **limits)
    assert client.submit(**{**ON_BTC, "cl_ord_id": "Y", "qty": 1}).is_accepted
    assert client.submit(**ON_BTC).code == AnswerCode.RATE_LIMIT


MISTAKEN: dict[str, Callable[[Desk, Client], object]] = {
    "too fast": submit_too_fast,
    "nobody took it": lambda desk, client: submit_in_vain(client, Overloaded("queue full")),
    "no answer, and not taken": lambda desk, client: submit_in_vain(client, OutcomeUnknown("no answer")),
}


def report_a_fill(client: Client, order_id: str) -> Ack:
    """Report 3 at 100 as this client understands the order."""
    feed = VenueFeed.on(client, venue="XNAS")
    return feed.report(order_id, "TRADE", exec_id="E1", last_qty=3, last_px=100)


def assert_booked_as_a_fill_of_aapl(desk: Desk) -> None:
    assert desk.transport.logs[0].rows.view(REPORT_EVENT)[["last_qty", "last_px"]][-1].tolist() == (3, 10_000)


@pytest.mark.parametrize("mistake", MISTAKEN.values(), ids=MISTAKEN)
def test_what_nobody_took_does_not_scale_the_fills_of_the_order_that_follows(
    desk: Desk, mistake: Callable[[Desk, Client], object]
) -> None:
    mistake(desk, desk.client)
    ack = desk.client.submit(**ON_AAPL)

    assert (ack.code, ack.leaves_qty) == (AnswerCode.ACCEPTED, Decimal(3))
    assert report_a_fill(desk.client, ack.order_id).is_accepted
    assert_booked_as_a_fill_of_aapl(desk)
    assert desk.client.resend_unanswered() == []


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_conflict_with_somebody_elses_order_does_not_scale_its_fills(desk: Desk, is_answered: bool) -> None:
    ack = desk.client.submit(**ON_AAPL)
    other = connected(desk.transport, "other")
    if is_answered:
        assert other.submit(**ON_BTC).code == AnswerCode.CONFLICT
    else:
        submit_in_vain(other, OutcomeUnknown("no answer"))

    assert report_a_fill(other, ack.order_id).is_accepted
    assert_booked_as_a_fill_of_aapl(desk)


def test_a_conflict_leaves_the_order_open_that_was_sent_first(desk: Desk) -> None:
    submit_in_vain(desk.client, OutcomeUnknown("no answer"), "after")

    assert desk.client.submit(**ON_AAPL).code == AnswerCode.CONFLICT
    acks = desk.client.resend_unanswered()

    assert [(one.code, one.outcome) for one in acks] == [(AnswerCode.DUPLICATE, AnswerCode.ACCEPTED)]
    assert acks[0].leaves_qty == Decimal("3.0000")
    assert report_a_fill(desk.client, acks[0].order_id).leaves_qty == 0


def test_a_report_that_names_another_instrument_is_refused_by_the_engine(desk: Desk) -> None:
    ack = desk.client.submit(**ON_AAPL)
    feeds = [desk.feed, VenueFeed.on(connected(desk.transport, "other"), venue="XNAS")]
    digests = desk.transport.digests()
    fill: dict[str, Any] = {"exec_id": "E1", "last_qty": 3, "last_px": 100, "account": "ACC-1"}

    for feed in feeds:
        wrong = feed.report(ack.order_id, "TRADE", instrument="BTC-USD", **fill)
        assert (wrong.code, wrong.reason) == (AnswerCode.INVALID, Reason.UNKNOWN_INSTRUMENT)
        assert "not the one of the order" in str(wrong)
    assert desk.transport.digests() == digests

    for code in (AnswerCode.ACCEPTED, AnswerCode.DUPLICATE):
        right = feeds[-1].report(ack.order_id, "TRADE", instrument="AAPL", **fill)
        assert right.code == code
    assert report_a_fill(desk.client, ack.order_id).code == AnswerCode.DUPLICATE
    assert_booked_as_a_fill_of_aapl(desk)


def test_every_report_says_in_whose_scales_its_numbers_are(desk: Desk) -> None:
    report_a_fill(desk.client, desk.client.submit(**ON_AAPL).order_id)

    _, rows = desk.transport.sent[-1]

    assert rows["kind"][0] == CommandKind.EXECUTION_REPORT
    assert rows["instrument"][0] == desk.client.catalog.instrument("AAPL").handle
