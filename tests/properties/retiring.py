"""A kernel that forgets: closed orders leave its memory for an archive as soon as they may, and come back.

The model beside it never forgets. What the engine writes for its own upkeep has no counterpart there, so
offsets are counted without those events, and the state is that of a kernel that has called everything back.
"""

from bisect import bisect_left
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np

from engine.kernel.frames import fold_events
from engine.kernel.kernel import FrameInWork, StagedBlock
from engine.kernel.kinds import RECALLS
from engine.kernel.recalling import write_recalled_execution, write_recalled_order
from engine.kernel.retired_rows import RetiredRows
from engine.kernel.tables import Tables
from engine.kernel.views import views_of
from engine.rows.layout import joined
from engine.vocabulary import EventKind
from tests.model.commands import StartTradingDay
from tests.model.reference_data import Capacity
from tests.properties.draws import Draws
from tests.properties.flow import BLOCK_ROWS, open_trading
from tests.properties.logged_kernel import LoggedKernel
from tests.properties.side_by_side import ROOMY, SideBySide
from tests.properties.states import State, state_of_kernel

FOREVER = replace(ROOMY, orders=900, executions=2_700, requests=900)
"""Tables that are never full: a full one looks different to who forgets."""
DAY_COMMANDS = 40
UPKEEP = (EventKind.ORDERS_RETIRED, *RECALLS)
"""Events that change no answer."""


class ArchiveInMemory:
    """Closed orders by id, and the order of every report that is kept with them."""

    def __init__(self) -> None:
        self.orders: dict[tuple[int, int], RetiredRows] = {}
        self.owners: dict[tuple[int, int], tuple[int, int]] = {}

    def keep(self, offset: int, rows: RetiredRows) -> None:
        """Keep each order with its reports."""
        ends = np.cumsum(rows.counts)
        for at, end in enumerate(ends):
            order, reports = rows.orders[at : at + 1], rows.executions[end - rows.counts[at] : end]
            self.orders[_key(order[0])] = RetiredRows(order, reports, rows.counts[at : at + 1])
            self.owners |= {_key(report): _key(order[0]) for report in reports}

    def find(self, hi: int, lo: int) -> RetiredRows | None:
        """The order with this id."""
        return self.orders.get((hi, lo))

    def owner_of(self, hi: int, lo: int) -> tuple[int, int] | None:
        """The order of the report with this key."""
        return self.owners.get((hi, lo))


def _key(row: np.void) -> tuple[int, int]:
    return int(row["key_hi"]), int(row["key_lo"])


class RetiringKernel(LoggedKernel):
    """A kernel whose closed orders leave memory before a frame, or in the middle of one between two blocks.

    `recalls` counts the orders that came back, `halves` how often a block was full in the middle of one.
    """

    def __init__(self, capacity: Capacity) -> None:
        super().__init__(capacity)
        self.archive = ArchiveInMemory()
        self.random = Random(0)
        self.recalls = 0
        self.halves = 0
        self._replaced: dict[int, int] = {}

    def decide(self, commands: np.ndarray, now_ns: int) -> np.ndarray:
        """Decide one frame; offsets in the answers are those of a log without upkeep."""
        work = FrameInWork(commands)
        self.retire(now_ns)
        while not self.kernel.decide(work, self.block, now_ns, self._gather, self.archive):
            self.stops += 1
            self.commit(now_ns, len(self.block.buffer) - 1)
            self.halves += bool(self.kernel.tables.firm["recall_left"][0])
            if self.random.random() < 0.5:
                self.retire(now_ns)
        upkeep = self._upkeep()
        answers = work.answers
        asked = answers["offset"] >= 0
        answers["offset"][asked] = [_without(upkeep, int(offset)) for offset in answers["offset"][asked]]
        self.recalls = int((joined([self.log, self.block.rows()])["kind"] == EventKind.ORDER_RECALLED).sum())
        return answers

    def retire(self, now_ns: int) -> None:
        """Let every closed order leave memory, unless events are owed before that."""
        firm = self.kernel.tables.firm[0]
        if firm["due"] or firm["recall_left"]:
            return
        self._replaced |= state_of_kernel(self.kernel.tables)["replaced_ids"]
        first = 1
        while first:
            if self.block.used == len(self.block.buffer) - 1:
                self.commit(now_ns, self.block.used)
            first = self.kernel.retire(self.block, first, now_ns, self.archive.keep)

    @property
    def asked(self) -> np.ndarray:
        """The log without upkeep."""
        events: np.ndarray = self.log[~np.isin(self.log["kind"], UPKEEP)]
        return events

    def chain_ends(self) -> dict[Any, int]:
        """The offset of each aggregate's last event, in memory or not."""
        kept = {key: int(rows.orders["last_offset"][0]) for key, rows in self.archive.orders.items()}
        return kept | super().chain_ends()

    def state(self) -> State:
        """The state with every order back in memory, its offsets those of a log without upkeep."""
        state = state_of_kernel(whole(self.kernel.tables, self.archive))
        upkeep = self._upkeep()
        state["next_offset"] = _without(upkeep, self.kernel.next_offset)
        for name in ("executions", "requests"):
            state[name] = {key: (_without(upkeep, at), *rest) for key, (at, *rest) in state[name].items()}
        state["instruments"] = {
            handle: (*rest, _without(upkeep, mark_offset), factor)
            for handle, (*rest, mark_offset, factor) in state["instruments"].items()
        }
        state["replaced_ids"] = self._replaced | state["replaced_ids"]
        return state

    def place_of(self, offset: int) -> int:
        """Where an event would be in a log without upkeep."""
        return _without(self._upkeep(), offset)

    def _upkeep(self) -> list[int]:
        """The offsets of the events that are upkeep."""
        kinds = joined([self.log, self.block.rows()])["kind"]
        return [int(offset) for offset in np.flatnonzero(np.isin(kinds, UPKEEP))]


def _without(upkeep: list[int], offset: int) -> int:
    return offset - bisect_left(upkeep, offset)


def whole(tables: Tables, archive: ArchiveInMemory) -> Tables:
    """A copy of the tables, into which every closed order has come back."""
    copy = Tables(*(array.copy() for array in tables))
    held = state_of_kernel(tables)["orders"]
    for (hi, lo), rows in archive.orders.items():
        if (hi << 64 | lo) in held:
            continue
        block = StagedBlock(1 + len(rows.executions))
        write_recalled_order(block.views, 0, rows.orders, len(rows.executions), 1)
        for nth in range(len(rows.executions)):
            write_recalled_execution(block.views, nth + 1, rows.orders, rows.executions, -1 - nth, 1)
        assert fold_events(views_of(block.buffer[: 1 + len(rows.executions)]), copy, 1) > 0
    return copy


class SideWithRetiring(SideBySide):
    """A kernel that forgets beside a model that does not."""

    def __init__(self, capacity: Capacity) -> None:
        super().__init__(capacity)
        self.logged: RetiringKernel = RetiringKernel(capacity)


def run_days(side: SideWithRetiring, numbers: list[int]) -> None:
    """A flow in which a trading day has so few commands that most of them are about orders of the past."""
    draws = Draws(side)
    open_trading(draws)
    for at, number in enumerate(numbers):
        draws.step(number)
        if at % DAY_COMMANDS == DAY_COMMANDS - 1:
            begin_day(draws)
        if draws.random.random() < 0.2:
            side.send(draws.random.choice(BLOCK_ROWS))
    side.send()


def begin_day(draws: Draws) -> None:
    """The next trading day at both venues."""
    for venue in (1, 2):
        today = draws.model.venues.rows[venue].trade_date
        draws.add(StartTradingDay(request_id=draws.new_request(), venue=venue, trade_date=today + 1))
