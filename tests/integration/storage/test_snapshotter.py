"""The snapshotter writes what the log says, proves it now and then, and cries where two folds differ."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.roles.engine_files import capacity_of
from actors.roles.saved_tables import arrays_of, used_arrays_of
from actors.roles.snapshots import Snapshots
from actors.roles.snapshotter import Snapshotter
from engine.errors import IntegrityError
from engine.kernel.kernel import Kernel
from storage import file_system
from storage.log_reader import LogReader
from storage.snapshots import KEPT, SnapshotFiles
from tests.integration.reads.flow_log import append, open_flow_log
from tests.integration.storage.snapshot_place import SMALL, Place, run
from tests.unit.engine.projections.made_flow import MadeBlock, MadeFlow

FLOW = MadeFlow(31).run(40)
BLOCKS = FLOW.blocks
THIRD = len(BLOCKS) // 3


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_flow_log(tmp_path / "p0000") as log, LogReader.open(tmp_path / "p0000") as reader:
        yield Place(tmp_path, log, reader)


def follow(place: Place, snapshotter: Snapshotter, blocks: list[MadeBlock]) -> None:
    """Append blocks one by one, each followed at once."""
    for block in blocks:
        append(place.log, [block])
        run(snapshotter)


def test_every_snapshot_is_the_fold_of_its_part_of_the_log(place: Place) -> None:
    snapshotter = place.snapshotter()
    straight = Kernel(capacity_of(SMALL, 0), 0)
    written = 0
    for block in BLOCKS:
        follow(place, snapshotter, [block])
        straight.fold(block.rows.copy(), block.now_ns)
        if snapshotter.written > written:
            written = snapshotter.written
            read = Kernel(capacity_of(SMALL, 0), 0)
            assert Snapshots(place.path, place.reader).fill(read.tables).next_offset == straight.next_offset
            for name, array in arrays_of(straight.tables).items():
                assert array.tobytes() == getattr(read.tables, name).tobytes(), name

    assert written == snapshotter.written >= 4
    assert snapshotter.proved == written // 2
    assert len(place.positions()) == KEPT == len(list(place.path.iterdir()))
    assert snapshotter.kernel.digest() == FLOW.kernel.digest()


def test_its_successor_begins_from_the_newest_and_takes_what_was_half_written_away(place: Place) -> None:
    follow(place, place.snapshotter(), BLOCKS[: 2 * THIRD])
    newest = place.positions()[0]
    draft = place.path / f"{newest + 50:020d}{file_system.DRAFT_SUFFIX}"
    draft.write_bytes(b"OFCP and no more")

    successor = place.snapshotter()

    assert successor.kernel.next_offset == newest
    assert not draft.exists()
    follow(place, successor, BLOCKS[2 * THIRD :])
    assert successor.kernel.digest() == FLOW.kernel.digest()


@pytest.mark.parametrize("table", ["orders", "positions", "firm", "order_index"])
def test_a_flipped_bit_in_its_copy_is_an_alarm(place: Place, table: str) -> None:
    snapshotter = place.snapshotter(verify_every=1)
    follow(place, snapshotter, BLOCKS[:THIRD])
    assert place.positions()
    # What no rule reads again, as far as there is such a thing: the proof must see it by itself.
    used = used_arrays_of(snapshotter.kernel.tables)[table]
    used.view("u1").reshape(-1)[{"firm": used.itemsize - 1, "order_index": 3}.get(table, 0)] ^= 1 << 6

    with pytest.raises(IntegrityError, match=r"log 66.* at offset \d+ .*digests.* offset \d+"):
        follow(place, snapshotter, BLOCKS[THIRD:])

    assert place.positions() == [], "nobody knows which are right"
    successor = run(place.snapshotter(verify_every=1))
    assert successor.kernel.next_offset == place.reader.tip_offset()


def test_a_flipped_byte_in_a_file_is_set_aside_by_the_next_proof(place: Place) -> None:
    snapshotter = place.snapshotter(verify_every=1)
    follow(place, snapshotter, BLOCKS[:THIRD])
    (position, path), *_ = SnapshotFiles(place.path).newest_first()
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)

    follow(place, snapshotter, BLOCKS[THIRD:])

    assert (place.path / f"{position:020d}.rejected").exists()
    assert snapshotter.kernel.digest() == FLOW.kernel.digest()


def test_what_reads_back_otherwise_than_it_was_written_is_not_kept(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A digest of other tables than those in the file, which is whole."""
    append(place.log, BLOCKS)
    snapshotter = run(place.snapshotter(events=10**9))
    numbers = iter(range(100))
    monkeypatch.setattr(
        "actors.roles.snapshots.digests_of", lambda _: {"state": f"{next(numbers)}", "indexes": ""}
    )

    with pytest.raises(IntegrityError, match="reads back wrong"):
        Snapshots(place.path, place.reader).write(snapshotter.kernel.tables)

    assert place.positions() == []


@pytest.mark.parametrize("trouble", ["the disk refuses", "the disk is nearly full"])
def test_a_snapshot_that_cannot_be_written_holds_up_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    snapshotter = place.snapshotter()
    with monkeypatch.context() as patch:
        if trouble == "the disk refuses":
            patch.setattr("storage.file_system.os.fsync", _refuse)
        else:
            patch.setattr("storage.snapshots.free_bytes", lambda _: 2**20)
        follow(place, snapshotter, BLOCKS[: 2 * THIRD])
        assert snapshotter.failed > 0
        assert place.positions() == []

    follow(place, snapshotter, BLOCKS[2 * THIRD :])

    assert snapshotter.written > 0
    assert len(list(place.path.iterdir())) == len(place.positions()), "no drafts are left"


def _refuse(_: int) -> None:
    raise OSError(5, "Input/output error")
