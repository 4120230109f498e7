"""Compares histories with the log: an anomaly is a sentence that begins with its check's name.

lost         a command was answered, and the log does not have it
doubled      a command has two events
aborted      a command was refused, or nothing of it had happened, and it was executed
conflicting  an answer names another event, or says other things, than the log or another answer
skipped      a read shows another state than the fold of all events up to the position that it names
stale        a read reflects less than it was asked for, or goes back without saying so
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.rows.events import HEAD, ORDER_EVENT, REPORT_EVENT
from engine.values import id_text
from engine.vocabulary import AnswerCode, EventKind, Lane, Side
from storage.log_reader import LogReader
from tests.histories.operations import NOTHING, UNKNOWN, Operation, Read, Wrote

LOST, DOUBLED, ABORTED, CONFLICTING, SKIPPED, STALE = CHECKS = (
    "lost",
    "doubled",
    "aborted",
    "conflicting",
    "skipped",
    "stale",
)

MARK = 100
"""What the one instrument of a history is worth, in whole units; it never changes."""

DENIALS = {EventKind.ORDER_DENIED, EventKind.REPLACE_DENIED, EventKind.CANCEL_DENIED}
"""Events that say no: nothing of the command was executed."""

LANES = {Lane.OWNER, Lane.VENUE}
"""Of commands that have a text of their own."""


class Event(NamedTuple):
    """One event of an order, as the log has it; quantities in whole units."""

    offset: int
    text: str
    order_id: str
    kind: int
    version: int
    cum_qty: int
    leaves_qty: int
    account: int
    traded_qty: int


def events_in(rows: np.ndarray) -> list[Event]:
    """The events of orders among a log's rows (HEAD dtype), the first of which is event 0."""
    return [_event_at(rows, at) for at in range(len(rows)) if rows["lane"][at] in LANES]


def _event_at(rows: np.ndarray, at: int) -> Event:
    row = rows[at : at + 1]
    order, report = row.view(ORDER_EVENT)[0], row.view(REPORT_EVENT)[0]
    is_trade = order["kind"] == EventKind.TRADE_EXECUTED
    sign = 1 if report["side"] == Side.BUY else -1
    # The first event of an order has other things in the bytes of these quantities: nothing of it is filled.
    is_new = order["kind"] == EventKind.ORDER_SUBMITTED
    is_none = order["kind"] == EventKind.ORDER_DENIED
    return Event(
        offset=at,
        text=order["cl_ord_id"].decode(),
        order_id=id_text(order["order_id_hi"], order["order_id_lo"]),
        kind=int(order["kind"]),
        version=int(order["version"]),
        cum_qty=0 if is_new or is_none else int(order["cum_qty"]),
        leaves_qty=0 if is_none else int(order["order_qty"] if is_new else order["leaves_qty"]),
        account=int(order["account"]),
        traded_qty=sign * int(report["last_qty"]) if is_trade else 0,
    )


def anomalies(operations: Iterable[Operation], events: list[Event]) -> list[str]:
    """Everything about the histories of all clients that the log contradicts."""
    known = sorted(operations, key=lambda operation: operation.ended_ns)
    wrote = [operation for operation in known if isinstance(operation, Wrote)]
    reads = [operation for operation in known if isinstance(operation, Read)]
    return [*_wrong_writes(wrote, events), *_wrong_reads(reads, events), *_stale_reads(reads)]


def _wrong_writes(wrote: list[Wrote], events: list[Event]) -> Iterator[str]:
    of_text = defaultdict[str, list[Event]](list)
    for event in events:
        of_text[event.text].append(event)
    for text, several in of_text.items():
        if len(several) > 1 and text:
            yield f"{DOUBLED}: {text} has the events {[event.offset for event in several]}"
    # Who was told that nothing had happened may have tried again.
    tried_again = {operation.text for operation in wrote if operation.outcome != NOTHING}
    told = dict[str, Wrote]()
    for operation in wrote:
        if operation.outcome == NOTHING and operation.text in tried_again:
            continue
        yield from _wrong_write(operation, of_text.get(operation.text, []))
        if operation.offset < 0:
            continue
        first = told.setdefault(operation.text, operation)
        if _answer(first) != _answer(operation):
            yield (
                f"{CONFLICTING}: {operation.client} was told {_answer(operation)} of {operation.text}, "
                f"{first.client} was told {_answer(first)}"
            )


def _answer(operation: Wrote) -> tuple[str, int, int]:
    return operation.outcome, operation.offset, operation.version


def _wrong_write(operation: Wrote, events: list[Event]) -> Iterator[str]:
    """What the log contradicts of one answer; `events` are those of the command."""
    executed = [event.offset for event in events if event.kind not in DENIALS]
    who = f"{operation.client} was told {operation.outcome} of {operation.text}"
    if operation.outcome == UNKNOWN:
        return
    if operation.outcome != AnswerCode.ACCEPTED.name and executed:
        yield f"{ABORTED}: {who}, and event {executed[0]} executes it"
        return
    if operation.outcome == NOTHING or operation.offset < 0:
        return
    if not events:
        yield f"{LOST}: {who} at offset {operation.offset}, and the log has no such event"
        return
    event = events[0]
    says = (event.offset, event.version, event.cum_qty, event.leaves_qty)
    told = (operation.offset, operation.version, operation.cum_qty, operation.leaves_qty)
    if says != told:
        yield f"{CONFLICTING}: {who} with offset, version, CumQty, LeavesQty {told}; the log says {says}"


def _wrong_reads(reads: list[Read], events: list[Event]) -> Iterator[str]:
    """Fold the log once, and look at each read when its position is reached."""
    orders = dict[str, Event]()
    positions = defaultdict[str, int](int)
    at = 0
    for read in sorted(reads, key=lambda read: read.as_of):
        while at < len(events) and events[at].offset <= read.as_of:
            event = events[at]
            orders[event.order_id] = event
            positions[str(event.account)] += event.traded_qty
            at += 1
        wanted = _wanted(read, orders, positions)
        if read.values != wanted:
            yield (
                f"{SKIPPED}: {read.client} read the {read.subject} of {read.key} as of offset {read.as_of} "
                f"and saw {read.values}; the log up to there makes {wanted}"
            )


def _wanted(read: Read, orders: dict[str, Event], positions: dict[str, int]) -> dict[str, int]:
    """What a read must show where the fold of the log is this."""
    if read.subject == "position":
        return {"qty": positions[read.key]}
    if read.subject == "exposure":
        return {"net": positions[read.key] * MARK}
    event = orders.get(read.key)
    if event is None or event.kind == EventKind.ORDER_DENIED:
        return {}
    return {"version": event.version, "cum_qty": event.cum_qty, "leaves_qty": event.leaves_qty}


def _stale_reads(reads: list[Read]) -> Iterator[str]:
    seen = defaultdict[str, int](lambda: -1)
    for read in reads:
        who = f"{read.client} read the {read.subject} of {read.key} as of offset {read.as_of}"
        if read.as_of < read.asked:
            yield f"{STALE}: {who} and had asked for {read.asked}"
        elif read.as_of + read.lag < seen[read.client]:
            yield f"{STALE}: {who}, {read.lag} events behind, after it had seen {seen[read.client]}"
        seen[read.client] = max(seen[read.client], read.as_of)


def log_events(log: Path) -> list[Event]:
    """The events of orders in the log that lies in a directory."""
    with LogReader.open(log) as reader:
        blocks = [block.rows(HEAD) for block in reader.blocks(0) if block.header.count]
    return events_in(np.concatenate(blocks))
