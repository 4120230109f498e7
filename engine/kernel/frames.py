"""The kernel's entries: decide a frame of commands, copy reference events, fold stored events."""

import numpy as np

from engine.kernel.answering import answer_event, invalid
from engine.kernel.evolving import evolve
from engine.kernel.index import find
from engine.kernel.jit import entry, rule
from engine.kernel.operating import (
    decide_operator,
    is_in_scope,
    write_mass_canceled,
    write_mass_completed,
)
from engine.kernel.owner import NEEDS_PAST, decide_owner
from engine.kernel.replacing import cancel_rule
from engine.kernel.reporting import decide_report
from engine.limits import EXPANSION_ROWS
from engine.vocabulary import CommandKind, EventKind, Lane, Namespace, Reason

DONE = 0
"""The whole frame is decided."""
STOPPED_FOR_PAST = 1
"""The next command repeats an old one: fetch the original event, come again."""
STOPPED_FULL = 2
"""The block is full: seal it, come again with an empty one."""


@entry
def decide_frame(commands, start, tables, views, used, past, past_state, answers, now):
    """Decide commands from `start` on, row by row, each followed by evolve: (next command, rows used, why).

    `views` holds `used` rows of the block already; `past[past_state[i] - 1]` is command i's original event
    where it was fetched (0: not). `answers` gets one row a command. `now` is the block's time, ns UTC.
    """
    base = tables.firm[0]["next_offset"] - used
    room = len(views.head) - 1
    for i in range(start, len(commands.order)):
        if room - used < EXPANSION_ROWS:
            return i, used, STOPPED_FULL
        written = _decide(commands, i, tables, views, base, used, past, past_state[i], answers[i], now)
        if written == NEEDS_PAST:
            return i, used, STOPPED_FOR_PAST
        if written == 1:
            evolve(views, used, tables, now)
            used += 1
        if commands.order[i]["kind"] == CommandKind.MASS_CANCEL:
            used, is_done = _expand(commands.order[i], tables, views, used, room, base, now, answers[i])
            if not is_done:
                return i, used, STOPPED_FULL
    return len(commands.order), used, DONE


@rule
def _decide(commands, i, tables, views, base, at, past, past_state, answer, now):
    """Send a command to its lane; gives the events written (0 or 1), or NEEDS_PAST."""
    command = commands.order[i]
    kind = command["kind"]
    lane = command["lane"]
    if kind == CommandKind.EXECUTION_REPORT and lane == Lane.VENUE:
        return decide_report(command, tables, views, base, at, past, past_state, answer, now)
    if lane == Lane.OWNER and kind >= CommandKind.SUBMIT_ORDER and kind <= CommandKind.CANCEL_ORDER:
        slot = find(tables.order_index, tables.orders, command["order_id_hi"], command["order_id_lo"])
        return decide_owner(command, tables, views, base, at, past, past_state, answer, now, slot)
    if lane == Lane.OPERATOR and kind >= CommandKind.CANCEL_ORDER and kind <= CommandKind.START_TRADING_DAY:
        if _is_unfinished(command, tables):
            return 0
        return decide_operator(commands, i, tables, views, base, at, past, past_state, answer, now)
    if kind < CommandKind.SUBMIT_ORDER or kind > CommandKind.START_TRADING_DAY:
        return invalid(answer, Reason.BAD_KIND)
    return invalid(answer, Reason.BAD_LANE)


@rule
def _request_slot(command, tables):
    return find(tables.request_index, tables.requests, command["request_hi"], command["request_lo"])


@rule
def _is_unfinished(command, tables):
    """Whether this is a mass cancel that was begun and has orders left to walk."""
    if command["kind"] != CommandKind.MASS_CANCEL:
        return False
    slot = _request_slot(command, tables)
    return slot != 0 and not tables.requests[slot]["is_done"]


@rule
def _expand(command, tables, views, used, room, base, now, answer):
    """Ask to cancel every live order in scope, in slot order: (rows used, whether it is complete)."""
    slot = _request_slot(command, tables)
    if slot == 0 or tables.requests[slot]["is_done"]:
        return used, True
    request = tables.requests[slot]
    causation = request["offset"]
    for order_slot in range(np.int64(request["progress"]) + 1, tables.firm[0]["orders"] + 1):
        order = tables.orders[order_slot]
        if not is_in_scope(command, order) or cancel_rule(order) != Reason.NONE:
            continue
        if room - used < EXPANSION_ROWS:
            return used, False
        write_mass_canceled(command, order, views, used, now, causation)
        evolve(views, used, tables, now)
        used += 1
    write_mass_completed(command, tables, views, used, now, np.int64(request["count"]))
    evolve(views, used, tables, now)
    answer_event(views, used, base + used, answer)
    return used + 1, True


@entry
def fold_events(views, tables, now):
    """Evolve every row of a stored block, in order; `now` is the block's time, ns UTC."""
    for at in range(len(views.head)):
        evolve(views, at, tables, now)


@entry
def fold_event(views, at, tables, now):
    """Evolve one row of a stored block."""
    evolve(views, at, tables, now)


@entry
def copy_reference(source, offset, tables, views, used, now):
    """Copy reference events, the first of which lies at `offset` of the reference log; gives the rows used.

    `views` already holds the copied bytes at `used` onwards. Rows that were copied before are passed over, so
    the same events may come any number of times.
    """
    for j in range(len(source.head)):
        if offset + j < tables.firm[0]["reference_next"]:
            continue
        views.head[used] = source.head[j]
        head = views.head[used]
        head["lane"] = Lane.REFERENCE
        head["prev_offset"] = _last_offset_of(views, used, tables)
        views.name[used]["reference_offset"] = offset + j
        evolve(views, used, tables, now)
        used += 1
    return used


@rule
def _last_offset_of(views, at, tables):
    """Where this partition last heard of the aggregate that a reference event is about, -1 if never."""
    head = views.head[at]
    namespace = head["order_id_hi"]
    handle = head["order_id_lo"]
    if head["kind"] == EventKind.LIMITS_CHANGED:
        slot = find(
            tables.limits_index, tables.limits, np.uint64(head["account"]), np.uint64(head["instrument"])
        )
        return tables.limits[slot]["last_offset"] if slot != 0 else np.int64(-1)
    if namespace == np.uint64(Namespace.INSTRUMENT):
        return _chain(tables.instruments[handle])
    if namespace == np.uint64(Namespace.ACCOUNT):
        return _chain(tables.accounts[handle])
    if namespace == np.uint64(Namespace.STRATEGY):
        return _chain(tables.strategies[handle])
    if namespace == np.uint64(Namespace.VENUE):
        return _chain(tables.venues[handle])
    if namespace == np.uint64(Namespace.PRINCIPAL):
        return _chain(tables.principals[handle])
    return tables.firm[0]["last_offset"]


@rule
def _chain(row):
    if not row["is_defined"]:
        return np.int64(-1)
    return row["last_offset"]
