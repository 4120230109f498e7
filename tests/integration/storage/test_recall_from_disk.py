"""Closed orders go to disk and are found again: in a partition's life, after a crash, without the disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.local_transport import LocalTransport
from actors.roles.admission import IS_DEFINITION
from actors.roles.closed_archive import ClosedArchive, archive_path
from actors.warm_up import SMALL
from engine.rows.events import HEAD
from engine.vocabulary import AnswerCode, EventKind
from storage.log_identity import REFERENCE_PARTITION as REFERENCE
from tests.model.answers import Answer
from tests.model.commands import Command, StartTradingDay
from tests.model.reference_data import Capacity
from tests.model.words import ExecType
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.flow import open_trading
from tests.properties.side_by_side import ROOMY, START_NS, SideBySide
from tests.properties.translation import rows_of
from tests.unit.engine.kernel.test_retiring import DAY_2, FIRST_DAY, fill, order, report

RESENT: list[Command] = [
    order(b"FILLED"),
    report(b"FILLED", b"E1", ExecType.NEW),
    order(b"FILLED", qty=11),
    order(b"NOBODY"),
    fill(b"STOP", b"L1", 2),
    fill(b"STOP", b"L1", 2),
]
ANSWERS = ["DUPLICATE", "DUPLICATE", "CONFLICT", "STALE_TRADE_DATE", "ACCEPTED", "DUPLICATE"]


class Owner:
    """An engine in this process that is opened again and again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.open()

    def open(self) -> None:
        """Become the owner of its logs."""
        self.transport = LocalTransport(self.directory, SMALL, lambda: START_NS, allow_volatile=True)
        self.partition = self.transport.partitions[0]

    def send(self, commands: list[Command]) -> list[str]:
        """Decide, commit and answer commands, each where it belongs; gives the codes."""
        rows = rows_of(commands)
        codes = []
        for at in range(len(rows)):
            number = REFERENCE if IS_DEFINITION[rows["kind"][at]] else 0
            answers, _ = self.transport.deliver(number, rows[at : at + 1].copy())
            codes += [AnswerCode(code).name for code in answers["code"]]
        return codes

    def let_go(self) -> None:
        """Let all closed orders leave, a slice a block."""
        while self.partition.is_retiring:
            batch = self.partition.begin()
            self.partition.retire(batch)
            self.partition.commit(batch)
            self.partition.put_away(batch)
            self.partition.release(batch)

    def kinds(self) -> list[EventKind]:
        """The kinds of all events in the log."""
        rows = self.partition.log.rows_at(np.arange(self.partition.kernel.next_offset))
        return [EventKind(kind) for kind in rows.view(HEAD)["kind"].reshape(-1)]

    def archive(self) -> Path:
        """Where its closed orders lie."""
        return archive_path(self.directory, 0)


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Owner]:
    """A partition with the first day's orders, in the first moment of the second."""
    side = Recorder(ROOMY)
    open_trading(Draws(side))
    owner = Owner(tmp_path)
    owner.send([*side.seen, *FIRST_DAY])
    assert owner.send(days(DAY_2)) == ["ACCEPTED"] * 2
    yield owner
    owner.transport.close()


class Recorder(SideBySide):
    """Keeps the commands that it is given."""

    def __init__(self, capacity: Capacity) -> None:
        super().__init__(capacity)
        self.seen: list[Command] = []

    def add(self, command: Command) -> Answer:
        """Keep a command that is sent."""
        self.seen.append(command)
        return super().add(command)


def days(trade_date: int) -> list[Command]:
    """A new trading day at both venues."""
    return [StartTradingDay(request_id=trade_date * 8 + n, venue=n, trade_date=trade_date) for n in (1, 2)]


def test_closed_orders_leave_with_the_next_frame_and_answer_as_before(owner: Owner) -> None:
    answers = owner.send(RESENT)

    assert answers == ANSWERS
    assert owner.kinds().count(EventKind.ORDERS_RETIRED) == 2
    assert owner.kinds().count(EventKind.ORDER_RECALLED) == 2
    assert owner.archive().is_dir()


def test_after_a_restart_the_disk_has_them(owner: Owner) -> None:
    owner.let_go()
    before = owner.partition.kernel.digest()
    owner.transport.close()

    owner.open()

    assert owner.partition.kernel.digest() == before
    assert owner.send(RESENT) == ANSWERS


@pytest.mark.parametrize("damage", ["lost", "garbage", "of another log"])
def test_without_the_disk_the_log_has_them(owner: Owner, damage: str) -> None:
    owner.let_go()
    owner.transport.close()
    shutil.rmtree(owner.archive())
    if damage == "garbage":
        owner.archive().mkdir(parents=True)
        (owner.archive() / "data.mdb").write_bytes(b"x" * 8192)
    elif damage == "of another log":
        ClosedArchive(owner.archive(), b"v" * 16, log_end=0, window_days=1, allow_volatile=True).close()

    owner.open()

    assert owner.send(RESENT) == ANSWERS


def test_a_crash_between_the_logs_commit_and_the_archives_loses_nothing(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ClosedArchive, "commit", lambda self, log_end: None)
        owner.let_go()
        in_memory = owner.send(RESENT[:1])
    owner.transport.close()

    owner.open()

    assert in_memory == ["DUPLICATE"]
    assert owner.send(RESENT) == ANSWERS


def test_an_archive_that_knows_more_than_the_log_is_made_anew(owner: Owner, tmp_path: Path) -> None:
    """As after a backup of the log was put back: it has events that never happened."""
    ahead = tmp_path / "ahead"
    owner.transport.close()
    shutil.copytree(owner.directory / "p0000", ahead)
    owner.open()
    owner.let_go()
    owner.send([fill(b"STOP", b"L9", 3)])
    owner.transport.close()
    shutil.rmtree(owner.directory / "p0000")
    shutil.copytree(ahead, owner.directory / "p0000")

    owner.open()

    assert owner.send(RESENT) == ANSWERS


def test_what_is_older_than_the_window_is_forgotten(owner: Owner) -> None:
    owner.let_go()
    later = DAY_1 + 10_000
    new = order(b"NEW", order_id=(later, b"ACC-1", b"NEW"), trade_date=later, price=10**9)
    owner.send([*days(later), new, *days(later + 1)])

    owner.let_go()

    assert owner.send([order(b"FILLED"), new]) == ["STALE_TRADE_DATE", "DUPLICATE"]
