"""A second projection that starts long after the first gets everything from the log alone, to the byte."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.mapped_view import MappedView
from actors.roles.projection_checkpoint import ProjectionCheckpoint, used_arrays
from actors.roles.projection_rebuild import Rebuild
from actors.roles.projector import Projector
from actors.view_layout import COPIED, DONE
from storage.event_log import EventLog
from storage.log_directory import segment_numbers
from storage.log_reader import LogReader
from tests.integration.reads.flow_log import append, open_flow_log
from tests.unit.actors.flow_blocks import state_of
from tests.unit.engine.projections.made_flow import SMALL, MadeFlow

FLOW = MadeFlow(31).run(40)
BLOCKS_A_SEGMENT = 16


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    with open_flow_log(tmp_path / "p0000") as log:
        yield log


def grow(log: EventLog) -> Iterator[None]:
    """Append the flow block by block, in several segments."""
    for number, block in enumerate(FLOW.blocks, start=1):
        append(log, [block])
        if number % BLOCKS_A_SEGMENT == 0:
            log.rotate(append_ts_ns=block.now_ns)
        yield


def bytes_of(projector: Projector) -> dict[str, bytes]:
    """All that a projector holds, and what readers of its view see."""
    state = {name: array.tobytes() for name, array in used_arrays(projector.tables, projector.books).items()}
    shown = projector.published
    assert shown is not None
    return state | {f"view of {name}": getattr(shown, name).tobytes() for name in COPIED}


def test_a_projection_begun_on_the_last_day_has_what_the_first_days_one_has(
    log: EventLog, tmp_path: Path
) -> None:
    """The first one meets the log block by block, across segments; there is no snapshot and no checkpoint."""
    with LogReader.open(tmp_path / "p0000") as reader, LogReader.open(tmp_path / "p0000") as second_reader:
        first = Projector(reader, SMALL, view_path=tmp_path / "first")
        for _ in grow(log):
            first.step()
        assert len(segment_numbers(tmp_path / "p0000")) >= 3

        second = Projector(second_reader, SMALL, view_path=tmp_path / "second")
        second.step()

        assert state_of(second) == state_of(first)
        assert bytes_of(second) == bytes_of(first)
        view = MappedView.open(tmp_path / "second", stale_after_ns=10**18)
        assert view.as_of == {0: log.tip.next_offset - 1}
        assert view._counters[DONE] >= 1


def test_what_a_rebuild_leaves_is_the_checkpoint_that_the_live_one_would_leave(
    log: EventLog, tmp_path: Path
) -> None:
    for _ in grow(log):
        pass
    with LogReader.open(tmp_path / "p0000") as reader:
        live = Projector(reader, SMALL, checkpoint=ProjectionCheckpoint(tmp_path / "of-live", reader))
        live.step()
        live.close()
        rebuild = Rebuild(reader, SMALL, 0)
        while rebuild.step():
            pass

        rebuild.leave(ProjectionCheckpoint(tmp_path / "of-rebuild", reader))

    assert (tmp_path / "of-rebuild").read_bytes() == (tmp_path / "of-live").read_bytes()
