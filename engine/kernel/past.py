"""Finding the original event of a command that came again, by walking its order's own chain in the log."""

from collections.abc import Callable

import numpy as np

from engine.kernel.index import find
from engine.kernel.jit import entry, rule
from engine.kernel.keys import report_key
from engine.kernel.kinds import is_venues
from engine.kernel.tables import Tables
from engine.kernel.views import CommandViews, EventViews
from engine.vocabulary import EventKind, Lane

Gather = Callable[[np.ndarray], np.ndarray]
"""From offsets (int64, ascending or not) to their event rows (HEAD dtype), committed or in flight."""


@entry
def find_starts(commands, start, tables, views, base, starts):
    """For each command from `start` on that repeats an old one: where in the log to look first, else -1.

    Events of the block under construction (`base` onwards) are passed over: decide finds those itself.
    """
    for i in range(start, len(commands.order)):
        command = commands.order[i]
        offset = _start_of(command, tables)
        if offset >= base and command["lane"] != Lane.OWNER:
            offset = np.int64(-1)
        while offset >= base:
            offset = views.head[offset - base]["prev_offset"]
        starts[i] = offset


@rule
def _start_of(command, tables):
    if is_venues(command["kind"]):
        hi, lo = report_key(command)
        slot = find(tables.execution_index, tables.executions, hi, lo)
        return tables.executions[slot]["offset"] if slot != 0 else np.int64(-1)
    if command["lane"] == Lane.OPERATOR:
        slot = find(tables.request_index, tables.requests, command["request_hi"], command["request_lo"])
        return tables.requests[slot]["offset"] if slot != 0 else np.int64(-1)
    slot = find(tables.order_index, tables.orders, command["order_id_hi"], command["order_id_lo"])
    if slot == 0 or command["seq"] > tables.orders[slot]["last_seq"] or command["seq"] == 0:
        return np.int64(-1)
    return tables.orders[slot]["last_offset"]


def fetch_past(
    commands: CommandViews,
    start: int,
    tables: Tables,
    views: EventViews,
    base: int,
    past: EventViews,
    past_state: np.ndarray,
    gather: Gather,
) -> None:
    """Fetch the original event of every repeated command from `start` on into `past`, many at a time.

    Each fetched row carries its own offset as `causation`. AssertionError where a chain does not go back in
    time.
    """
    count = len(commands.order)
    offsets = np.full(count, -1, np.int64)
    find_starts(commands, start, tables, views, base, offsets)
    waiting = np.flatnonzero(offsets >= 0)
    while len(waiting):
        rows = gather(offsets[waiting])
        assert (rows["prev_offset"] < offsets[waiting]).all(), (
            "an order's chain goes forward: run orderfold verify"
        )
        is_original = _matches(rows, commands.order[waiting])
        found = waiting[is_original]
        past.head[found] = rows[is_original]
        past.head["causation"][found] = offsets[found]
        past_state[found] = found + 1
        offsets[waiting] = rows["prev_offset"]
        waiting = waiting[~is_original & (rows["prev_offset"] >= 0)]


def _matches(rows: np.ndarray, commands: np.ndarray) -> np.ndarray:
    """Which rows consumed their command's number; other lanes name their event directly."""
    is_owner = commands["lane"] == Lane.OWNER
    consumed = (rows["lane"] == Lane.OWNER) & (rows["seq"] == commands["seq"])
    is_original = consumed & (rows["kind"] != EventKind.CONFLICT_DETECTED)
    return np.asarray(~is_owner | is_original)
