"""Who may not trade freely, as rows: trading states and halts, and the events that they began with.

All scopes share one chain of events: it is walked back from its end until each state and halt has met the
event that set it.
"""

from typing import NamedTuple

import numpy as np

from engine.kernel.tables import Tables
from engine.kernel.views import EventViews, views_of
from engine.reads.history_rows import RowsAt
from engine.reads.questions import ROWS_MAX
from engine.reads.risk_tables import name_at, used_rows
from engine.reads.rows import HALT_ROW
from engine.rows.events import HEAD
from engine.vocabulary import EventKind, Reason, Scope, TradingState

_HANDLES = {
    Scope.VENUE: ("venues", "venue"),
    Scope.ACCOUNT: ("accounts", "account"),
    Scope.STRATEGY: ("strategies", "strategy"),
    Scope.INSTRUMENT: ("instruments", "instrument"),
}
"""The table of each kind of scope, and the field of an event that names its row."""
_HALTING = (EventKind.MASS_CANCEL_REQUESTED, EventKind.HALT_LATCHED)


class Held(NamedTuple):
    """One scope that is held back, by a trading state or by a halt."""

    scope: int
    handle: int
    is_latched: bool


def halt_rows(tables: Tables, partition: int, rows_at: RowsAt) -> np.ndarray:
    """HALT_ROW rows of every trading state but ACTIVE and of every halt, by scope and handle."""
    states = _states(tables)
    offsets = _beginnings(tables, rows_at, states)
    rows = np.zeros(len(states), HALT_ROW)
    for row, (held, state) in zip(rows, sorted(states.items()), strict=True):
        row["partition"] = partition
        row["scope"], row["state"], row["is_latched"] = held.scope, state, held.is_latched
        row["name"] = _name(tables, held)
        if held in offsets:
            _write_event(row, tables, offsets[held], rows_at)
    return rows


def _states(tables: Tables) -> dict[Held, int]:
    """What each scope is held back to."""
    states: dict[Held, int] = {}
    scopes = [(Scope.ALL, 0, tables.firm[0])]
    for scope, (name, _) in _HANDLES.items():
        rows = getattr(tables, name)
        scopes += [(scope, handle, rows[handle]) for handle in range(1, used_rows(tables, name) + 1)]
    for scope, handle, row in scopes:
        if row["trading_state"] > TradingState.ACTIVE:
            states[Held(scope, handle, False)] = int(row["trading_state"])
        halt = int(row["halt_state"])
        if scope == Scope.STRATEGY and row["is_tripped"]:
            halt = int(TradingState.CANCEL_ONLY)
        if halt:
            states[Held(scope, handle, True)] = halt
    return states


def _beginnings(tables: Tables, rows_at: RowsAt, states: dict[Held, int]) -> dict[Held, int]:
    """The offset of the event that each began with, as far back as an answer may look."""
    found = {
        held: int(tables.strategies[held.handle]["tripped_offset"])
        for held in states
        if held.is_latched and held.scope == Scope.STRATEGY and tables.strategies[held.handle]["is_tripped"]
    }
    offset, steps = int(tables.firm["last_offset"][0]), 0
    while len(found) < len(states) and offset >= 0 and steps < ROWS_MAX:
        event = views_of(_event(offset, rows_at))
        held = _set_by(event)
        if held is not None and states.get(held) == event.request["trading_state"][0]:
            found.setdefault(held, offset)
        offset, steps = int(event.head["prev_offset"][0]), steps + 1
    return found


def _set_by(event: EventViews) -> Held | None:
    """What an event of the scopes' chain holds back, or sets free."""
    row = event.request[0]
    scope, kind = int(row["scope"]), int(row["kind"])
    handle = int(row[_HANDLES[Scope(scope)][1]]) if scope in _HANDLES else 0
    if kind == EventKind.TRADING_STATE_CHANGED:
        return Held(scope, handle, False)
    if kind in _HALTING and row["trading_state"]:
        return Held(scope, handle, True)
    return None


def _event(offset: int, rows_at: RowsAt) -> np.ndarray:
    """One event of the log, HEAD."""
    return np.frombuffer(rows_at(np.array([offset], np.int64)).tobytes(), HEAD)


def _name(tables: Tables, held: Held) -> str:
    """The name of a scope; the firm has none."""
    return name_at(getattr(tables, _HANDLES[Scope(held.scope)][0]), held.handle) if held.handle else ""


def _write_event(row: np.void, tables: Tables, offset: int, rows_at: RowsAt) -> None:
    """When, by what, by whom and why; a trade is nobody's reason, it only was one too many."""
    event = views_of(_event(offset, rows_at))
    head = event.head[0]
    row["has_event"], row["offset"] = 1, offset
    row["since_ns"], row["kind"] = head["ts_event"], head["kind"]
    if head["kind"] == EventKind.TRADE_EXECUTED:
        row["reason"] = Reason.EXECUTION_THROTTLE
        return
    row["reason"] = head["reason"]
    row["principal"] = name_at(tables.principals, int(head["principal"]))
    row["text"] = event.request[0]["cl_ord_id"]
