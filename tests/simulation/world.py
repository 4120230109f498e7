"""The world of one simulation: an engine of two partitions, its clients, and everything that may go wrong.

`step` lets one thing happen, chosen by the seed: a thread goes on to its next seam, a message arrives or gets
lost, a timer ends, a client acts, something breaks. After each step the logs are looked at from outside.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random

from actors.roles.engine_files import capacity_of
from actors.roles.log_identity import identity_of
from actors.roles.partition import Partition
from engine.client.transport import REFERENCE
from engine.rows.events import EVENT_BYTES
from engine.rows.schema import schema_set_digest
from storage.errors import Fenced, LogPoisoned
from storage.log_directory import log_name
from storage.manifest import new_manifest, write_manifest
from tests.properties.choices import DAY_1
from tests.properties.side_by_side import START_NS
from tests.simulation.clients import (
    FIRST_REQUEST,
    LAST_DAY,
    Administrator,
    Client,
    Operator,
    Strategy,
    Venue,
    new_day,
)
from tests.simulation.disk import Disk, PowerCut
from tests.simulation.fibers import Fiber, Killed
from tests.simulation.log_watch import LogWatch
from tests.simulation.network import Call, Network
from tests.simulation.processes import (
    PartitionProcess,
    Process,
    ProjectorProcess,
    SnapshotterProcess,
    Stopped,
)
from tests.simulation.settings import config_of
from tests.simulation.violation import Violation

PARTITIONS = (0, 1)
MILLISECOND_NS = 10**6

EXPECTED = (Fenced, LogPoisoned, Stopped)
"""What may end a process: another owner, a disk that failed, its operator; anything else is our mistake."""


class World:
    """An engine in a directory, and all around it; the same seed gives the same history.

    Attributes:
        steps: how many steps were taken.
        trace: a line a step.
        now_ns: the time, UTC nanoseconds; every process has a clock of its own beside it.
        owners: by log name, the process that was started last.
        zombies: older processes of the same log that do not know yet that they own it no more.
    """

    def __init__(self, directory: Path, seed: int) -> None:
        self.random = Random(seed)
        self.directory = directory
        self.config = config_of(self.random)
        self.now_ns = START_NS
        self.today = DAY_1
        self.steps = 0
        self.trace: list[str] = []
        self._numbers = count(FIRST_REQUEST)
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._violation: Violation | None = None
        self._seen_commits = 0
        self.network = Network(self.random)
        self.disk = Disk(self.random)
        self.owners: dict[str, Process] = {}
        self.zombies: list[Process] = []
        self.manifest = new_manifest(
            engine_uuid=self.random.randbytes(16),
            log_uuids={number: self.random.randbytes(16) for number in (*PARTITIONS, REFERENCE)},
            row_bytes=EVENT_BYTES,
            schema_digest=schema_set_digest(),
        )
        write_manifest(directory, self.manifest)
        self.watches = {number: self._watch(number) for number in (REFERENCE, *PARTITIONS)}
        self._make_clients()

    def _watch(self, number: int) -> LogWatch:
        return LogWatch(self.directory, identity_of(self.manifest, number), capacity_of(self.config, number))

    def _make_clients(self) -> None:
        strategies = [Strategy(self, f"strategy-{n}", partition) for n, partition in enumerate((0, 0, 1))]
        self.administrator = Administrator(self, "administrator", REFERENCE)
        self.operators = [Operator(self, f"operator-{number}", number) for number in PARTITIONS]
        venues = [
            Venue(self, f"venue-{number}", number, [one for one in strategies if one.number == number])
            for number in PARTITIONS
        ]
        self.clients: list[Client] = [*strategies, *venues, *self.operators, self.administrator]

    # ---- what others ask of it

    def seconds(self) -> float:
        """Steady seconds."""
        return self.now_ns / 1e9

    def later(self, seconds: float, function: Callable[[], None]) -> None:
        """Call a function after so many seconds."""
        heapq.heappush(self._timers, (self.seconds() + seconds, next(self._numbers), function))

    def number(self) -> int:
        """A number that nobody has."""
        return next(self._numbers)

    def new_id(self) -> tuple[int, int]:
        """A random id, as two words."""
        return self.random.getrandbits(64), self.random.getrandbits(64)

    def note_violation(self, violation: Violation) -> None:
        """End the simulation after this step; whoever sees one inside a role's call may not raise."""
        self._violation = self._violation or violation

    def check_recovery(self, partition: Partition) -> None:
        """A partition that has just recovered has the fold of its log."""
        self._look()
        watch = self.watches[partition.number]
        if not self._violation:
            kernel = partition.kernel
            self._judged(
                lambda: watch.check_digest(
                    "recovery", f"{watch.name} after a start", kernel.next_offset, kernel.digest()
                )
            )

    def begin_day(self) -> None:
        """Let the next trading day begin on all partitions."""
        if self.today < LAST_DAY:
            self.today += 1
            for operator in self.operators:
                operator.ask(new_day(self.number(), self.today))

    # ---- steps

    def note(self, line: str) -> None:
        """One line of the history."""
        self.trace.append(f"{self.steps:5} {self.now_ns // MILLISECOND_NS % 10**7:7} {line}")

    def digest(self) -> str:
        """SHA-256 over the whole history and all logs: the same seed gives the same."""
        found = sha256("\n".join(self.trace).encode())
        for watch in self.watches.values():
            found.update(watch.last_hash)
        return found.hexdigest()

    def take(self, line: str, happens: Callable[[], object]) -> None:
        """One step: let something happen, end what it broke, look at the logs."""
        self.steps += 1
        self.now_ns += self.random.randrange(2 * MILLISECOND_NS)
        self.note(line)
        try:
            happens()
        except PowerCut:
            self.cut_power()
        self._bury()
        if self.disk.commits != self._seen_commits:
            self._look()
        self.raise_violation()

    def raise_violation(self) -> None:
        """Raise what was noted."""
        if self._violation is not None:
            raise self._violation

    def _judged(self, check: Callable[[], None]) -> None:
        try:
            check()
        except Violation as violation:
            self.note_violation(violation)

    def _look(self) -> None:
        self._seen_commits = self.disk.commits
        for watch in self.watches.values():
            epoch = self.disk.epochs.get(watch.name, 0)
            self._judged(lambda watch=watch, epoch=epoch: watch.look(epoch))  # type: ignore[misc]

    def _bury(self) -> None:
        """End the processes that something has broken."""
        for process in [*self.owners.values(), *self.zombies]:
            if process.failure is None or not process.is_alive:
                continue
            if isinstance(process.failure, PowerCut):
                self.cut_power()
                return
            if not isinstance(process.failure, (*EXPECTED, Killed)):
                self.note_violation(Violation("roles", f"{process.name} broke: {process.failure!r}"))
            self.note(f"      {process.name} has ended: {type(process.failure).__name__}")
            self.kill(process)

    # ---- processes

    @property
    def processes(self) -> list[Process]:
        """Every process that is alive."""
        return [process for process in (*self.owners.values(), *self.zombies) if process.is_alive]

    def names(self) -> list[str]:
        """The processes that an engine of two partitions has, the reference log first."""
        logs = [log_name(number) for number in (REFERENCE, *PARTITIONS)]
        followers = [f"projector-{log_name(number)}" for number in PARTITIONS]
        return [*logs, *followers, *(f"snapshotter-{log}" for log in logs)]

    def missing(self) -> list[str]:
        """The processes that are not there."""
        return [name for name in self.names() if name not in self.owners or not self.owners[name].is_alive]

    def position_of(self, process: Process) -> int | None:
        """How far a process is in its log: the next offset, None while it has not opened it."""
        if isinstance(process, PartitionProcess):
            return None if process.loop is None else process.loop.partition.kernel.next_offset
        if isinstance(process, ProjectorProcess):
            return None if process.loop is None else process.loop.projector.applied_offset + 1
        assert isinstance(process, SnapshotterProcess)
        return None if process.snapshotter is None else process.snapshotter.kernel.next_offset

    def end(self) -> None:
        """Give everything back."""
        for process in self.processes:
            process.die()
        for watch in self.watches.values():
            watch.let_go()

    def start(self, name: str) -> None:
        """Start a process, beside the one that may still be there."""
        before = self.owners.get(name)
        if before is not None and before.is_alive:
            self.zombies.append(before)
        role, _, log = name.rpartition("-")
        number = REFERENCE if log == log_name(REFERENCE) else int(log[1:])
        made = {"": PartitionProcess, "projector": ProjectorProcess, "snapshotter": SnapshotterProcess}
        self.owners[name] = made[role](self, number)

    def kill(self, process: Process) -> None:
        """End a process at once; whoever waits for it learns that nobody knows."""
        process.die()
        self.network.forget(process)
        if process in self.zombies:
            self.zombies.remove(process)

    def cut_power(self) -> None:
        """End everything, and leave on the disk what was flushed."""
        self.note("      the power is gone")
        for process in self.processes:
            self.kill(process)
        for watch in self.watches.values():
            watch.let_go()
        self.disk.tear()
        self._look()
        for watch in self.watches.values():
            if watch.next_offset:
                self._judged(watch.check_kept)

    # ---- what may happen

    def ready_fibers(self) -> list[tuple[Process, Fiber]]:
        """The threads that would do something now."""
        now_s = self.seconds()
        return [
            (process, fiber) for process in self.processes for fiber in process.crew if fiber.is_ready(now_s)
        ]

    def due_timers(self) -> int:
        """How many timers have ended; only the first is looked at closely."""
        return int(bool(self._timers) and self._timers[0][0] <= self.seconds())

    def fire_timer(self) -> None:
        """Call what the first timer is for."""
        _, _, function = heapq.heappop(self._timers)
        function()

    def next_time_s(self) -> float | None:
        """When something happens by itself, if nothing else does before."""
        waits = [fiber.wakes_s for process in self.processes for fiber in process.crew if not fiber.is_done]
        times = [time for time in waits if time is not None] + [timer[0] for timer in self._timers[:1]]
        return min(times, default=None)

    def deliver(self, call: Call) -> None:
        """A request arrives at the process that has the name now, or at one that had it."""
        process = self.owners.get(call.target)
        older = [zombie for zombie in self.zombies if zombie.name == call.target]
        if older and self.random.random() < 0.5:
            process = self.random.choice(older)
        if process is None or not process.is_alive:
            self.network.lose(call)
        elif isinstance(process, PartitionProcess):
            self.network.hand_over(call, process, process.submit)
        elif isinstance(process, ProjectorProcess):
            self.network.hand_over(call, process, process.serve)
