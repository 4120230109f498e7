"""Watches one log from outside: every block that was committed is remembered, folded and judged.

Checkers here: `fence` (only the last owner appends), `lost` (what was committed stays as it was), `doubled`
(no command takes effect twice), `lane` (numbers of an order and copies of definitions without gap).
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from engine.client.transport import REFERENCE
from engine.kernel.kernel import Kernel
from engine.kernel.tables import Capacity
from engine.kernel.views import views_of
from engine.rows.events import HEAD, NAME_EVENT, ORDER_EVENT, REQUEST_EVENT
from engine.rows.layout import joined
from engine.vocabulary import EventKind, Lane
from storage.errors import LogNotFound
from storage.log_directory import log_name
from storage.log_identity import LogIdentity
from storage.log_reader import LogReader
from storage.verify_walk import LogWalk
from tests.simulation.violation import Violation

Key = tuple[object, ...]
"""What tells a command from every other: its lane, and the key of that lane."""

NOT_BY_REQUEST = (
    EventKind.CANCEL_REQUESTED,
    EventKind.MASS_CANCEL_COMPLETED,
    EventKind.MARK_CHANGED,
    EventKind.LEASE_GRANTED,
    EventKind.LEASE_RETURNED,
)
"""Events on the operator's lane that have no request of their own, or more than one event for it."""


class LogWatch:
    """What is known of one log: its rows, the digest of the state behind each block, who wrote what.

    Attributes:
        partition: its number, `REFERENCE` for the reference log.
        blocks: HEAD rows and the time of each block.
        offset_of: where the event of each command is.
        digests: the state's digest at each end of a block.
    """

    def __init__(self, directory: Path, identity: LogIdentity, capacity: Capacity) -> None:
        self.partition = identity.partition
        self.name = log_name(identity.partition)
        self.blocks: list[tuple[np.ndarray, int]] = []
        self.offset_of: dict[Key, int] = {}
        self.kernel = Kernel(capacity, identity.partition)
        self.digests = {0: self.kernel.digest()}
        self.last_hash = b""
        self._path = directory / self.name
        self._identity = identity
        self._last_seq: dict[tuple[int, int], int] = {}
        self._log = np.zeros(0, HEAD)
        self._reader: LogReader | None = None

    @property
    def next_offset(self) -> int:
        """The offset behind the last event that was seen."""
        return self.kernel.next_offset

    @property
    def log(self) -> np.ndarray:
        """All events, HEAD rows by offset."""
        if len(self._log) < self.next_offset:
            self._log = joined([rows for rows, _ in self.blocks])
        return self._log

    @property
    def reader(self) -> LogReader:
        """A reader of its own."""
        if self._reader is None:
            self._reader = LogReader.open(self._path)
        return self._reader

    def let_go(self) -> None:
        """Close what it has open, before the files are changed."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def look(self, epoch: int) -> None:
        """Take what was committed since the last look, under the epoch that was claimed last."""
        try:
            blocks = self.reader.blocks(self.next_offset)
        except LogNotFound:
            return  # Nobody has made it yet.
        for block in blocks:
            header = block.header
            if header.epoch != epoch:
                raise Violation(
                    "fence",
                    f"{self.name}: a block of epoch {header.epoch} is at offset {header.base_offset}, "
                    f"after epoch {epoch} had claimed the log",
                )
            self._take(block.rows(HEAD).copy(), header.append_ts_last_ns)
            self.last_hash = header.block_hash

    def _take(self, rows: np.ndarray, now_ns: int) -> None:
        base = self.next_offset
        for at, key in self._keys(rows):
            if key in self.offset_of:
                raise Violation(
                    "doubled",
                    f"{self.name}: offsets {self.offset_of[key]} and {base + at} are of one command {key}",
                )
            self.offset_of[key] = base + at
        self.kernel.fold(rows.copy(), now_ns)
        self.blocks.append((rows, now_ns))
        self.digests[self.next_offset] = self.kernel.digest()

    def _keys(self, rows: np.ndarray) -> Iterator[tuple[int, Key]]:
        """The keys of the commands that the events are of."""
        orders, requests = rows.view(ORDER_EVENT), rows.view(REQUEST_EVENT)
        lanes, kinds = rows["lane"].tolist(), rows["kind"].tolist()
        for at, (lane, kind) in enumerate(zip(lanes, kinds, strict=True)):
            order = int(rows["order_id_hi"][at]), int(rows["order_id_lo"][at])
            if kind == EventKind.CONFLICT_DETECTED:
                continue
            if lane == Lane.OWNER:
                yield at, owner_key(order, self._next_seq(order, int(rows["seq"][at])))
            elif lane == Lane.VENUE:
                yield at, venue_key(order, bytes(orders["cl_ord_id"][at]))
            elif lane == Lane.REFERENCE:
                yield (
                    at,
                    (Lane.REFERENCE, self._next_copy(int(rows.view(NAME_EVENT)["reference_offset"][at]))),
                )
            elif lane == Lane.OPERATOR and kind not in NOT_BY_REQUEST:
                yield at, request_key(int(requests["request_hi"][at]), int(requests["request_lo"][at]))

    def _next_seq(self, order: tuple[int, int], seq: int) -> int:
        last = self._last_seq.get(order, 0)
        if seq > last + 1:
            raise Violation("lane", f"{self.name}: order {order} has number {seq} after {last}")
        self._last_seq[order] = max(seq, last)
        return seq

    def _next_copy(self, offset: int) -> int:
        wanted = int(self._last_seq.get((REFERENCE, 0), -1)) + 1
        if offset > wanted:
            raise Violation("lane", f"{self.name}: definition {offset} was copied, {wanted} was next")
        self._last_seq[REFERENCE, 0] = max(offset, wanted - 1)
        return offset

    def event(self, offset: int) -> np.ndarray:
        """The event at an offset, one ORDER_EVENT row; Violation where the log does not have it."""
        if not 0 <= offset < self.next_offset:
            raise Violation(
                "lost",
                f"{self.name}: offset {offset} was acknowledged, and the log ends at {self.next_offset}",
            )
        return self.log[offset : offset + 1].view(ORDER_EVENT)

    def check_kept(self) -> None:
        """What was seen is still there: the last block has its hash, which names all before."""
        if self.next_offset == 0:
            return
        tip = self.reader.tip_offset()
        if tip < self.next_offset:
            raise Violation("lost", f"{self.name}: it had {self.next_offset} events, and now {tip}")
        if self.reader.read_block(self.next_offset - 1).header.block_hash != self.last_hash:
            raise Violation("lost", f"{self.name}: the block before offset {self.next_offset} is another")

    def check_chain(self) -> None:
        """The verifier's own walk finds nothing, and the rows are those that were seen."""
        report = LogWalk(self._path, self._identity, lambda _: None).run()
        if report.fault is not None:
            raise Violation("chain", f"{self.name}: {report.fault}")
        if report.events != self.next_offset:
            raise Violation("chain", f"{self.name}: {report.events} events, {self.next_offset} were seen")
        rows = self.reader.rows_at(np.arange(self.next_offset)) if self.next_offset else self.log
        if rows.tobytes() != self.log.tobytes():
            raise Violation("lost", f"{self.name}: an event is not what it was")

    def check_digest(self, checker: str, who: str, next_offset: int, digest: str) -> None:
        """A state that somebody has at a position is the fold of the log up to there."""
        wanted = self.digests.get(next_offset)
        if wanted is None:
            raise Violation(
                checker, f"{who} stands at offset {next_offset}, where {self.name} has no end of a block"
            )
        if wanted != digest:
            raise Violation(
                checker, f"{who} at offset {next_offset} is not the fold of {self.name} up to there"
            )

    def granted(self) -> int:
        """How much of the firm's limit the partitions have, by this log, if it is the reference log."""
        tables = self.kernel.tables
        return int(tables.budgets["granted"].sum())

    def lease_rows(self) -> np.ndarray:
        """All events, as those of leases."""
        return np.asarray(views_of(self.log).lease)


def owner_key(order: tuple[int, int], seq: int) -> Key:
    """The key of an owner's command."""
    return (Lane.OWNER, *order, seq)


def venue_key(order: tuple[int, int], exec_id: bytes) -> Key:
    """The key of a venue's report; ids of executions are not used twice here."""
    return (Lane.VENUE, *order, exec_id)


def request_key(hi: int, lo: int) -> Key:
    """The key of an operator's command."""
    return (Lane.OPERATOR, hi, lo)
