"""A partition begins from a snapshot or from its whole log: one state, byte for byte, and one future."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from actors.roles.closed_archive import ClosedArchive, archive_path
from actors.roles.engine_files import capacity_of
from actors.roles.recovery import Progress
from actors.roles.saved_tables import used_arrays_of
from actors.roles.snapshots import Snapshots, snapshot_path
from actors.warm_up import SMALL
from engine.kernel.kernel import Kernel
from engine.kernel.tables import Tables
from tests.integration.storage.test_recall_from_disk import ANSWERS, RESENT, Owner, Recorder, days
from tests.properties.draws import Draws
from tests.properties.flow import open_trading
from tests.properties.side_by_side import ROOMY
from tests.unit.engine.kernel.test_retiring import DAY_2, FIRST_DAY, fill


def bytes_of(tables: Tables) -> dict[str, bytes]:
    """Every used row and every index, as bytes."""
    return {name: array.tobytes() for name, array in used_arrays_of(tables).items()}


class SnapshotOwner(Owner):
    """An engine that leaves snapshots where it is told to."""

    def snapshot(self) -> int:
        """Leave one of the state as it is; its position."""
        return self.snapshots().write(self.partition.kernel.tables)

    def snapshots(self) -> Snapshots:
        """Those of the partition."""
        return Snapshots(snapshot_path(self.directory, 0), self.partition.log)

    def names(self) -> list[str]:
        """The files that lie there."""
        return sorted(path.name for path in snapshot_path(self.directory, 0).iterdir())

    def reopen(self, before: Callable[[], object] = lambda: None) -> None:
        """End, let something happen, and begin again."""
        self.transport.close()
        before()
        self.open()


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[SnapshotOwner]:
    """A partition with the first day's orders."""
    side = Recorder(ROOMY)
    open_trading(Draws(side))
    owner = SnapshotOwner(tmp_path)
    owner.send([*side.seen, *FIRST_DAY])
    yield owner
    owner.transport.close()


def next_day(owner: SnapshotOwner) -> None:
    """Begin the second day, and let what is closed leave memory."""
    assert owner.send(days(DAY_2)) == ["ACCEPTED"] * 2
    owner.let_go()


def test_a_recovery_tells_how_far_it_is(owner: SnapshotOwner) -> None:
    position = owner.snapshot()
    next_day(owner)
    told: list[tuple[int, int]] = []

    class Told(Progress):
        def reach(self, offset: int) -> None:
            super().reach(offset)
            status = self.status(0)
            told.append((status["recovery_offset"], status["recovery_end"]))

    owner.partition.kernel = Kernel(capacity_of(SMALL, 0), 0)
    owner.partition.recover(owner.snapshots(), Told())

    end = owner.partition.kernel.next_offset
    reached = [offset for offset, _ in told]
    assert position < reached[0] < reached[-1] == end
    assert {until for _, until in told} == {end}


def test_only_the_events_behind_the_snapshot_are_folded(owner: SnapshotOwner) -> None:
    position = owner.snapshot()
    next_day(owner)
    end, state = owner.partition.kernel.next_offset, bytes_of(owner.partition.kernel.tables)

    owner.reopen()

    recovery = owner.partition.recovery
    assert (recovery.begun_at, recovery.events, recovery.told) == (position, end - position, ())
    assert bytes_of(owner.partition.kernel.tables) == state
    assert owner.send(RESENT) == ANSWERS


def test_a_snapshot_of_the_logs_end_leaves_nothing_to_fold(owner: SnapshotOwner) -> None:
    next_day(owner)
    end = owner.snapshot()
    now_ns = owner.partition.log.tip.append_ts_last_ns

    owner.reopen()

    assert (owner.partition.recovery.begun_at, owner.partition.recovery.events) == (end, 0)
    batch = owner.partition.begin()
    assert batch.now_ns >= now_ns
    owner.partition.release(batch)
    assert owner.send(RESENT) == ANSWERS


def test_without_any_snapshot_the_answers_are_the_same(owner: SnapshotOwner) -> None:
    owner.snapshot()
    next_day(owner)
    state = bytes_of(owner.partition.kernel.tables)

    owner.reopen(lambda: shutil.rmtree(owner.directory / "snapshots"))

    assert owner.partition.recovery.begun_at == 0
    assert bytes_of(owner.partition.kernel.tables) == state
    assert owner.send(RESENT) == ANSWERS


def test_a_damaged_snapshot_is_set_aside_and_the_one_before_is_used(owner: SnapshotOwner) -> None:
    older = owner.snapshot()
    next_day(owner)
    newest = owner.snapshot()
    path = snapshot_path(owner.directory, 0) / f"{newest:020d}"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1

    owner.reopen(lambda: path.write_bytes(data))

    assert owner.partition.recovery.begun_at == older
    assert "is damaged" in owner.partition.recovery.told[0]
    assert owner.names() == [f"{older:020d}", f"{newest:020d}.rejected"]
    assert owner.send(RESENT) == ANSWERS


def test_a_snapshot_of_another_history_is_set_aside(owner: SnapshotOwner) -> None:
    """As after a backup of the log was put back: the snapshot has events that never happened."""
    backup = owner.directory / "backup"
    owner.reopen(lambda: shutil.copytree(owner.directory / "p0000", backup))
    owner.send([fill(b"OPEN", b"E9", 1)])
    owner.snapshot()

    def put_back() -> None:
        shutil.rmtree(owner.directory / "p0000")
        shutil.copytree(backup, owner.directory / "p0000")

    owner.reopen(put_back)
    assert "rolled back" in owner.partition.recovery.told[0]
    owner.send([fill(b"OPEN", b"E8", 2)])
    position = owner.snapshot()
    owner.reopen(put_back)
    owner.send([fill(b"OPEN", b"E7", 3)])
    (path,) = snapshot_path(owner.directory, 0).glob(f"{position:020d}.rejected")
    path.rename(path.with_suffix(""))
    owner.reopen()

    assert "another block" in owner.partition.recovery.told[0]
    assert owner.send([fill(b"OPEN", b"E7", 3), fill(b"OPEN", b"E8", 2)]) == ["DUPLICATE", "ACCEPTED"]


def test_other_code_makes_a_snapshot_useless(owner: SnapshotOwner, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("actors.roles.snapshots.CODE_VERSION", b"c" * 32)
        owner.snapshot()

    owner.reopen()

    assert "its code has" in owner.partition.recovery.told[0]
    assert owner.partition.recovery.begun_at == 0


@pytest.mark.parametrize("is_lost", [True, False])
def test_a_snapshot_skips_nothing_that_the_archive_lacks(
    owner: SnapshotOwner, monkeypatch: pytest.MonkeyPatch, *, is_lost: bool
) -> None:
    """The archive of closed orders is lost, or a crash came before it had them."""
    older = owner.snapshot()
    with monkeypatch.context() as patch:
        if not is_lost:
            patch.setattr(ClosedArchive, "commit", lambda self, log_end: None)
        next_day(owner)
    newest = owner.snapshot()

    owner.reopen(lambda: shutil.rmtree(archive_path(owner.directory, 0), ignore_errors=True))

    assert owner.partition.recovery.begun_at == older
    assert "passed over" in owner.partition.recovery.told[0]
    assert owner.send(RESENT) == ANSWERS
    owner.reopen()
    assert owner.partition.recovery.begun_at == newest, "it is not the snapshot's fault"
