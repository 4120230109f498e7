"""A firm of two partitions and a reference log, in memory: what is not committed is lost by a crash.

Each step does one thing that an engine may do at any time, in any order: orders, reports, limits, grants,
returns, a keeper whose commands may get lost, copying, committing, dying.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import numpy as np

from actors.roles.lease_keeper import LeaseKeeper, Wishes
from engine.config import LeasesConfig
from engine.rows.commands import command_rows
from tests.model.commands import (
    Command,
    ExecutionReport,
    GrantLease,
    ReplaceOrder,
    ReturnLease,
    SetAccount,
    SetFirmLimit,
    SetInstrument,
    SetLimits,
    SetMark,
    SetStrategy,
    SetVenue,
    StartTradingDay,
    SubmitOrder,
)
from tests.model.words import ExecType, Side
from tests.properties.choices import DAY_1
from tests.properties.lease_checks import PARTITIONS, REFERENCE
from tests.properties.logged_kernel import LoggedKernel
from tests.properties.side_by_side import ROOMY, START_NS
from tests.properties.translation import rows_of

SECOND_NS = 10**9
CURRENCY = b"USD"
CONTRACT = 100 * 10**8
"""The money of one unit at 100."""
LIMIT = 100 * CONTRACT
CONFIG = LeasesConfig(share_percent=20, slice_percent=10, ttl_ms=20_000)
LIMITS = SetLimits(
    request_id=0,
    account=0,
    max_order_qty=10**6,
    max_order_notional=10**17,
    max_long_qty=10**6,
    max_short_qty=10**6,
    collar_ppm=500_000,
    orders_per_second=10**6,
    burst=10**6,
)
DEFINITIONS: list[Command] = [
    SetVenue(request_id=1, name=b"XNAS"),
    SetInstrument(request_id=2, name=b"WHOLE", venue=1),
    *(SetAccount(request_id=3 + n, name=b"ACC-%d" % n) for n in PARTITIONS),
    *(SetStrategy(request_id=5 + n, name=b"S%d" % n, account=n + 1) for n in PARTITIONS),
    *(replace(LIMITS, request_id=7 + n, account=n + 1) for n in PARTITIONS),
    SetFirmLimit(request_id=9, currency=CURRENCY, amount=LIMIT),
]
MARKET: list[Command] = [
    StartTradingDay(request_id=1, venue=1, trade_date=DAY_1),
    SetMark(request_id=2, instrument=1, price=100, ts_event=START_NS),
]
ROWS_MAX = 256


class Log(LoggedKernel):
    """One log and its kernel; `crash` forgets what is not committed and folds what is."""

    def __init__(self, partition: int) -> None:
        super().__init__(ROOMY, partition)
        self.partition = partition
        self.commit(START_NS, ROWS_MAX)

    @property
    def durable_next(self) -> int:
        """The offset behind the last event that is committed."""
        return len(self.log)

    def crash(self) -> None:
        """Die, and come back from the log; what still follows from its events is written first."""
        again = Log(self.partition)
        for rows, now_ns in self.blocks:
            again.kernel.fold(rows, now_ns)
        self.kernel, self.block = again.kernel, again.block
        self.decide(command_rows(0), self.blocks[-1][1])


class Firm:
    """Two partitions, each with an account of its own, and the reference log; see `step`."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.now = START_NS
        self.logs = {number: Log(number) for number in (REFERENCE, *PARTITIONS)}
        self.keeper = LeaseKeeper(len(PARTITIONS), CONFIG)
        self.requests = 0
        self.orders: dict[int, list[SubmitOrder]] = {number: [] for number in PARTITIONS}
        self.seqs: dict[bytes, int] = {}
        self._open()

    def _open(self) -> None:
        self.requests = 100
        self.tell(REFERENCE, *DEFINITIONS)
        self.logs[REFERENCE].commit(self.now, ROWS_MAX)
        for number in PARTITIONS:
            self.copy(number)
            self.tell(number, *MARKET)
            self.logs[number].commit(self.now, ROWS_MAX)

    def tell(self, number: int, *commands: Command) -> np.ndarray:
        """Let a log decide commands; they are durable once it commits."""
        return self.logs[number].decide(rows_of(list(commands)), self.now)

    def copy(self, number: int) -> None:
        """Let a partition copy what the reference log has committed."""
        log = self.logs[number]
        source = self.logs[REFERENCE].log
        start = log.kernel.reference_next
        while not log.kernel.copy_reference(source[start:].copy(), start, log.block, self.now):
            log.commit(self.now, ROWS_MAX)

    def request(self) -> int:
        self.requests += 1
        return self.requests

    # ---- steps

    def step(self) -> None:
        """Do one of the things that may happen at any time."""
        steps, weights = zip(*STEPS, strict=True)
        self.random.choices(steps, weights)[0](self, self.random.choice(PARTITIONS))

    def submit(self, number: int) -> None:
        order = order_of(
            number,
            b"C%d" % self.request(),
            side=self.random.choice([Side.BUY, Side.BUY, Side.SELL]),
            qty=self.random.choice([1, 5, 10, 20]),
            price=self.random.choice([99, 100, 101]),
        )
        self.tell(number, order)
        self.orders[number].append(order)

    def replace(self, number: int) -> None:
        if not self.orders[number]:
            return
        order = self.random.choice(self.orders[number])
        seq = self.seqs.get(order.cl_ord_id, 1) + 1
        answer = self.tell(
            number,
            ReplaceOrder(
                order_id=order.order_id,
                account=order.account,
                instrument=1,
                strategy=order.strategy,
                cl_ord_id=b"R%d" % self.request(),
                side=order.side,
                qty=self.random.choice([1, 8, 30]),
                price=self.random.choice([90, 100, 110]),
                seq=seq,
            ),
        )
        if answer["offset"][0] >= 0:
            self.seqs[order.cl_ord_id] = seq

    def report(self, number: int) -> None:
        if not self.orders[number]:
            return
        order = self.random.choice(self.orders[number][-8:])
        exec_type = self.random.choice([ExecType.NEW, ExecType.TRADE, ExecType.TRADE, ExecType.CANCELED])
        self.tell(
            number,
            ExecutionReport(
                order_id=order.order_id,
                venue=1,
                trade_date=DAY_1,
                exec_id=b"E%d" % self.request(),
                exec_type=exec_type,
                qty=self.random.choice([1, order.qty]) if exec_type == ExecType.TRADE else 0,
                price=self.random.choice([90, 100, 130]) if exec_type == ExecType.TRADE else 0,
            ),
        )

    def limit(self, _: int) -> None:
        amount = self.random.choice([LIMIT // 2, LIMIT, 2 * LIMIT])
        self.tell(REFERENCE, SetFirmLimit(request_id=self.request(), currency=CURRENCY, amount=amount))

    def grant(self, number: int) -> None:
        wanted = GrantLease(
            request_id=self.request(),
            partition=number,
            currency=CURRENCY,
            amount=self.random.choice([0, CONTRACT, 10 * CONTRACT, 40 * CONTRACT]),
            ttl_ms=self.random.choice([1_000, 60_000]),
        )
        self.tell(REFERENCE, wanted)

    def give_back(self, number: int) -> None:
        amount = self.random.choice([1, CONTRACT, 20 * CONTRACT])
        self.tell(
            number,
            ReturnLease(request_id=self.request(), partition=number, currency=CURRENCY, amount=amount),
        )

    def keep(self, number: int) -> None:
        """What the keeper wishes for is sent, if nothing gets lost, now or also again."""
        log = self.logs[number]
        wishes = self.look(log)
        for target, rows in ((REFERENCE, wishes.of_reference), (number, wishes.of_partition)):
            for _ in range(self.random.choice([0, 1, 1, 2]) if len(rows) else 0):
                self.logs[target].decide(rows.copy(), self.now)

    def look(self, log: Log) -> Wishes:
        """What the keeper wishes for a partition."""
        return self.keeper.look(log.kernel.tables, log.durable_next, self.now)

    def follow(self, number: int) -> None:
        self.copy(number)

    def commit(self, number: int) -> None:
        target = self.random.choice([REFERENCE, number])
        self.logs[target].commit(self.now, ROWS_MAX)

    def crash(self, number: int) -> None:
        target = self.random.choice([REFERENCE, number])
        self.logs[target].crash()

    def wait(self, _: int) -> None:
        self.commit_all()
        self.now += self.random.choice([1, SECOND_NS, 15 * SECOND_NS])

    def commit_all(self) -> None:
        """A block has one time."""
        for log in self.logs.values():
            log.commit(self.now, ROWS_MAX)


STEPS: list[tuple[Callable[[Firm, int], None], float]] = [
    (Firm.submit, 10),
    (Firm.replace, 4),
    (Firm.report, 8),
    (Firm.limit, 1),
    (Firm.grant, 2),
    (Firm.give_back, 3),
    (Firm.keep, 10),
    (Firm.follow, 8),
    (Firm.commit, 10),
    (Firm.crash, 2),
    (Firm.wait, 3),
]


def order_of(number: int, cl_ord_id: bytes, *, side: str, qty: int, price: int) -> SubmitOrder:
    """An order of a partition's account."""
    return SubmitOrder(
        order_id=(DAY_1, b"ACC-%d" % number, cl_ord_id),
        trade_date=DAY_1,
        account=number + 1,
        instrument=1,
        strategy=number + 1,
        cl_ord_id=cl_ord_id,
        side=side,
        qty=qty,
        price=price,
    )
