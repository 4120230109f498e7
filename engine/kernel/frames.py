"""The kernel's entries: decide a frame of commands, copy reference events, fold stored events."""

import numpy as np

from engine.kernel.answering import NEEDS_PAST, invalid, refuse
from engine.kernel.claiming import decide_claim
from engine.kernel.evolving import evolve
from engine.kernel.exposure_limits import last_exposure_limits
from engine.kernel.following import CLAIMS, decide_due
from engine.kernel.index import account_instrument_key, find
from engine.kernel.jit import entry, rule
from engine.kernel.kinds import is_command, is_operators, is_owners, is_venues
from engine.kernel.looking_ahead import look_ahead_of_command, look_ahead_of_event
from engine.kernel.mass_canceling import unfinished_slot
from engine.kernel.operating import decide_operator
from engine.kernel.owner import decide_owner
from engine.kernel.recalling import NO_ROOM, names_closed
from engine.kernel.reporting import decide_report
from engine.kernel.room import fits
from engine.vocabulary import AnswerCode, EventKind, Lane, Namespace, Reason

DONE = 0
"""The whole frame is decided."""
STOPPED_FOR_PAST = 1
"""The next command repeats an old one: fetch the original event, come again."""
STOPPED_FULL = 2
"""The block is full: seal it, come again with an empty one."""
STOPPED_FOR_CLOSED = 4
"""The next command names what may have left memory, or an order is half back: bring it back, come again."""
TABLES_TOO_SMALL = 3
"""The tables have no row for the next event: it comes from a log with larger ones."""
STOPPED_FOR_DUES = 5
"""Something is owed before the next event is copied: decide a frame, if only an empty one, come again."""


@entry
def decide_frame(commands, start, tables, views, used, past, past_state, looked_up, answers, now):
    """Decide commands from `start` on, each followed by evolve: (next command, rows used, why it stopped).

    A command writes one event at most, a mass cancel one a step until it is done; what follows from an event
    is written before the next one is decided, whoever left it owed. `views` holds `used` rows
    of the block already; `past[past_state[i] - 1]` is command i's original event where it was fetched (0:
    not). `looked_up[i]` says as of which retirement all was looked up that it names. `answers` gets one row a
    command. `now` is the block's time, ns UTC.
    """
    base = tables.firm[0]["next_offset"] - used
    room = len(views.head) - 1
    i = start
    while i < len(commands.order) or tables.firm[0]["due"] != 0 or tables.firm[0]["recall_left"] != 0:
        if used >= room:
            return i, used, STOPPED_FULL
        if tables.firm[0]["recall_left"] != 0:
            return i, used, STOPPED_FOR_CLOSED
        is_due = tables.firm[0]["due"] != 0
        if not is_due and _must_look_up(commands, i, tables, looked_up[i]):
            return i, used, STOPPED_FOR_CLOSED
        look_ahead_of_command(commands, i, tables)
        # Evolve stands here once: it is most of the native code.
        if is_due:
            written = _decide_due(tables, views, used, now)
        elif looked_up[i] == NO_ROOM:
            written = refuse(answers[i], AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
        else:
            written = _decide(commands, i, tables, views, base, used, past, past_state[i], answers[i], now)
        if written == NEEDS_PAST:
            return i, used, STOPPED_FOR_PAST
        if written == 1:
            evolve(views, used, tables, now)
            used += 1
        if not is_due and unfinished_slot(commands.order[i], tables) == 0:
            i += 1
    return i, used, DONE


@rule
def _must_look_up(commands, i, tables, looked_up):
    """Whether a command may name what has left memory since that was looked up; a full table says it did."""
    if looked_up == tables.firm[0]["retirements"] or looked_up == NO_ROOM:
        return False
    return names_closed(commands, i, tables)


@rule
def _decide_due(tables, views, at, now):
    """Write to row `at` what is owed first, a report that waited being the last of it; gives 1."""
    if tables.firm[0]["due"] == CLAIMS:
        decide_claim(tables, views, at, now)
    else:
        decide_due(tables, views, at, now)
    return 1


@rule
def _decide(commands, i, tables, views, base, at, past, past_state, answer, now):
    """Send a command to its lane; gives the events written (0 or 1), or NEEDS_PAST."""
    command = commands.order[i]
    kind = command["kind"]
    lane = command["lane"]
    if lane == Lane.VENUE and is_venues(kind):
        return decide_report(commands, i, tables, views, base, at, past, past_state, answer, now)
    if lane == Lane.OWNER and is_owners(kind):
        slot = find(tables.order_index, tables.orders, command["order_id_hi"], command["order_id_lo"])
        asked = commands.asked[i]
        return decide_owner(command, asked, tables, views, base, at, past, past_state, answer, now, slot)
    if lane == Lane.OPERATOR and is_operators(kind):
        return decide_operator(commands, i, tables, views, base, at, past, past_state, answer, now)
    if not is_command(kind):
        return invalid(answer, Reason.BAD_KIND)
    return invalid(answer, Reason.BAD_LANE)


@entry
def fold_events(views, tables, now):
    """Evolve every row of a stored block, in order; gives how many, fewer where the tables are too small.

    `now` is the block's time, ns UTC.
    """
    for at in range(len(views.head)):
        look_ahead_of_event(views, at, tables)
        if not fits(views, at, tables):
            return at
        evolve(views, at, tables, now)
    return len(views.head)


@entry
def copy_reference(source, offset, tables, views, used, now):
    """Copy reference events, the first of which lies at `offset` of the reference log: (rows used, why it
    stopped).

    Rows that were copied before are passed over, so the same events may come any number of times.
    """
    room = len(views.head) - 1
    for j in range(len(source.head)):
        if offset + j < tables.firm[0]["reference_next"]:
            continue
        if _is_due(tables.firm[0]):
            return used, STOPPED_FOR_DUES
        if used >= room:
            return used, STOPPED_FULL
        views.head[used] = source.head[j]
        views.head[used]["lane"] = Lane.REFERENCE
        views.name[used]["reference_offset"] = offset + j
        if not fits(views, used, tables):
            return used, TABLES_TOO_SMALL
        _follow_aggregate(views.head[used], views.exposure_limits[used], tables)
        evolve(views, used, tables, now)
        used += 1
    return used, STOPPED_FOR_DUES if _is_due(tables.firm[0]) else DONE


@rule
def _is_due(firm):
    """Whether something is owed that can be written now: an order that comes back is whole before that."""
    return firm["due"] != 0 and firm["recall_left"] == 0


@rule
def _follow_aggregate(head, row, tables):
    """Link a copied event into this log's own chain of the aggregate that it is about, -1 where it is the
    first.
    """
    namespace = head["order_id_hi"]
    handle = head["order_id_lo"]
    head["prev_offset"] = -1
    if head["kind"] == EventKind.EXPOSURE_LIMITS_CHANGED:
        head["prev_offset"] = last_exposure_limits(row, tables)
    elif head["kind"] == EventKind.LIMITS_CHANGED:
        hi, lo = account_instrument_key(head["account"], head["instrument"])
        slot = find(tables.limits_index, tables.limits, hi, lo)
        if slot != 0:
            head["prev_offset"] = tables.limits[slot]["last_offset"]
    elif namespace == np.uint64(Namespace.INSTRUMENT):
        _follow(head, tables.instruments[handle])
    elif namespace == np.uint64(Namespace.ACCOUNT):
        _follow(head, tables.accounts[handle])
    elif namespace == np.uint64(Namespace.STRATEGY):
        _follow(head, tables.strategies[handle])
    elif namespace == np.uint64(Namespace.VENUE):
        _follow(head, tables.venues[handle])
    elif namespace == np.uint64(Namespace.PRINCIPAL):
        _follow(head, tables.principals[handle])
    elif namespace == np.uint64(Namespace.CURRENCY):
        _follow_row(head, tables.rates[handle])
    elif namespace == np.uint64(Namespace.LEASE):
        # A partition returns what it has before the reference log knows: it counts the versions by itself.
        _follow_row(head, tables.leases[handle])
        head["version"] = np.int64(tables.leases[handle]["version"]) + 1
    elif namespace == np.uint64(Namespace.SCOPE):
        head["prev_offset"] = tables.firm[0]["last_offset"]
        head["version"] = np.int64(tables.firm[0]["version"]) + 1


@rule
def _follow(head, row):
    if row["is_defined"]:
        head["prev_offset"] = row["last_offset"]


@rule
def _follow_row(head, row):
    """The same for what has no name: it is there once it has a version."""
    if row["version"] != 0:
        head["prev_offset"] = row["last_offset"]
