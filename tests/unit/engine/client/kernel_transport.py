"""A transport for tests: real kernels in this process, their logs kept as rows; no disk and no frames."""

from collections.abc import Callable

import numpy as np

from engine.client.command_rows import copied
from engine.client.facts import CatalogQuestion, OrderFactsQuestion, catalog_facts, order_facts
from engine.client.transport import REFERENCE
from engine.errors import NotReady
from engine.kernel.kernel import FrameInWork, Kernel, StagedBlock
from engine.kernel.tables import Capacity, new_tables
from engine.kernel.views import views_of
from engine.projections.books import new_books
from engine.projections.changes import new_changes
from engine.projections.folding import fold_projection
from engine.reads.answering import State, find_answer
from engine.reads.answers import Answer, encode_answer
from engine.reads.questions import decode_question
from engine.rows.events import HEAD
from engine.vocabulary import AuthMethod

CAPACITY = Capacity(
    orders=2_000,
    executions=2_000,
    requests=1_000,
    positions=500,
    limits=100,
    accounts=50,
    strategies=100,
    instruments=50,
    venues=10,
    principals=20,
)
BLOCK_ROWS = 64


class KernelLog:
    """A kernel, the events it has decided, and what a projector makes of them."""

    def __init__(self, number: int) -> None:
        self.kernel = Kernel(CAPACITY, number)
        self.rows = np.zeros(0, HEAD)
        self.projected = new_tables(CAPACITY, number)
        self.books = new_books(CAPACITY.orders, CAPACITY.instruments)
        self.changes = new_changes(self.projected)

    def decide(self, commands: np.ndarray, now_ns: int) -> np.ndarray:
        """Decide a frame, block by block; gives its ANSWER rows."""
        frame = FrameInWork(commands)
        while True:
            block = StagedBlock(BLOCK_ROWS)
            is_done = self.kernel.decide(frame, block, now_ns, lambda offsets: self.rows[offsets])
            self.append(block.rows(), now_ns)
            if is_done:
                answers: np.ndarray = frame.answers
                return answers

    def append(self, rows: np.ndarray, now_ns: int) -> None:
        """Add rows to the log, and fold them."""
        self.rows = np.frombuffer(bytearray(self.rows.tobytes() + rows.tobytes()), HEAD)
        fold_projection(views_of(rows), len(rows), self.projected, self.books, self.changes, now_ns)

    def answer(self, partition: int, question: bytes) -> bytes:
        """What the partition's projector answers."""
        asked = decode_question(question)
        if asked.min_position >= self.kernel.next_offset:
            raise NotReady(f"at offset {self.kernel.next_offset - 1}, asked for {asked.min_position}")
        if isinstance(asked, CatalogQuestion):
            return catalog_facts(self.projected)
        if isinstance(asked, OrderFactsQuestion):
            return order_facts(self.projected, asked)
        found = find_answer(State(self.projected, self.books, self._rows_at, partition), asked)
        return encode_answer(
            Answer(
                subject=found.subject,
                rows=found.rows.tobytes(),
                partition=partition,
                as_of=self.kernel.next_offset - 1,
                unpriced=found.unpriced,
                has_more=found.has_more,
            )
        )

    def _rows_at(self, offsets: np.ndarray) -> np.ndarray:
        picked: np.ndarray = self.rows[offsets].view(np.uint8).reshape(len(offsets), -1)
        return picked

    def follow(self, source: "KernelLog", now_ns: int) -> None:
        """Copy what is new in the reference log."""
        start = self.kernel.reference_next
        new = source.rows[start:].copy()
        for at in range(0, len(new), BLOCK_ROWS):
            block = StagedBlock(BLOCK_ROWS)
            self.kernel.copy_reference(new[at : at + BLOCK_ROWS], start + at, block, now_ns)
            self.append(block.rows(), now_ns)


def _nobody_comes() -> None:
    raise AssertionError("a question waits for a position that nobody will commit")


class KernelTransport:
    """Delivers to kernels; `before` and `after` a decision it may raise what a real transport would.

    `idle` is what happens while a question waits for a position that is not there yet.
    """

    def __init__(self, partitions: int = 1) -> None:
        self.slots = np.arange(1024, dtype=np.int64) % partitions
        self.logs = {number: KernelLog(number) for number in [REFERENCE, *range(partitions)]}
        self.principal = 0
        self.clock_ns = 1_700_000_000_000_000_000
        self.sent: list[tuple[int, np.ndarray]] = []
        self.asked: list[tuple[int, bytes]] = []
        self.before: Callable[[int, np.ndarray], None] = lambda partition, rows: None
        self.after: Callable[[int, np.ndarray], None] = lambda partition, rows: None
        self.idle: Callable[[], None] = _nobody_comes
        self.is_open = True
        self._ids = 0

    def deliver(self, partition: int, commands: np.ndarray) -> tuple[np.ndarray, int]:
        self.before(partition, commands)
        self.sent.append((partition, copied(commands)))
        self.clock_ns += 1_000_000
        log = self.logs[partition]
        stamped = copied(commands)
        stamped["principal"], stamped["auth_method"] = self.principal, AuthMethod.DECLARED
        answers = log.decide(stamped, self.clock_ns)
        if partition == REFERENCE:
            for number in self.partitions:
                self.logs[number].follow(log, self.clock_ns)
        self.after(partition, commands)
        return answers, log.kernel.next_offset

    async def deliver_async(self, partition: int, commands: np.ndarray) -> tuple[np.ndarray, int]:
        return self.deliver(partition, commands)

    def declare(self, principal: int) -> None:
        self.principal = principal

    def ask(self, partition: int, question: bytes) -> bytes:
        self.asked.append((partition, question))
        try:
            return self.logs[partition].answer(partition, question)
        except NotReady:
            self.idle()
            raise

    async def ask_async(self, partition: int, question: bytes) -> bytes:
        return self.ask(partition, question)

    def new_id(self) -> tuple[int, int]:
        self._ids += 1
        return 0x0123456789ABCDEF, self._ids

    def now_ns(self) -> int:
        return self.clock_ns

    def close(self) -> None:
        self.is_open = False

    @property
    def partitions(self) -> list[int]:
        """The numbers of the partitions."""
        return [number for number in self.logs if number != REFERENCE]

    def digests(self) -> list[str]:
        """The digest of every log's state: equal before and after, where nothing was kept."""
        return [log.kernel.digest() for log in self.logs.values()]
