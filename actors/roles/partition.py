"""The partition: one kernel, one log, one writer. Decides frames into blocks and makes the blocks durable.

The role has two halves that may run on two threads: `decide` fills a block from frames, `commit` makes that
block durable, in the order of the decisions. No answer may leave before `commit` has returned for the block
it was decided on, and for every block before.
"""

from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

import numpy as np

from actors.roles.answer_frames import answers_of
from actors.roles.closed_archive import ClosedArchive, archive_path
from actors.roles.dead_letter_tray import DeadLetterTray
from actors.roles.engine_files import capacity_of, open_log
from actors.roles.frame_order import Place
from actors.roles.log_identity import identity_of
from actors.roles.recovery import Progress, Recovery, lack_of_archive
from actors.roles.snapshots import Snapshots, snapshot_path
from actors.roles.space_watch import SpaceWatch
from engine.client.transport import Clock
from engine.codec.frames import Frame
from engine.config import Config
from engine.kernel.kernel import DIGESTED, FrameInWork, Kernel, StagedBlock
from engine.kernel.retired_rows import RetiredRows
from engine.kernel.tables import rows_used
from engine.rows.commands import command_rows
from engine.rows.events import HEAD
from engine.vocabulary import AnswerCode, CommandKind, Reason
from storage.event_log import EventLog
from storage.log_identity import LogIdentity
from storage.manifest import Manifest
from storage.seal import seal

BLOCKS_IN_FLIGHT = 2
"""Blocks that may exist at once: one being decided, one being made durable."""


class FrameTask:
    """One frame on its way: what came, how far it is decided, and whom to hand its answer bytes.

    While it waits it holds its command rows only; `work`, with room for the answers, is made when the writer
    first looks at it.
    """

    def __init__(self, frame: Frame, deliver: Callable[[bytes], None]) -> None:
        self.header = frame.header
        self.commands = frame.commands
        self.deliver = deliver
        self.place = place_of(frame.header)
        self.is_kill = _holds_kill(frame.commands)

    @property
    def size(self) -> int:
        """Bytes that it holds while it waits."""
        return self.commands.nbytes

    @cached_property
    def work(self) -> FrameInWork:
        """The commands and their answers, as the kernel works on them."""
        return FrameInWork(self.commands)


def _holds_kill(commands: np.ndarray) -> bool:
    """Whether a mass cancel among the commands halts its scope as well."""
    is_mass_cancel = commands["kind"] == CommandKind.MASS_CANCEL
    return bool(commands["trading_state"][is_mass_cancel].any())


def place_of(header: np.void) -> Place:
    """Where the frame with this header stands in its session."""
    session = (int(header["session_hi"]), int(header["session_lo"]))
    return Place(session, int(header["number"]), int(header["oldest"]))


class Batch:
    """What one block decides: its rows, the frames it completes, and the time of the decision."""

    def __init__(self, block: StagedBlock, base: int, now_ns: int) -> None:
        self.block = block
        self.base = base
        self.now_ns = now_ns
        self.completed: list[FrameTask] = []
        self.has_retired = False


class Partition:
    """Owns one partition; made by `open`, which claims the log and recovers its state.

    Attributes:
        log: the log, claimed.
        archive: the closed orders that have left memory.
        number: which partition of its engine it is; `REFERENCE_PARTITION` for the reference log.
        kernel: the state, and the rules that change it.
        letters: where commands go that no rule could take.
        recovery: how the state was recovered.
    """

    def __init__(
        self, log: EventLog, archive: ClosedArchive, identity: LogIdentity, config: Config, clock: Clock
    ) -> None:
        self.log = log
        self.archive = archive
        self.number = identity.partition
        self.kernel = Kernel(capacity_of(config, self.number), self.number)
        self.letters = DeadLetterTray(clock)
        self._space = SpaceWatch(log.free_bytes, config.log.free_space_min_mib * 2**20)
        self._orders_bound = int(self.kernel.tables.bounds["orders"][0])
        self._identity = identity
        self._config = config.partition
        self._clock = clock
        self._free_blocks = [StagedBlock(config.log.block_rows_max) for _ in range(BLOCKS_IN_FLIGHT)]
        self._in_flight: list[Batch] = []
        self.recovery = Recovery()
        self._now_ns = 0
        self._swept_day = 0
        self._next_slot = 0

    @classmethod
    def open(
        cls,
        directory: Path,
        manifest: Manifest,
        number: int,
        config: Config,
        clock: Clock,
        *,
        allow_volatile: bool = False,
        progress: Progress | None = None,
    ) -> "Partition":
        """Claim partition `number` of an engine's directory (or the reference log) and recover its state.

        `progress` is told how far that is.
        """
        log = open_log(directory, manifest, number, config, allow_volatile=allow_volatile)
        with ExitStack() as stack:
            stack.callback(log.close)
            identity = identity_of(manifest, number)
            archive = ClosedArchive(
                archive_path(directory, number),
                identity.log_uuid,
                log_end=log.tip.next_offset,
                window_days=config.partition.bust_window_days,
                allow_volatile=allow_volatile,
            )
            stack.callback(archive.close)
            partition = cls(log, archive, identity, config, clock)
            partition.recover(Snapshots(snapshot_path(directory, number), log), progress or Progress())
            stack.pop_all()
        return partition

    def close(self) -> None:
        """Close the log and the archive."""
        self.log.close()
        self.archive.close()

    @property
    def is_space_low(self) -> bool:
        """Whether new orders wait because the log's disk is nearly full."""
        return self._space.is_low

    def crowded_tables(self) -> list[str]:
        """The tables that an operator should know of: filled to `alarm_percent` of their rows or more."""
        percent = self._config.alarm_percent
        return [
            name
            for name in DIGESTED
            if rows_used(self.kernel.tables, name) * 100
            >= percent * (len(getattr(self.kernel.tables, name)) - 1)
        ]

    def recover(self, snapshots: Snapshots, progress: Progress) -> None:
        """Give the empty tables the log's state: from the newest snapshot that will do, then by folding."""
        began_ns = self._clock()
        found = snapshots.fill(self.kernel.tables, lambda firm: lack_of_archive(self.archive, firm))
        tip = self.log.tip
        progress.begin(found.next_offset, tip.next_offset, self._clock())
        for block in self.log.blocks(found.next_offset):
            self.kernel.fold(block.rows(HEAD).copy(), block.header.append_ts_last_ns, self._keep_again)
            progress.reach(block.header.next_offset)
        assert self.kernel.next_offset == tip.next_offset, "the fold ended before the log"
        self._now_ns = tip.append_ts_last_ns
        events = tip.next_offset - found.next_offset
        self.recovery = Recovery(found.next_offset, events, self._clock() - began_ns, found.told)

    def begin(self) -> Batch:
        """An empty block, and the time of all that it decides, which never goes back."""
        self._now_ns = max(self._now_ns, self._clock())
        self._space.look(self._now_ns)
        # The kernel lets new orders wait where the order table is full, after it has recognised what was
        # sent before: a low disk is told to it as a table without room.
        self.kernel.tables.bounds["orders"] = 0 if self.is_space_low else self._orders_bound
        block = self._free_blocks.pop()
        block.used = 0
        batch = Batch(block, self.kernel.next_offset, self._now_ns)
        self._in_flight.append(batch)
        return batch

    def decide(self, batch: Batch, tasks: list[FrameTask]) -> list[FrameTask]:
        """Decide frames, in order, into a batch's block; gives those that it had no room to finish.

        They are to be given again, first, for the next block.
        """
        for done, task in enumerate(tasks):
            if not self._decide(task.work, batch):
                return tasks[done:]
            if self.is_space_low:
                _name_no_table(task.work.answers)
            batch.completed.append(task)
        return []

    def follow_up(self, batch: Batch) -> bool:
        """Write what still follows from events that the log has; False where the block is full first."""
        return self._decide(FrameInWork(command_rows(0)), batch)

    def _decide(self, work: FrameInWork, batch: Batch) -> bool:
        return self.kernel.decide(work, batch.block, batch.now_ns, self._gather, self.archive)

    @property
    def is_retiring(self) -> bool:
        """Whether a trading day has begun since which not all closed orders have been looked for."""
        return self._next_slot != 0 or self._day_offset != self._swept_day

    @property
    def _day_offset(self) -> int:
        return int(self.kernel.tables.firm["day_offset"][0])

    def retire(self, batch: Batch) -> bool:
        """Let a slice of the closed orders leave memory, one a batch; for the writer, as an errand.

        Closed orders are looked for once a trading day, from the first slot of the table to the last.
        """
        if self._day_offset != self._swept_day:
            self._swept_day, self._next_slot = self._day_offset, 1
        if self._next_slot == 0 or batch.has_retired or not self.follow_up(batch):
            return True
        if batch.block.used < len(batch.block.buffer) - 1:
            batch.has_retired = True
            self._next_slot = self.kernel.retire(batch.block, self._next_slot, batch.now_ns, self._keep)
        return True

    def _keep(self, offset: int, rows: RetiredRows) -> None:
        self.archive.keep(offset, rows, self._today)

    def _keep_again(self, offset: int, rows: RetiredRows) -> None:
        self.archive.keep_again(offset, rows, self._today)

    @property
    def _today(self) -> int:
        """The trade date of the venue whose calendar is the farthest behind."""
        return int(self.kernel.tables.firm["oldest_date"][0])

    def copy_reference(self, batch: Batch, rows: np.ndarray, offset: int) -> bool:
        """Copy events of the reference log, the first at `offset` there; False where the block is full first.

        They are to be given again for the next block: what is copied already is passed over.
        """
        return self.kernel.copy_reference(rows, offset, batch.block, batch.now_ns)

    def commit(self, batch: Batch) -> None:
        """Seal the batch's block and make it durable; batches are committed in the order they were decided.

        Any error poisons the partition: nothing that was decided on this block may be answered.
        """
        assert self._in_flight[0] is batch, "blocks are committed in the order of their decisions"
        rows = batch.block.rows()
        if len(rows):
            block, _ = seal(
                self.log.tip,
                rows,
                {},
                identity=self._identity,
                epoch=self.log.epoch,
                append_ts_first_ns=batch.now_ns,
                append_ts_last_ns=batch.now_ns,
            )
            self.log.append(block)
            if self.log.rotation_due:
                self.log.rotate(batch.now_ns)

    def put_away(self, batch: Batch) -> None:
        """Put on disk what left memory with a batch's block, once it is committed and answered."""
        self.archive.commit(batch.base + batch.block.used)

    def release(self, batch: Batch) -> None:
        """Take back the block of an answered batch; its rows are read from the log now."""
        self._in_flight.remove(batch)
        self._free_blocks.append(batch.block)

    def answer(self, batch: Batch) -> None:
        """Hand out the answer frames of the completed tasks; only once `commit` has returned."""
        tip = batch.base + batch.block.used
        for task in batch.completed:
            answers = task.work.answers
            task.deliver(answers_of(task.header, answers, self.log.epoch, tip, batch.now_ns))
            self.letters.put_invalid(task.commands, answers)

    def _gather(self, offsets: np.ndarray) -> np.ndarray:
        """The event rows at these offsets, from the log or from a block on its way there."""
        rows = np.empty(len(offsets), HEAD)
        is_left = np.ones(len(offsets), bool)
        for batch in list(self._in_flight):
            at = offsets - batch.base
            is_here = (at >= 0) & (at < batch.block.used)
            rows[is_here] = batch.block.buffer[at[is_here]]
            is_left &= ~is_here
        if is_left.any():
            rows[is_left] = self.log.rows_at(offsets[is_left]).view(HEAD).reshape(-1)
        return rows


def _name_no_table(answers: np.ndarray) -> None:
    """Take back the name of the table from orders that wait for the disk."""
    waits = (answers["code"] == AnswerCode.LOW_SPACE) & (answers["reason"] == Reason.ORDERS_FULL)
    answers["reason"][waits] = Reason.NONE


def run_frame(partition: Partition, task: FrameTask) -> None:
    """Decide, commit and answer one frame here and now, in as many blocks as it takes."""
    left = [task]
    while left:
        batch = partition.begin()
        partition.retire(batch)
        left = partition.decide(batch, left)
        partition.commit(batch)
        partition.answer(batch)
        partition.put_away(batch)
        partition.release(batch)
