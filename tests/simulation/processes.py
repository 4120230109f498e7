"""The processes of an engine: a role or a loop each, made as its actor makes it, and killed at any seam.

What the actors add to the roles is followed here line by line: readiness, the steward of a partition, pushes,
wishes about leases. The actors' shells themselves, which are Ray's, are not covered.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING

import numpy as np

from actors.partition_loop import PartitionLoop
from actors.projector_loop import ProjectorLoop
from actors.roles.admission import header_of
from actors.roles.answer_frames import refusal_of
from actors.roles.engine_files import capacity_of
from actors.roles.lease_keeper import LeaseKeeper, Wishes
from actors.roles.partition import Batch, Partition
from actors.roles.projection_checkpoint import ProjectionCheckpoint, checkpoint_path
from actors.roles.projector import Projector
from actors.roles.recovery import Progress
from actors.roles.reference_follower import follow_reference
from actors.roles.snapshots import Snapshots, snapshot_path
from actors.roles.snapshotter import Snapshotter
from engine.client.session import Session
from engine.client.transport import REFERENCE
from engine.errors import OrderfoldError
from engine.vocabulary import AnswerCode
from storage.errors import LogNotFound
from storage.log_directory import log_name
from storage.log_reader import LogReader
from tests.simulation.fibers import Condition, Fiber, pause
from tests.simulation.network import Heard

if TYPE_CHECKING:
    from tests.simulation.world import World

NOT_READY_RETRY_MS = 50
"""As the partition's actor says it."""

LOOKS_S = 0.05
"""Time between two looks at a log: shorter than the actor's, as everything here is."""


class SteppedPartition(Partition):
    """The partition, with seams between its effects."""

    def recover(self, snapshots: Snapshots, progress: Progress) -> None:
        """Recover; who is killed here has claimed the log and folded nothing, or everything."""
        pause()
        super().recover(snapshots, progress)
        pause()

    def answer(self, batch: Batch) -> None:
        """Answer; who is killed behind it has kept nothing of what left memory."""
        super().answer(batch)
        pause()


class SteppedProjector(Projector):
    """The projector as it is; what is planted in it must not reach the checkers' own."""


class Process:
    """One process: its fibers, what it has open, and how it ends.

    Attributes:
        number: the partition that it serves.
        failure: what ended it, None while nothing has.
    """

    def __init__(self, world: World, name: str, number: int) -> None:
        self.world = world
        self.name = name
        self.number = number
        self.crew: list[Fiber] = []
        self.is_alive = True
        self.failure: BaseException | None = None
        self.open = ExitStack()
        self._skew_ns = world.random.choice([0, 0, -20_000_000, 35_000_000])
        self.run("opener", self._open)

    def run(self, name: str, work: Callable[[], None]) -> None:
        """Let a fiber of this process do something."""
        Fiber(name, lambda: self._guarded(work), self.crew, self.world.seconds)

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            self.end(error)

    def _open(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """End in an orderly way, by raising Stopped."""
        raise NotImplementedError

    @property
    def is_ready(self) -> bool:
        """Whether it serves."""
        raise NotImplementedError

    def open_log(self, number: int) -> LogReader:
        """Open a log to read it, once it is there."""
        rest = Condition()
        while True:
            try:
                log = LogReader.open(self.world.directory / log_name(number))
            except LogNotFound:
                rest.wait_for(lambda: False, LOOKS_S)
                continue
            self.open.callback(log.close)
            return log

    def clock(self) -> int:
        """Its clock, UTC nanoseconds: not that of the others."""
        return self.world.now_ns + self._skew_ns

    def jump(self, ns: int) -> None:
        """Set its clock forward or back."""
        self._skew_ns += ns

    def set_clock(self) -> None:
        """Set its clock right."""
        self._skew_ns = 0

    def end(self, error: BaseException) -> None:
        """Note what broke it; the scheduler ends it."""
        if self.failure is None:
            self.failure = error

    def die(self) -> None:
        """End at once, wherever its fibers are."""
        self.is_alive = False
        for fiber in list(self.crew):
            fiber.kill()
        self.open.close()


class Stopped(Exception):
    """A process has ended as it was asked to."""


class PartitionProcess(Process):
    """A partition, or the reference log: its loop, and what its steward does."""

    loop: PartitionLoop | None = None

    def __init__(self, world: World, number: int) -> None:
        self._reference: LogReader | None = None
        self._has_copied = number == REFERENCE
        self._wishes: Wishes | None = None
        self._sessions: dict[int, Session] = {}
        super().__init__(world, log_name(number), number)

    def _open(self) -> None:
        world = self.world
        partition = SteppedPartition.open(
            world.directory, world.manifest, self.number, world.config, self.clock, allow_volatile=True
        )
        self.open.callback(partition.close)
        world.check_recovery(partition)
        loop = PartitionLoop(partition, world.config, on_commit=self._note_commit, on_failure=self.end)
        loop.start()
        self.loop = loop
        if self.number != REFERENCE:
            self._reference = self.open_log(REFERENCE)
            self._keeper = LeaseKeeper(world.manifest.partitions, world.config.leases)
            self._copy_reference()

    @property
    def is_ready(self) -> bool:
        """Whether it takes frames."""
        return self.is_alive and self.loop is not None and self._has_copied

    def submit(self, data: np.ndarray, deliver: Heard) -> None:
        """Take a frame."""
        if self.loop is None or not self._has_copied:
            deliver(refusal_of(header_of(data), AnswerCode.NOT_READY, 0, NOT_READY_RETRY_MS))
        else:
            self.loop.submit(data, deliver)

    def _copy_reference(self) -> None:
        loop, reference = self.loop, self._reference
        assert loop is not None
        assert reference is not None, "the reference log follows nobody"

        def errand(batch: Batch) -> bool:
            is_done = follow_reference(loop.partition, reference, batch)
            self._has_copied |= is_done
            return is_done

        loop.run(errand)

    def _note_commit(self) -> None:
        """Tell the projector, if the word gets there."""
        if self.number != REFERENCE and self.loop is not None:
            position = self.loop.partition.log.tip.next_offset
            self.world.network.call(self.name, f"projector-{self.name}", position, lambda _: None)

    def look_around(self) -> None:
        """A round of the steward: follow the reference log, keep dead letters, keep leases."""
        loop = self.loop
        if loop is None:
            return
        if self._reference is not None and self.is_behind:
            self._copy_reference()
        loop.partition.letters.empty(
            self.world.directory, self.world.config.partition.dead_letters_max, allow_volatile=True
        )
        self._send_wishes(loop)
        if self.number != REFERENCE and loop.partition.kernel.tables.firm["budgets"][0]:
            loop.run(self._look_at_leases)

    @property
    def is_behind(self) -> bool:
        """Whether the reference log has events that are not copied yet."""
        if self.loop is None or self._reference is None:
            return self.number != REFERENCE
        return self.loop.partition.kernel.reference_next < self._reference.tip_offset()

    def _look_at_leases(self, _: Batch) -> bool:
        loop = self.loop
        assert loop is not None
        tip = loop.partition.log.tip.next_offset
        self._wishes = self._keeper.look(loop.partition.kernel.tables, tip, self.clock())
        if self.world.random.random() < 0.5:
            self._send_wishes(loop)  # The steward is sometimes faster than the commit.
        return True

    def _send_wishes(self, loop: PartitionLoop) -> None:
        wishes, self._wishes = self._wishes, None
        if wishes is None or wishes.is_empty:
            return
        if len(wishes.of_partition):
            loop.submit(self._frame(self.number, wishes.of_partition), lambda _: None)
        if len(wishes.of_reference):
            frame = self._frame(REFERENCE, wishes.of_reference)
            self.world.network.call(self.name, log_name(REFERENCE), frame, lambda _: None)

    def _frame(self, partition: int, commands: np.ndarray) -> np.ndarray:
        if partition not in self._sessions:
            self._sessions[partition] = Session(self.world.new_id(), partition)
        session = self._sessions[partition]
        number = session.put(commands)
        frame = session.frame(number)
        session.settle(number)
        return frame

    def stop(self) -> None:
        """Answer what waits, then end."""
        loop = self.loop
        assert loop is not None
        loop.stop()
        raise Stopped


class ProjectorProcess(Process):
    """A projector and its loop."""

    loop: ProjectorLoop | None = None
    checked_offset = -1

    def __init__(self, world: World, number: int) -> None:
        super().__init__(world, f"projector-{log_name(number)}", number)

    def _open(self) -> None:
        directory = self.world.directory
        log = self.open_log(self.number)
        projector = SteppedProjector(
            log,
            capacity_of(self.world.config, self.number),
            partition=self.number,
            checkpoint=ProjectionCheckpoint(checkpoint_path(directory, self.number), log),
            clock=self.clock,
        )
        loop = ProjectorLoop(
            projector,
            look_every_s=self.world.config.projection.heartbeat_ms / 1000,
            on_failure=self.end,
        )
        loop.start()
        self.loop = loop

    @property
    def is_ready(self) -> bool:
        """Whether it answers."""
        return self.is_alive and self.loop is not None

    def serve(self, request: int | bytes, deliver: Heard) -> None:
        """Take a position that it is told, or a question."""
        if self.loop is None:
            deliver(None)
        elif isinstance(request, int):
            self.loop.tell(request)
            deliver(None)
        else:
            self.loop.ask(request, lambda answer: deliver(_answered(answer)))

    def stop(self) -> None:
        """Answer what can be answered, leave a checkpoint, and end."""
        loop = self.loop
        assert loop is not None
        loop.stop()
        loop.projector.close()
        raise Stopped


def _answered(answer: bytes | OrderfoldError) -> bytes | None:
    return None if isinstance(answer, OrderfoldError) else answer


class SnapshotterProcess(Process):
    """A snapshotter, which writes to `path`."""

    snapshotter: Snapshotter | None = None
    checked_snapshots = 0

    def __init__(self, world: World, number: int) -> None:
        self.path = snapshot_path(world.directory, number)
        super().__init__(world, f"snapshotter-{log_name(number)}", number)

    def _open(self) -> None:
        log = self.open_log(self.number)
        snapshots = Snapshots(self.path, log)
        snapshotter = Snapshotter(log, snapshots, self.world.config, partition=self.number, clock=self.clock)
        self.snapshotter = snapshotter
        rest = Condition()
        while True:
            if snapshotter.step():
                pause()
            else:
                rest.wait_for(lambda: False, LOOKS_S)

    @property
    def is_ready(self) -> bool:
        """Whether it follows its log."""
        return self.is_alive and self.snapshotter is not None

    def stop(self) -> None:
        """End between two steps."""
        raise Stopped
