"""The whole engine in this process: the same roles, called one after the other, no threads.

For tests, replays and tools. Every frame is durable, and folded by the projectors, when `deliver` returns.
"""

import asyncio
import threading
import time
import uuid
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from actors.config_file import load_config
from actors.engine_record import hold
from actors.fresh_id import fresh_id
from actors.roles.admission import admit
from actors.roles.engine_files import capacity_of, open_manifest
from actors.roles.lease_keeper import LeaseKeeper
from actors.roles.partition import FrameTask, Partition, run_frame
from actors.roles.projector import Projector
from actors.roles.reference_follower import follow_reference, require_all_copied
from engine.client.session import Session
from engine.client.transport import REFERENCE, Clock
from engine.codec.frames import decode_answers
from engine.config import Config
from engine.errors import BadRequest, NotReady, OutcomeUnknown, Unavailable
from engine.rows.answers import ANSWER
from storage.errors import LogPoisoned, StorageError
from storage.log_directory import log_name
from storage.log_reader import LogReader
from storage.manifest import Manifest

PATIENCE_S = 0.05
"""How long a question waits for a position that another thread may be about to commit."""

LEASE_ROUNDS_MAX = 3
"""How often a partition's leases are looked at in a row: it returns, lets that be recorded, and has done."""


def connect(target: str, *, config: Config | None = None, clock: Clock | None = None) -> "LocalTransport":
    """Open (or make) the engine in directory `target` in this process; `clock` gives UTC nanoseconds."""
    return LocalTransport(Path(target).expanduser(), config or load_config(), clock or time.time_ns)


class LocalTransport:
    """An engine in this process; `close` gives its directory back.

    Raises Unavailable if another engine runs in the directory.
    """

    def __init__(
        self, directory: Path, config: Config, clock: Clock, *, allow_volatile: bool = False
    ) -> None:
        self.config = config
        self._directory = directory
        self._clock = clock
        self._allow_volatile = allow_volatile
        self._turn = threading.Condition()
        self._end: Unavailable | None = None
        self._open = ExitStack()
        try:
            self._open_all(directory, config)
        except BaseException:
            self._open.close()
            raise

    def _open_all(self, directory: Path, config: Config) -> None:
        """Open every log and fold it; `_open` closes what was opened so far."""
        self._open.enter_context(hold(directory))
        manifest = open_manifest(directory, config.engine.partitions, lambda: uuid.uuid4().bytes)
        self.slots = np.array(manifest.slots, np.int64)
        numbers = [REFERENCE, *range(manifest.partitions)]
        self.partitions: dict[int, Partition] = {}
        self._readers: dict[int, LogReader] = {}
        for number in numbers:
            self.partitions[number] = partition = self._open_partition(manifest, number)
            self._open.callback(partition.close)
        for number in numbers:
            self._readers[number] = reader = LogReader.open(directory / log_name(number))
            self._open.callback(reader.close)
        self._sessions = {number: Session(self.new_id(), number) for number in numbers}
        self.projectors = {number: self._new_projector(number) for number in range(manifest.partitions)}
        for number in self.projectors:
            require_all_copied(self.partitions[number], self.partitions[REFERENCE].log.tip.next_offset)
        self._histories: dict[int, Projector] = {}
        self._keeper = LeaseKeeper(manifest.partitions, self.config.leases)
        self._keepers_sessions = {number: Session(self.new_id(), number) for number in numbers}
        self._copy_reference()

    def _open_partition(self, manifest: Manifest, number: int) -> Partition:
        return Partition.open(
            self._directory, manifest, number, self.config, self._clock, allow_volatile=self._allow_volatile
        )

    def _new_projector(self, partition: int) -> Projector:
        reader, capacity = self._readers[partition], capacity_of(self.config, partition)
        return Projector(reader, capacity, partition=partition, clock=self._clock)

    def deliver(self, partition: int, commands: np.ndarray) -> tuple[np.ndarray, int]:
        """Decide, commit and answer command rows now: one ANSWER row a command, and the next offset.

        Raises OutcomeUnknown if they could not be made durable; then the engine is to be opened again.
        """
        with self._turn:
            self._require_open()
            try:
                return self._deliver(partition, commands)
            except StorageError as error:
                self._end = Unavailable(f"{error}; close this client and connect again")
                if not isinstance(error, LogPoisoned):
                    raise
                raise OutcomeUnknown(
                    f"the commands may be durable or not: {error}; connect again and send the same commands, "
                    "the answers are the truth"
                ) from error

    def _deliver(self, partition: int, commands: np.ndarray) -> tuple[np.ndarray, int]:
        self._keep_leases()
        rows_max = self.config.partition.frame_rows_max
        parts = [
            self._deliver_frame(partition, commands[start : start + rows_max], self._sessions[partition])
            for start in range(0, len(commands), rows_max)
        ]
        self._copy_reference()
        self._keep_leases()
        owner = self.partitions[partition]
        owner.letters.empty(
            self._directory,
            self.config.partition.dead_letters_max,
            allow_volatile=self._allow_volatile,
        )
        answers = np.concatenate(parts) if parts else np.zeros(0, ANSWER)
        self._turn.notify_all()
        return answers, owner.log.tip.next_offset

    def _deliver_frame(self, partition: int, commands: np.ndarray, session: Session) -> np.ndarray:
        number = session.put(commands)
        frame = admit(session.frame(number), len(commands), partition)
        replies: list[bytes] = []
        run_frame(self.partitions[partition], FrameTask(frame, replies.append))
        session.settle(number)
        return decode_answers(replies[0]).answers

    def _copy_reference(self) -> None:
        """Bring what is new in the reference log into every partition, and projectors to their logs' ends."""
        reference = self.partitions[REFERENCE].log
        for number, projector in self.projectors.items():
            partition = self.partitions[number]
            while partition.kernel.reference_next < reference.tip.next_offset:
                batch = partition.begin()
                follow_reference(partition, reference, batch)
                partition.commit(batch)
                partition.release(batch)
            projector.step(partition.log.tip.next_offset)

    def _keep_leases(self) -> None:
        """Ask for what partitions need of the firm's limits, return what is idle, until all is settled."""
        if not self.partitions[REFERENCE].kernel.tables.firm["budgets"][0]:
            return
        for number in self.projectors:
            partition = self.partitions[number]
            for _ in range(LEASE_ROUNDS_MAX):
                tip = partition.log.tip.next_offset
                wishes = self._keeper.look(partition.kernel.tables, tip, self._clock())
                if wishes.is_empty:
                    break
                for target, rows in ((REFERENCE, wishes.of_reference), (number, wishes.of_partition)):
                    if len(rows):
                        self._deliver_frame(target, rows, self._keepers_sessions[target])
                self._copy_reference()

    async def deliver_async(self, partition: int, commands: np.ndarray) -> tuple[np.ndarray, int]:
        """The same as `deliver`; it does not give way meanwhile, since the engine runs right here."""
        return self.deliver(partition, commands)

    def ask(self, partition: int, question: bytes, as_of: int | None = None) -> bytes:
        """Ask the partition's projector, or, with `as_of`, one that has folded up to exactly that offset.

        Positions asked for that way must go forward; BadRequest for one that lies behind the last one.
        """
        with self._turn:
            self._require_open()
            if as_of is not None:
                return self._history(partition, as_of).read(question)
            try:
                return self._ask_now(partition, question)
            except NotReady:
                self._turn.wait(PATIENCE_S)
                return self._ask_now(partition, question)

    def _history(self, partition: int, as_of: int) -> Projector:
        """A projector of the past, moved forward to a position."""
        if partition not in self._histories:
            self._histories[partition] = self._new_projector(partition)
        history = self._histories[partition]
        reached = history.step(upto=as_of)
        if reached != as_of:
            raise BadRequest(
                f"as_of {as_of} of partition {partition}: the past is at {reached} and only goes forward, "
                f"up to {self.partitions[partition].log.tip.next_offset - 1}"
            )
        return history

    async def ask_async(self, partition: int, question: bytes) -> bytes:
        """The same as `ask`; it gives way while it waits."""
        try:
            return self._ask_now(partition, question)
        except NotReady:
            await asyncio.sleep(PATIENCE_S)
            return self._ask_now(partition, question)

    def _ask_now(self, partition: int, question: bytes) -> bytes:
        with self._turn:
            self._require_open()
            return self.projectors[partition].read(question)

    def _require_open(self) -> None:
        if self._end is not None:
            raise self._end

    def declare(self, principal: int) -> None:
        """Say which principal sends from now on."""
        for session in self._sessions.values():
            session.principal = principal

    def new_id(self) -> tuple[int, int]:
        """A fresh random 128-bit id, as two words."""
        return fresh_id()

    def now_ns(self) -> int:
        """The engine's time, UTC nanoseconds."""
        return self._clock()

    def close(self) -> None:
        """Close every log and give the directory back."""
        self._end = Unavailable("this client is closed: connect again")
        self._open.close()
