"""A process that owns one partition of a firm with limits: it trades and keeps its lease until it is killed.

    python -m tests.faults.leasing_child DIRECTORY PARTITION SEED

What it wants of the reference log it writes to standard output, a frame of commands a line, in hex; what came
of that it sees in the log. It never waits.
"""

import sys
import time
from pathlib import Path
from random import Random

import numpy as np
from msgspec.structs import replace

from actors.fresh_id import fresh_id
from actors.roles.admission import admit
from actors.roles.lease_keeper import LeaseKeeper
from actors.roles.partition import FrameTask, Partition, run_frame
from actors.roles.reference_follower import follow_reference
from actors.warm_up import SMALL
from engine.client.session import Session
from engine.client.transport import REFERENCE, Clock
from engine.codec.frames import decode_answers
from engine.config import Config, LeasesConfig
from storage.log_directory import log_name
from storage.log_reader import LogReader
from storage.manifest import read_manifest
from tests.model.commands import Command, ExecutionReport, SubmitOrder
from tests.model.words import ExecType, Side
from tests.properties.choices import DAY_1
from tests.properties.lease_checks import PARTITIONS
from tests.properties.leased_firm import MARKET, order_of
from tests.properties.translation import rows_of

CONFIG = Config(
    engine=replace(SMALL.engine, orders_max=4_000, executions_max=4_000),
    log=SMALL.log,
    leases=LeasesConfig(share_percent=20, slice_percent=1),
)
ROUNDS = 2_000
"""A child that nobody kills ends by itself, after some ten seconds."""
PAUSE_S = 0.002


class Owner:
    """One partition, or the reference log, with what it takes to tell it things and to keep its lease."""

    def __init__(self, directory: Path, number: int, clock: Clock) -> None:
        manifest = read_manifest(directory)
        self.number = number
        self.partition = Partition.open(directory, manifest, number, CONFIG, clock, allow_volatile=True)
        self.clock = clock
        self._session = Session(fresh_id(), number)
        self._keeper = LeaseKeeper(len(PARTITIONS), CONFIG.leases)

    def tell(self, *commands: Command) -> np.ndarray:
        """Decide commands and make them durable: one ANSWER row each."""
        return self.deliver(rows_of(list(commands)))

    def deliver(self, rows: np.ndarray) -> np.ndarray:
        """The same with COMMAND rows."""
        number = self._session.put(rows)
        frame = admit(self._session.frame(number), len(rows), self.number)
        replies: list[bytes] = []
        run_frame(self.partition, FrameTask(frame, replies.append))
        self._session.settle(number)
        return decode_answers(replies[0]).answers

    def follow(self, reference: LogReader) -> None:
        """Copy what is new in the reference log."""
        while self.partition.kernel.reference_next < reference.tip_offset():
            batch = self.partition.begin()
            follow_reference(self.partition, reference, batch)
            self.partition.commit(batch)
            self.partition.release(batch)

    def keep(self) -> np.ndarray:
        """Return what is idle; gives what the reference log is asked for."""
        tip = self.partition.log.tip.next_offset
        wishes = self._keeper.look(self.partition.kernel.tables, tip, self.clock())
        if len(wishes.of_partition):
            self.deliver(wishes.of_partition)
        return wishes.of_reference


def trade(owner: Owner, random: Random, orders: list[SubmitOrder], round_number: int) -> None:
    """One order more, or the end of one that works."""
    if orders and random.random() < 0.45:
        order = orders.pop(random.randrange(len(orders)))
        exec_id = b"X" + order.cl_ord_id
        owner.tell(
            ExecutionReport(
                order_id=order.order_id,
                venue=1,
                trade_date=DAY_1,
                exec_id=exec_id,
                exec_type=random.choice([ExecType.CANCELED, ExecType.CANCELED, ExecType.TRADE]),
                qty=1,
                price=100,
            )
        )
        return
    qty = random.choice([1, 2, 5])
    order = order_of(owner.number, b"C%d" % round_number, side=Side.BUY, qty=qty, price=100)
    owner.tell(order)
    orders.append(order)


def main(directory: Path, number: int, seed: int) -> None:
    owner = Owner(directory, number, time.time_ns)
    reference = LogReader.open(directory / log_name(REFERENCE))
    owner.follow(reference)
    owner.tell(*MARKET)
    random = Random(seed)
    orders: list[SubmitOrder] = []
    for round_number in range(ROUNDS):
        owner.follow(reference)
        trade(owner, random, orders, round_number)
        wanted = owner.keep()
        if len(wanted):
            print(wanted.tobytes().hex(), flush=True)
        time.sleep(PAUSE_S)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
