"""The partition's two threads: a writer that decides, a committer that makes durable.

The writer decides whatever waits, without lingering. While a block is being flushed it goes on deciding into
the next one (depth 1): every frame that arrives meanwhile shares the next flush. Answers leave from the
committer, in order, after the flush of the block they were decided on.
"""

import threading
from collections.abc import Callable

import numpy as np

from actors.roles.admission import admit
from actors.roles.answer_frames import refusal_of
from actors.roles.frame_order import FrameOrder
from actors.roles.mailbox import Mailbox
from actors.roles.partition import Batch, FrameTask, Partition
from engine.codec.frames import Frame
from engine.config import Config
from engine.vocabulary import AnswerCode

RETRY_AFTER_MS = 20
"""When to send a refused frame again: about the time in which a full queue halves."""

Deliver = Callable[[bytes], None]
Work = Callable[[Batch], None]


class PartitionLoop:
    """Runs one partition. `submit` may be called from any thread; `deliver` is called from the committer."""

    def __init__(
        self,
        partition: Partition,
        config: Config,
        *,
        on_commit: Callable[[int], None],
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self.partition = partition
        self._config = config
        self._on_commit = on_commit
        self._on_failure = on_failure
        self._changed = threading.Condition()
        self._mailbox = Mailbox(config.partition.queue_bytes_max)
        self._order: FrameOrder[FrameTask] = FrameOrder(config.client.window_frames)
        self._errands: list[Work] = []
        self._flushing: Batch | None = None
        self._is_stopping = False
        self._is_written = False
        self._threads = [
            threading.Thread(target=self._guarded, args=(loop,), name=name, daemon=True)
            for name, loop in (("writer", self._write), ("committer", self._flush))
        ]

    def start(self) -> None:
        """Start both threads."""
        for thread in self._threads:
            thread.start()

    def submit(self, data: bytes | np.ndarray, deliver: Deliver) -> None:
        """Queue a frame; its answer frame goes to `deliver`. BadRequest if the frame can't be read."""
        frame = admit(data, self._config.partition.frame_rows_max, is_reference=False)
        refusal = self._refusal(frame)
        if refusal is not None:
            deliver(refusal_of(frame.header, refusal, self.partition.log.epoch, RETRY_AFTER_MS))
            return
        self._enqueue(frame, deliver)

    def _refusal(self, frame: Frame) -> AnswerCode | None:
        """Why the whole frame can't be taken now, if it can't."""
        epoch = int(frame.header["epoch"])
        if epoch not in (0, self.partition.log.epoch):
            return AnswerCode.FENCED
        with self._changed:
            if self._is_stopping:
                return AnswerCode.NOT_READY
            if not self._mailbox.has_room(frame.commands.nbytes):
                return AnswerCode.OVERLOADED
        return None

    def _enqueue(self, frame: Frame, deliver: Deliver) -> None:
        header = frame.header
        session = (int(header["session_hi"]), int(header["session_lo"]))
        task = FrameTask(frame, deliver)
        with self._changed:
            ready = self._order.admit(session, int(header["number"]), int(header["oldest"]), task)
            for waiting in ready or []:
                self._mailbox.put(waiting)
            self._changed.notify_all()
        if ready is None:
            deliver(refusal_of(header, AnswerCode.OVERLOADED, self.partition.log.epoch, RETRY_AFTER_MS))

    def run(self, errand: Work) -> None:
        """Let the writer do something else with its next block: copy reference events."""
        with self._changed:
            self._errands.append(errand)
            self._changed.notify_all()

    def stop(self) -> None:
        """Take no more frames, finish what waits, and end both threads."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def statistics(self) -> dict[str, int]:
        """How much waits, in frames and bytes."""
        with self._changed:
            return {"frames_waiting": len(self._mailbox), "bytes_waiting": self._mailbox.waiting_bytes}

    def _guarded(self, loop: Callable[[], None]) -> None:
        """A broken writer or committer poisons the partition: nothing is answered any more."""
        try:
            loop()
        except BaseException as error:  # noqa: BLE001 - whatever it was, the owner must end this process
            self._on_failure(error)

    def _write(self) -> None:
        """Decide what waits; hand the block on as soon as the committer is free."""
        batch: Batch | None = None
        carried: list[FrameTask] = []
        while True:
            tasks, errands, is_over = self._take(batch, carried)
            if is_over:
                break
            if tasks or errands:
                if batch is None:
                    batch = self.partition.begin()
                for errand in errands:
                    errand(batch)
                carried = self.partition.decide(batch, tasks)
            if batch is not None and self._hand_over(batch, wait=bool(carried)):
                batch = None
        with self._changed:
            self._is_written = True
            self._changed.notify_all()

    def _take(self, batch: Batch | None, carried: list[FrameTask]) -> tuple[list[FrameTask], list[Work], bool]:
        """Wait for something to do: (tasks, errands, whether all is done)."""
        with self._changed:
            if not carried:
                self._changed.wait_for(lambda: self._has_work(batch))
            errands, self._errands = self._errands, []
            tasks = carried or self._mailbox.take(self._config.log.block_rows_max)
            is_over = self._is_stopping and batch is None and not tasks and not errands
            return tasks, errands, is_over

    def _has_work(self, batch: Batch | None) -> bool:
        if self._is_stopping or self._errands or len(self._mailbox):
            return True
        return batch is not None and self._flushing is None

    def _hand_over(self, batch: Batch, *, wait: bool) -> bool:
        """Give the block to the committer; without `wait`, only if it is free now."""
        with self._changed:
            if wait or self._is_stopping:
                self._changed.wait_for(lambda: self._flushing is None)
            if self._flushing is not None:
                return False
            self._flushing = batch
            self._changed.notify_all()
            return True

    def _flush(self) -> None:
        """Make blocks durable, then answer, in order."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._flushing is not None or self._is_written)
                batch = self._flushing
            if batch is None:
                return
            self.partition.commit(batch)
            self._on_commit(self.partition.log.tip.next_offset)
            self.partition.answer(batch)
            with self._changed:
                self.partition.release(batch)
                self._flushing = None
                self._changed.notify_all()
