"""A projection goes on from a checkpoint of its own log and no other; it is always the fold of that log."""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from actors.mapped_view import MappedView
from actors.roles.projection_checkpoint import ProjectionCheckpoint, checkpoint_path
from actors.roles.projector import NOTHING, Projector
from actors.view_layout import COPIED
from engine.kernel.tables import Capacity
from storage.event_log import EventLog
from storage.log_reader import LogReader
from tests.integration.reads.flow_log import append, open_flow_log
from tests.unit.actors.flow_blocks import IDENTITY, sealed, state_of
from tests.unit.engine.projections.made_flow import SMALL, MadeBlock, MadeFlow

BLOCKS = MadeFlow(23).run(12).blocks
HALF = len(BLOCKS) // 2


class Place:
    """A log on disk, its reader, and where its projection leaves a checkpoint."""

    def __init__(self, folder: Path, log: EventLog, reader: LogReader) -> None:
        self.log, self.reader = log, reader
        self.file, self.view = checkpoint_path(folder, 0), folder / "view"

    def projector(self, capacity: Capacity = SMALL, view: Path | None = None) -> Projector:
        """A projector that begins from what its predecessor left."""
        checkpoint = ProjectionCheckpoint(self.file, self.reader)
        return Projector(self.reader, capacity, checkpoint=checkpoint, view_path=view)

    def leave_checkpoint(self, blocks: list[MadeBlock]) -> None:
        """Add blocks to the log, fold them, end."""
        append(self.log, blocks)
        projector = self.projector()
        projector.step()
        projector.close()

    def from_the_log(self) -> Projector:
        """A projector that has folded the whole log itself."""
        projector = Projector(self.reader, SMALL)
        projector.step()
        return projector


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with open_flow_log(tmp_path / "p0000") as log, LogReader.open(tmp_path / "p0000") as reader:
        yield Place(tmp_path, log, reader)


def test_what_was_folded_before_is_not_folded_again(place: Place) -> None:
    place.leave_checkpoint(BLOCKS[:HALF])
    reached = place.log.tip.next_offset - 1

    successor = place.projector()

    assert successor.applied_offset == reached
    assert successor.applied_ns == BLOCKS[HALF - 1].now_ns
    append(place.log, BLOCKS[HALF:])
    successor.step()
    straight = place.from_the_log()
    assert state_of(successor) == state_of(straight)
    for name, table in straight.tables._asdict().items():
        assert table.tobytes() == getattr(successor.tables, name).tobytes(), name


def test_a_projection_that_ends_behind_its_log_goes_on_from_where_it_stood(place: Place) -> None:
    append(place.log, BLOCKS[:HALF])
    projector = place.projector()
    reached = projector.step()
    append(place.log, BLOCKS[HALF:])
    projector.close()

    successor = place.projector()

    assert (successor.applied_offset, successor.applied_ns) == (reached, BLOCKS[HALF - 1].now_ns)
    successor.step()
    assert state_of(successor) == state_of(place.from_the_log())


def test_what_a_checkpoint_holds_is_published_at_once(place: Place) -> None:
    place.leave_checkpoint(BLOCKS[:HALF])

    successor = place.projector(view=place.view)

    view = MappedView.open(place.view, stale_after_ns=10**18)
    assert view.as_of == {0: place.log.tip.next_offset - 1}
    append(place.log, BLOCKS[HALF:])
    for number, upto in enumerate((successor.applied_offset + 1, None), start=2):
        successor.step(upto=upto)
        written = view._copies[number % 2].tables
        for name in COPIED:
            assert getattr(written, name).tobytes() == getattr(successor.tables, name).tobytes(), name


def of_another_log(place: Place, tmp_path: Path) -> None:
    """Put the checkpoint of a log that has other blocks in the place of ours."""
    with open_flow_log(tmp_path / "other") as log, LogReader.open(tmp_path / "other") as reader:
        other = Place(tmp_path / "elsewhere", log, reader)
        other.leave_checkpoint(MadeFlow(24).run(12).blocks[:HALF])
        place.file.write_bytes(other.file.read_bytes())


def damaged(place: Place, tmp_path: Path) -> None:
    """Flip one bit in the middle of the checkpoint."""
    data = bytearray(place.file.read_bytes())
    data[len(data) // 2] ^= 1
    place.file.write_bytes(data)


def gone(place: Place, tmp_path: Path) -> None:
    """Delete the checkpoint."""
    place.file.unlink()


def of_a_foreign_log(place: Place, tmp_path: Path) -> None:
    """Put the checkpoint of a log with another uuid and the same events in the place of ours."""
    identity = dataclasses.replace(IDENTITY, log_uuid=b"g" * 16)
    path = tmp_path / "foreign"
    with EventLog.open(path, identity, map_size_bytes=2**30, create=True, allow_volatile=True) as log:
        log.claim()
        for block in sealed(BLOCKS, log.tip, identity):
            log.append(block)
        with LogReader.open(path) as reader:
            other = Place(tmp_path / "elsewhere", log, reader)
            other.leave_checkpoint([])
            place.file.write_bytes(other.file.read_bytes())


def of_a_log_that_had_more(place: Place, tmp_path: Path) -> None:
    """Put a checkpoint there that has seen more than this log holds: the log is that of an older backup."""
    with open_flow_log(tmp_path / "newer") as log, LogReader.open(tmp_path / "newer") as reader:
        other = Place(tmp_path / "elsewhere", log, reader)
        other.leave_checkpoint(MadeFlow(23).run(14).blocks)
        place.file.write_bytes(other.file.read_bytes())


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (of_a_foreign_log, "it follows other logs"),
        (of_another_log, "has another block before offset"),
        (of_a_log_that_had_more, "it was rolled back"),
        (damaged, "the file is damaged"),
        (gone, ""),
    ],
)
def test_a_checkpoint_that_can_not_be_trusted_is_passed_over_and_told(
    place: Place, tmp_path: Path, spoil: Callable[[Place, Path], None], told: str
) -> None:
    place.leave_checkpoint(BLOCKS)
    spoil(place, tmp_path)

    successor = place.projector()

    assert successor.checkpoint is not None
    assert told in successor.checkpoint.told
    assert bool(successor.checkpoint.told) == bool(told)
    assert successor.applied_offset == NOTHING
    successor.step()
    assert state_of(successor) == state_of(place.from_the_log())


def test_a_checkpoint_of_other_capacities_is_passed_over(place: Place) -> None:
    place.leave_checkpoint(BLOCKS)

    assert place.projector(SMALL._replace(orders=2 * SMALL.orders)).applied_offset == NOTHING


def test_a_checkpoint_that_can_not_be_written_holds_up_nothing(place: Place) -> None:
    append(place.log, BLOCKS)
    place.file.parent.write_text("a file where the folder should be")
    projector = place.projector()
    projector.step()

    projector.close()

    assert place.projector().applied_offset == NOTHING


def test_nothing_is_left_behind_in_the_middle_of_a_block(place: Place) -> None:
    append(place.log, BLOCKS)
    projector = place.projector()
    projector.step(upto=place.log.tip.next_offset - 2)

    projector.close()

    assert not place.file.exists()
