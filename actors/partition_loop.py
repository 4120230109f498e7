"""The partition's two threads: a writer that decides, a committer that makes durable.

The writer decides whatever waits, without lingering. While a block is being flushed it goes on deciding into
the next one (depth 1): every frame that arrives meanwhile shares the next flush. Answers leave from the
committer, in order, after the flush of the block they were decided on.
"""

import threading
import time
from collections.abc import Callable

import numpy as np

from actors.roles.admission import admit, header_of
from actors.roles.answer_frames import refusal_of
from actors.roles.mailbox import Mailbox
from actors.roles.partition import Batch, FrameTask, Partition, place_of
from engine.codec.frames import FRAME_HEADER
from engine.config import Config
from engine.errors import BadRequest
from engine.rows.commands import COMMAND_BYTES
from engine.vocabulary import AnswerCode

KILL_BYTES_MAX = FRAME_HEADER.itemsize + 16 * COMMAND_BYTES
"""Longest frame that is read although the queue is full, because it may hold a kill."""

RETRY_AFTER_MS = 20
"""When to send a refused frame again: about the time in which a full queue halves."""

Deliver = Callable[[bytes], None]

Errand = Callable[[Batch], bool]
"""Something else for the writer to do with a block; False where it needs another block to finish."""


class PartitionLoop:
    """Runs one partition. `submit` may be called from any thread; `deliver` is called from the committer.

    `on_commit` is called after the answers of each commit, `on_failure` with the error that broke a thread:
    from then on nothing is answered any more, and the owner must end the process.
    """

    def __init__(
        self,
        partition: Partition,
        config: Config,
        *,
        on_commit: Callable[[], None],
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self.partition = partition
        self._config = config
        self._on_commit = on_commit
        self._on_failure = on_failure
        self._changed = threading.Condition()
        self._mailbox = Mailbox(config.partition.queue_bytes_max, config.client.window_frames)
        self._errands: list[Errand] = []
        self._flushing: Batch | None = None
        self._is_stopping = False
        self._is_written = False
        self._is_broken = False
        self._counts = {"blocks": 0, "events": 0, "frames": 0, "frames_refused": 0, "commit_ns": 0}
        self._threads = [
            threading.Thread(target=self._guarded, args=(loop,), name=name, daemon=True)
            for name, loop in (("writer", self._write), ("committer", self._flush))
        ]

    def start(self) -> None:
        """Start both threads; the writer begins with what a predecessor that died left to write."""
        self.run(self.partition.follow_up)
        for thread in self._threads:
            thread.start()

    def submit(self, data: bytes | np.ndarray, deliver: Deliver) -> None:
        """Queue a frame; its answer frame goes to `deliver`, at once if the whole frame is refused."""
        header = header_of(data)
        refusal = self._refusal(header, len(data))
        if refusal is not None:
            self._refuse(header, refusal, deliver)
            return
        try:
            frame = admit(data, self._config.partition.frame_rows_max, self.partition.number)
        except BadRequest as error:
            self._refuse_unreadable(header, data, str(error), deliver)
            return
        task = FrameTask(frame, deliver)
        with self._changed:
            # A stop may have come while the frame was read.
            is_late = self._is_stopping
            refused = [] if is_late else self._mailbox.offer(task)
            self._changed.notify_all()
        if is_late:
            self._refuse(header, AnswerCode.NOT_READY, deliver)
        self._refuse_tasks(refused)

    def _refusal(self, header: np.void, size: int) -> AnswerCode | None:
        """Why the whole frame can't be taken now, if it can't; asked before the frame is read."""
        if header["epoch"] not in {0, self.partition.log.epoch}:
            return AnswerCode.FENCED
        with self._changed:
            if self._is_stopping:
                return AnswerCode.NOT_READY
            if not self._mailbox.has_room(size, is_kill=size <= KILL_BYTES_MAX):
                return AnswerCode.OVERLOADED
        return None

    def _refuse(self, header: np.void, code: AnswerCode, deliver: Deliver) -> None:
        self._counts["frames_refused"] += 1
        deliver(refusal_of(header, code, self.partition.log.epoch, RETRY_AFTER_MS))

    def _refuse_tasks(self, refused: list[FrameTask]) -> None:
        for task in refused:
            self._refuse(task.header, AnswerCode.OVERLOADED, task.deliver)

    def _refuse_unreadable(
        self, header: np.void, data: bytes | np.ndarray, reason: str, deliver: Deliver
    ) -> None:
        """Answer INVALID, keep the frame for study, and let those behind it go on."""
        self.partition.letters.put(reason, data)
        self._refuse(header, AnswerCode.INVALID, deliver)
        if header["number"] == 0:
            return
        with self._changed:
            refused = self._mailbox.pass_over(place_of(header))
            self._changed.notify_all()
        self._refuse_tasks(refused)

    def run(self, errand: Errand) -> None:
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
        """What waits (frames, bytes); since the start: blocks, events, frames, refusals, time in commits."""
        with self._changed:
            waiting = {
                "frames_waiting": len(self._mailbox),
                "bytes_waiting": self._mailbox.waiting_bytes,
            }
        return {**waiting, **self._counts}

    def _guarded(self, loop: Callable[[], None]) -> None:
        """A broken writer or committer poisons the partition: nothing is answered any more."""
        try:
            loop()
        except BaseException as error:
            with self._changed:
                self._is_broken = True
                self._changed.notify_all()
            self._on_failure(error)

    def _write(self) -> None:
        """Decide what waits; hand the block on as soon as the committer is free."""
        batch: Batch | None = None
        tasks: list[FrameTask] = []
        errands: list[Errand] = []
        while self._take(batch, tasks, errands):
            if tasks or errands:
                batch = batch or self.partition.begin()
                errands = [errand for errand in errands if not errand(batch)]
                tasks = self.partition.decide(batch, tasks)
            if batch is not None and self._hand_over(batch, is_full=bool(tasks or errands)):
                batch = None
        with self._changed:
            self._is_written = True
            self._changed.notify_all()

    def _take(self, batch: Batch | None, tasks: list[FrameTask], errands: list[Errand]) -> bool:
        """Wait for something to do, and add it to the lists unless they hold some; False once all is done."""
        with self._changed:
            if tasks or errands:
                return not self._is_broken
            self._changed.wait_for(lambda: self._has_work(batch))
            errands += self._errands
            self._errands = []
            tasks += self._mailbox.take(self._config.log.block_rows_max)
            is_over = self._is_stopping and batch is None and not tasks and not errands
            return not (is_over or self._is_broken)

    def _has_work(self, batch: Batch | None) -> bool:
        if self._is_broken:
            return True
        if self._flushing is None:
            return batch is not None or self._has_news()
        return self._config.partition.pipeline and self._has_news()

    def _has_news(self) -> bool:
        return self._is_stopping or bool(self._errands) or len(self._mailbox) > 0

    def _hand_over(self, batch: Batch, *, is_full: bool) -> bool:
        """Give the block to the committer: now if it is free; if the block is full, as soon as it is."""
        with self._changed:
            if is_full or self._is_stopping:
                self._changed.wait_for(lambda: self._flushing is None or self._is_broken)
            if self._flushing is not None:
                return False
            self._flushing = batch
            self._changed.notify_all()
            return True

    def _flush(self) -> None:
        """Make blocks durable, then answer, in order."""
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._flushing is not None or self._is_written or self._is_broken
                )
                batch = self._flushing
            if batch is None:
                return
            self._commit(batch)
            self.partition.answer(batch)
            self._on_commit()
            self.partition.put_away(batch)
            with self._changed:
                self.partition.release(batch)
                self._flushing = None
                self._changed.notify_all()
            self._retire_more()

    def _retire_more(self) -> None:
        """Ask for the next slice of closed orders once the last one is durable; frames come in between."""
        if self.partition.is_retiring and not self._is_stopping:
            self.run(self.partition.retire)

    def _commit(self, batch: Batch) -> None:
        begun_ns = time.perf_counter_ns()
        self.partition.commit(batch)
        counts = self._counts
        counts["commit_ns"] += time.perf_counter_ns() - begun_ns
        counts["blocks"] += batch.block.used > 0
        counts["events"] += batch.block.used
        counts["frames"] += len(batch.completed)
