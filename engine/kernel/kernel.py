"""The kernel as a role sees it: tables, a block under construction, and frames in work."""

import hashlib
from collections.abc import Mapping

import numpy as np

from engine.errors import ConfigInvalid
from engine.kernel import frames
from engine.kernel.lease_rows import ALONE
from engine.kernel.past import Gather, fetch_past
from engine.kernel.recalling import write_recalled_execution, write_recalled_order
from engine.kernel.retired_rows import Archive, Keep, closed_order, retired_rows
from engine.kernel.retiring import slice_end, write_retired
from engine.kernel.tables import Capacity, Tables, new_tables
from engine.kernel.views import command_views_of, views_of
from engine.rows.answers import answer_rows
from engine.rows.commands import command_rows
from engine.rows.events import HEAD, event_rows
from engine.rows.lifecycle_events import RETIREMENT_EVENT
from engine.vocabulary import EventKind

DIGESTED = (
    "orders",
    "aliases",
    "executions",
    "requests",
    "positions",
    "holdings",
    "limits",
    "accounts",
    "strategies",
    "instruments",
    "venues",
    "principals",
    "fills",
    "terms",
    "fees",
    "rates",
    "budgets",
    "leases",
    "ledgers",
    "orphans",
)
"""The tables of the state; a counter of the same name in `firm` says how many of a table's rows are used."""


class StagedBlock:
    """A block under construction: event rows that decide has written and evolve has folded."""

    def __init__(self, rows_max: int) -> None:
        assert rows_max >= 1, "a block that takes no row would be full for ever"
        # The last row stays zero: an event begins as a copy of it.
        self.buffer = event_rows(rows_max + 1)
        self.views = views_of(self.buffer)
        self.used = 0

    def rows(self) -> np.ndarray:
        """The rows written so far, HEAD dtype, a view."""
        return self.buffer[: self.used]


class FrameInWork:
    """A frame of commands on its way through the kernel, with its answers (ANSWER, one a command)."""

    def __init__(self, commands: np.ndarray) -> None:
        self.commands = command_views_of(commands)
        self.answers = answer_rows(len(commands))
        self.next = 0
        self.past = views_of(np.zeros(1, HEAD))
        self.past_state = np.zeros(len(commands), np.int64)
        self.looked_up = np.zeros(len(commands), np.int64)


class Kernel:
    """One partition's state and the rules that change it; without a number it is alone."""

    def __init__(self, capacity: Capacity | None = None, partition: int = ALONE) -> None:
        self.tables: Tables = new_tables(capacity, partition)

    @property
    def next_offset(self) -> int:
        """The log offset of the next event."""
        return int(self.tables.firm["next_offset"][0])

    @property
    def reference_next(self) -> int:
        """The offset of the first event of the reference log that is not copied yet."""
        return int(self.tables.firm["reference_next"][0])

    def decide(
        self,
        frame: FrameInWork,
        block: StagedBlock,
        now_ns: int,
        gather: Gather,
        archive: Archive | None = None,
    ) -> bool:
        """Decide as much of a frame as the block has room for; False where the block is full first.

        `archive` has the orders that left memory, if any did.
        """
        while True:
            frame.next, block.used, why = frames.decide_frame(
                frame.commands,
                frame.next,
                self.tables,
                block.views,
                block.used,
                frame.past,
                frame.past_state,
                frame.looked_up,
                frame.answers,
                now_ns,
            )
            if why == frames.STOPPED_FOR_PAST:
                self._fetch_past(frame, block, gather)
            elif why == frames.STOPPED_FOR_CLOSED:
                self._recall(frame, block, now_ns, archive)
            else:
                return bool(why == frames.DONE)

    def _fetch_past(self, frame: FrameInWork, block: StagedBlock, gather: Gather) -> None:
        if len(frame.past.head) < len(frame.answers):
            frame.past = views_of(np.zeros(len(frame.answers), HEAD))
        base = self.next_offset - block.used
        fetch_past(
            frame.commands, frame.next, self.tables, block.views, base, frame.past, frame.past_state, gather
        )
        assert frame.past_state[frame.next], "a repeated command's original event is not in the log"

    def _recall(self, frame: FrameInWork, block: StagedBlock, now_ns: int, archive: Archive | None) -> None:
        """Bring back what the next command names, as far as there is room, or note that it is nowhere."""
        assert archive is not None, "orders have left memory: whoever decides must know where they are"
        closed = closed_order(frame.commands, frame.next, frame.looked_up, self.tables, archive)
        if closed is None:
            return
        if self.tables.firm["recall_left"][0] == 0:
            write_recalled_order(block.views, block.used, closed.orders, len(closed.executions), now_ns)
            self._fold_staged(block, now_ns)
        while block.used < len(block.buffer) - 1 and self.tables.firm["recall_left"][0]:
            nth = int(self.tables.firm["recall_left"][0]) - 1
            write_recalled_execution(block.views, block.used, closed.orders, closed.executions, nth, now_ns)
            self._fold_staged(block, now_ns)

    def _fold_staged(self, block: StagedBlock, now_ns: int) -> None:
        row = block.buffer[block.used : block.used + 1]
        folded = frames.fold_events(views_of(row), self.tables, now_ns)
        assert folded == 1, "there was room for it when it was written"
        block.used += 1

    def copy_reference(self, rows: np.ndarray, offset: int, block: StagedBlock, now_ns: int) -> bool:
        """Copy reference events (the first at `offset` of the reference log) into the block, each once.

        False where the block is full first: come again with the same rows and an empty one. ConfigInvalid
        where the reference log has larger tables than these.
        """
        assert len(rows) == 0 or offset <= self.reference_next, "reference events are copied without a gap"
        source = views_of(rows)
        while True:
            block.used, why = frames.copy_reference(
                source, offset, self.tables, block.views, block.used, now_ns
            )
            if why == frames.TABLES_TOO_SMALL:
                raise _too_small(block.views.head[block.used], self.next_offset)
            if why != frames.STOPPED_FOR_DUES:
                return bool(why == frames.DONE)
            if not self.decide(FrameInWork(command_rows(0)), block, now_ns, _nothing_past):
                return False

    def retire(self, block: StagedBlock, first: int, now_ns: int, keep: Keep) -> int:
        """Take the closed orders of a slice of slots out of memory; gives the first slot of the next slice.

        One event goes into the block, which has room for it, unless no order of the slice is closed. `keep`
        gets what is taken out before it goes. 0 is no slot: then all have been looked at.
        """
        assert self.tables.firm["due"][0] == 0, "what follows from an order's last event is written first"
        assert self.tables.firm["recall_left"][0] == 0, "an order that comes back is whole before others go"
        last = int(slice_end(self.tables, first))
        if last < first:
            return 0
        rows = retired_rows(self.tables, first, last)
        if len(rows.orders):
            keep(self.next_offset, rows)
            write_retired(block.views, block.used, self.tables, first, last, now_ns)
            self._fold_staged(block, now_ns)
        return last + 1

    def fold(self, rows: np.ndarray, now_ns: int, keep: Keep | None = None) -> None:
        """Evolve the rows of a stored block; `now_ns` is the block's time.

        `keep` gets what an OrdersRetired event takes out before it goes. ConfigInvalid where the log was
        written with larger tables than these; the state is then half folded.
        """
        start = 0
        retirements = np.flatnonzero(rows.view(HEAD)["kind"] == EventKind.ORDERS_RETIRED) if keep else ()
        for at in map(int, retirements):
            self._fold(rows[start:at], now_ns)
            slots = rows[at : at + 1].view(RETIREMENT_EVENT)[0]
            assert keep is not None, "there are no such events to stop at without it"
            keep(
                self.next_offset,
                retired_rows(self.tables, int(slots["first_slot"]), int(slots["last_slot"])),
            )
            start = at
        self._fold(rows[start:], now_ns)

    def _fold(self, rows: np.ndarray, now_ns: int) -> None:
        folded = frames.fold_events(views_of(rows), self.tables, now_ns)
        if folded < len(rows):
            raise _too_small(rows.view(HEAD)[folded], self.next_offset)

    def digest(self) -> str:
        """SHA-256 over every used row of every table, as hex: equal states, equal digests."""
        return state_digest(self.tables)


def _nothing_past(offsets: np.ndarray) -> np.ndarray:
    """What follows from an event repeats none."""
    raise AssertionError(f"{len(offsets)} events were asked for")


def _too_small(event: np.void, offset: int) -> ConfigInvalid:
    """What to tell an operator whose tables are smaller than those that a log was written with."""
    kind = EventKind(event["kind"]).name
    return ConfigInvalid(
        f"[engine]: no table row is left for the {kind} at offset {offset}; expected capacities (orders_max,"
        " accounts_max, ledgers_max, …) as large as those that the log was written with, found smaller ones:"
        " raise them"
    )


def state_digest(tables: Tables) -> str:
    """SHA-256 over every used row of every table and over the firm row, in hex."""
    return digest_of_rows({name: rows.view(np.uint8).data for name, rows in used_rows(tables).items()})


def used_rows(tables: Tables) -> dict[str, np.ndarray]:
    """The firm row and the used rows of every table of the state, row 0 included, by name: views."""
    used = {name: int(tables.firm[name][0]) + 1 for name in DIGESTED}
    return {"firm": tables.firm} | {name: getattr(tables, name)[: used[name]] for name in DIGESTED}


def digest_of_rows(rows: Mapping[str, bytes | memoryview]) -> str:
    """The digest of the state whose rows, as `used_rows` gives them, are these bytes."""
    digest = hashlib.sha256(rows["firm"])
    for name in DIGESTED:
        digest.update(name.encode())
        digest.update(rows[name])
    return digest.hexdigest()
