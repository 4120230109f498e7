"""From a question to the rows that answer it: one small function for each kind of question."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from engine.errors import BadRequest
from engine.kernel.tables import Tables
from engine.limits import CURRENCY_BYTES_MAX
from engine.projections.books import Books
from engine.reads import questions
from engine.reads.book_rows import book_rows
from engine.reads.halt_rows import halt_rows
from engine.reads.history_rows import RowsAt, history_rows, stretch_rows
from engine.reads.lease_rows import lease_rows
from engine.reads.order_rows import matching_slots, order_rows, seq_rows, slots_of
from engine.reads.position_rows import position_rows, take_positions
from engine.reads.questions import LEVELS_MAX, ROWS_MAX, WHOLE
from engine.reads.status_rows import status_rows
from engine.reads.sum_rows import exposure_of, profit_of
from engine.reads.wanted_sums import wanted_sums


class State(NamedTuple):
    """What a projector knows: tables, books, the log behind them, and whose it is."""

    tables: Tables
    books: Books
    rows_at: RowsAt
    partition: int = 0


class Found(NamedTuple):
    """An answer's subject and rows, and what goes beside them."""

    subject: str
    rows: np.ndarray
    unpriced: tuple[str, ...] = ()
    has_more: bool = False


def find_answer(state: State, question: questions.AnyQuestion) -> Found:
    """The rows that answer a question; BadRequest where it asks for too much."""
    found: Found = _ANSWERED_BY[type(question)](state, question)
    return found


def _orders(state: State, question: questions.ReadOrders) -> Found:
    if question.order_ids is not None:
        _check_ids(question.order_ids)
        return Found("orders", order_rows(state.tables, slots_of(state.tables, question.order_ids)))
    _check_count(question.limit, ROWS_MAX, "orders")
    slots, has_more = matching_slots(state.tables, question)
    return Found("orders", order_rows(state.tables, slots), has_more=has_more)


def _positions(state: State, question: questions.ReadPositions) -> Found:
    taken = take_positions(state.tables, question.account, question.strategy, question.instrument)
    return Found("positions", position_rows(taken))


def _exposure(state: State, question: questions.ReadExposure) -> Found:
    _check_sums(question)
    return Found(f"exposure by {question.by}", *wanted_sums(exposure_of, state.tables, question))


def _profit(state: State, question: questions.ReadProfit) -> Found:
    _check_sums(question)
    return Found(f"profit by {question.by}", *wanted_sums(profit_of, state.tables, question))


def _book(state: State, question: questions.ReadBook) -> Found:
    _check_count(question.levels, LEVELS_MAX, "levels")
    return Found("book", book_rows(state.tables, state.books, question.instrument, question.levels))


def _last_seqs(state: State, question: questions.ReadLastSeqs) -> Found:
    _check_ids(question.order_ids)
    return Found("last_seqs", seq_rows(state.tables, question.order_ids))


def _history(state: State, question: questions.ReadHistory) -> Found:
    if len(question.order_id) != questions.ID_BYTES:
        raise BadRequest(f"an order id of {len(question.order_id)} bytes: it has {questions.ID_BYTES}")
    return Found("history", history_rows(state.tables, question.order_id, state.rows_at))


def _events(state: State, question: questions.ReadEvents) -> Found:
    _check_count(question.limit, ROWS_MAX, "events")
    if question.start < 0:
        raise BadRequest(f"events from offset {question.start}: the first one has offset 0")
    return Found("events", stretch_rows(state.tables, question, state.rows_at))


def _halts(state: State, _: questions.ReadHalts) -> Found:
    return Found("halts", halt_rows(state.tables, state.partition, state.rows_at))


def _leases(state: State, _: questions.ReadLeases) -> Found:
    return Found("leases", lease_rows(state.tables))


def _status(state: State, _: questions.ReadStatus) -> Found:
    return Found("status", status_rows(state.tables, state.books))


def _check_sums(question: questions.ReadExposure | questions.ReadProfit) -> None:
    if question.handle < 0:
        raise BadRequest(f"handle {question.handle} is negative: 0 means all")
    if question.handle and question.by in WHOLE:
        raise BadRequest(f"handle {question.handle} of sums by {question.by}: they are about everything")
    if question.by == "currency" and question.currency:
        raise BadRequest(f"sums by currency are each in their own, not in {question.currency}")
    if len(question.currency) > CURRENCY_BYTES_MAX or not question.currency.isascii():
        raise BadRequest(f"{question.currency!r} is no currency: pass three letters")


def _check_ids(order_ids: bytes) -> None:
    count, rest = divmod(len(order_ids), questions.ID_BYTES)
    if rest:
        raise BadRequest(f"{len(order_ids)} bytes of order ids: each has {questions.ID_BYTES}")
    _check_count(count, ROWS_MAX, "order ids", at_least=0)


def _check_count(count: int, most: int, what: str, at_least: int = 1) -> None:
    if not at_least <= count <= most:
        raise BadRequest(f"{count} {what} in one question: ask for {at_least} to {most:,}")


_ANSWERED_BY: dict[type, Callable[[State, Any], Found]] = {
    questions.ReadOrders: _orders,
    questions.ReadPositions: _positions,
    questions.ReadExposure: _exposure,
    questions.ReadProfit: _profit,
    questions.ReadBook: _book,
    questions.ReadLastSeqs: _last_seqs,
    questions.ReadHistory: _history,
    questions.ReadEvents: _events,
    questions.ReadHalts: _halts,
    questions.ReadLeases: _leases,
    questions.ReadStatus: _status,
}
