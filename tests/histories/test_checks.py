"""A history that agrees with its log has no anomaly; each of the six kinds, made by hand, is named.

The log: order 1 is submitted (offset 3), order 2 denied (4), order 1 trades 4 of 10 (5), then a cancel (6).
"""

from typing import Any

import msgspec
import numpy as np
import pytest

from engine.rows.events import ORDER_EVENT, REPORT_EVENT, event_rows
from engine.values import id_text
from engine.vocabulary import EventKind, Lane, Side
from tests.histories.checks import CHECKS, MARK, Event, anomalies, events_in
from tests.histories.operations import NOTHING, UNKNOWN, Operation, Read, Wrote

ORDER, DENIED = id_text(0, 1), id_text(0, 2)
ACCOUNT = 7
SUBMITTED: dict[str, Any] = {"version": 1, "cum_qty": 0, "leaves_qty": 10}
TRADED: dict[str, Any] = {"version": 2, "cum_qty": 4, "leaves_qty": 6}
ASKED: dict[str, Any] = {"version": 3, "cum_qty": 4, "leaves_qty": 6}


def log_rows() -> np.ndarray:
    """The rows of the log; the first three are no client's."""
    rows = event_rows(7)
    orders, reports = rows.view(ORDER_EVENT), rows.view(REPORT_EVENT)
    rows["kind"][3:] = [
        EventKind.ORDER_SUBMITTED,
        EventKind.ORDER_DENIED,
        EventKind.TRADE_EXECUTED,
        EventKind.CANCEL_REQUESTED,
    ]
    rows["lane"][3:] = [Lane.OWNER, Lane.OWNER, Lane.VENUE, Lane.OWNER]
    rows["order_id_lo"][3:] = [1, 2, 1, 1]
    rows["version"][3:] = [1, 0, 2, 3]
    rows["account"][3:] = ACCOUNT
    orders["cl_ord_id"][3:] = [b"a.1", b"a.2", b"b.1", b"a.3"]
    orders["order_qty"][3], reports["last_qty"][5] = 10, 4
    reports["side"][5] = Side.BUY
    orders["cum_qty"][5:], orders["leaves_qty"][5:] = 4, 6
    return rows


def wrote(text: str, outcome: str = "ACCEPTED", *, client: str = "a", at: int = 0, **told: Any) -> Wrote:
    return Wrote(client, at, at + 1, text, outcome, **told)


def read(subject: str, key: str, as_of: int, *, at: int, **rest: Any) -> Read:
    said: dict[str, Any] = {"client": "a", "asked": -1, "lag": 0, **rest}
    return Read(begun_ns=at, ended_ns=at + 1, subject=subject, key=key, as_of=as_of, **said)


HISTORY: list[Operation] = [
    wrote("a.1", UNKNOWN, at=1),
    wrote("a.1", at=3, order_id=ORDER, offset=3, **SUBMITTED),
    wrote("a.2", "REJECTED", at=5, order_id=DENIED, offset=4),
    wrote("b.1", client="b", at=6, order_id=ORDER, offset=5, **TRADED),
    wrote("a.9", NOTHING, at=7),
    wrote("a.3", NOTHING, at=9),
    wrote("a.3", at=11, order_id=ORDER, offset=6, **ASKED),
    read("order", ORDER, 4, at=12, values=SUBMITTED, lag=2),
    read("order", ORDER, 6, at=13, values=ASKED, asked=6),
    read("order", DENIED, 6, at=14, values={}),
    read("position", str(ACCOUNT), 4, at=15, values={"qty": 0}, lag=2),
    read("exposure", str(ACCOUNT), 5, at=16, values={"net": 4 * MARK}, client="b"),
]


def changed(at: int, **fields: Any) -> list[Operation]:
    """The history with one operation that says something else."""
    return [*HISTORY[:at], msgspec.structs.replace(HISTORY[at], **fields), *HISTORY[at + 1 :]]


def without(offset: int) -> list[Event]:
    """The events of the log as if one had been lost."""
    return [event for event in events_in(log_rows()) if event.offset != offset]


def doubled(offset: int) -> list[Event]:
    """The events of the log with one of them a second time, at its end."""
    events = events_in(log_rows())
    again = next(event for event in events if event.offset == offset)
    return [*events, again._replace(offset=7)]


def test_a_history_that_agrees_with_its_log_has_no_anomaly() -> None:
    assert anomalies(HISTORY, events_in(log_rows())) == []


@pytest.mark.parametrize(
    ("check", "history", "events"),
    [
        ("lost", HISTORY, without(6)),
        ("doubled", HISTORY, doubled(5)),
        ("aborted", changed(2, text="a.1"), events_in(log_rows())),
        ("aborted", [wrote("a.3", NOTHING)], events_in(log_rows())),
        ("conflicting", changed(3, offset=4), events_in(log_rows())),
        ("conflicting", changed(3, cum_qty=5), events_in(log_rows())),
        ("conflicting", [*HISTORY, wrote("a.1", "REJECTED", at=20, offset=8)], events_in(log_rows())),
        ("skipped", changed(8, values=TRADED), events_in(log_rows())),
        ("skipped", changed(9, values=SUBMITTED), events_in(log_rows())),
        ("skipped", changed(10, as_of=5, lag=1), events_in(log_rows())),
        ("skipped", changed(11, values={"net": 0}), events_in(log_rows())),
        ("stale", changed(8, asked=7), events_in(log_rows())),
        ("stale", changed(10, lag=1), events_in(log_rows())),
    ],
)
def test_an_anomaly_is_named(check: str, history: list[Operation], events: list[Event]) -> None:
    found = anomalies(history, events)

    assert check in CHECKS
    assert check in [sentence.split(":")[0] for sentence in found], found
