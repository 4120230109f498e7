"""A mapped view gives what its projector gives, and says so when it can't."""

import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.mapped_view import MappedView
from actors.roles.projector import Projector
from actors.view_layout import BEGUN, CLOSED, COPIED, DONE, HEADER, HEARTBEAT
from actors.view_writer import ViewWriter
from engine.errors import NotReady, StaleView
from engine.reads.answers import table_of
from engine.reads.questions import ReadExposure, ReadPositions, ReadProfit
from engine.reads.risk_tables import RiskTables
from tests.unit.actors.flow_blocks import MemoryLog, flow_log, small_projector
from tests.unit.engine.projections.made_flow import SMALL, MadeFlow

FLOW, LOG = flow_log(seed=8, frames=40)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "view"


@pytest.fixture
def projector(path: Path) -> Iterator[Projector]:
    made = small_projector(LOG, view_path=path)
    made.step()
    yield made
    made.close()


def patient(path: Path) -> MappedView:
    """A view whose reader may have to wait for the compiler, which is no sign of a dead writer."""
    return MappedView.open(path, stale_after_ns=10**18)


def copies(path: Path) -> list[RiskTables]:
    """The tables of both copies as they lie in the file."""
    return [copy.tables for copy in MappedView.open(path)._copies]


def test_a_view_answers_what_its_projector_answers(path: Path, projector: Projector) -> None:
    view = patient(path)
    for by in ("account", "strategy", "instrument"):
        for handle in (1, 2, 3):
            asked = {"by": by, "handle": handle}
            exposure, profit = (
                table_of([projector.answer(question)])
                for question in (ReadExposure(**asked), ReadProfit(**asked))  # type: ignore[arg-type]
            )
            assert view.exposure(**{by: handle}).raw.tobytes() == exposure.raw.tobytes()
            assert view.pnl(**{by: handle}).raw.tobytes() == profit.raw.tobytes()
    positions = table_of([projector.answer(ReadPositions(account=2))])
    assert view.positions(account=2).raw.tobytes() == positions.raw.tobytes()
    assert len(view.positions(account=2)) > 0
    assert view.as_of == positions.as_of == {0: LOG.tip_offset() - 1}


def test_every_copy_is_the_projectors_tables_after_every_publication(path: Path) -> None:
    """What changed is published, whoever changed it: the copy just written equals the tables, row for row."""
    growing = MemoryLog(LOG.chain, visible=0)
    projector = small_projector(growing, view_path=path)
    for visible in range(1, len(LOG.chain) + 1):
        growing.visible = visible
        projector.step()
        written = copies(path)[visible % 2]
        for name in COPIED:
            assert getattr(written, name).tobytes() == getattr(projector.tables, name).tobytes(), name


def test_a_changed_row_that_is_not_named_would_be_seen(path: Path, projector: Projector) -> None:
    """The control of the test above: a row changed behind the fold's back differs in the copies."""
    projector.tables.positions["qty"][1] += 1

    assert any(copy.positions.tobytes() != projector.tables.positions.tobytes() for copy in copies(path))


def test_a_view_waits_for_a_position(path: Path, projector: Projector) -> None:
    view = patient(path)

    assert view.exposure(account=1, min_position=LOG.tip_offset() - 1).as_of == {0: LOG.tip_offset() - 1}
    with pytest.raises(NotReady, match=f"asked for {LOG.tip_offset()}"):
        view.exposure(account=1, min_position=LOG.tip_offset())


def test_a_view_says_how_far_it_is_behind(path: Path) -> None:
    last_ns = LOG.chain[4].header.append_ts_last_ns
    behind = small_projector(LOG, view_path=path)
    behind.step(LOG.tip_offset(), upto=LOG.chain[4].header.next_offset - 1)

    table = MappedView.open(path, stale_after_ns=10**18, utc=lambda: last_ns + 5 * 10**8).positions()

    assert table.lag_events == LOG.tip_offset() - LOG.chain[4].header.next_offset
    assert table.lag_seconds == 0.5


def test_a_successor_that_has_folded_nothing_yet_says_how_much_it_lacks(path: Path) -> None:
    successor = small_projector(LOG, view_path=path)

    table = patient(path).positions()

    assert (table.as_of, table.lag_events) == ({0: -1}, LOG.tip_offset())
    assert successor.lag_events == LOG.tip_offset()


def test_a_silent_writer_makes_the_view_stale(path: Path, projector: Projector) -> None:
    now = [0]
    view = MappedView.open(path, stale_after_ns=1_000, clock=lambda: now[0])
    now[0] = view._counters[HEARTBEAT] + 1_000
    assert len(view.exposure(account=1)) > 0

    now[0] += 1

    with pytest.raises(StaleView, match="was last written"):
        view.exposure(account=1)
    assert view.heartbeat_age_ns == 1_001


def test_every_step_shows_that_the_projector_lives(path: Path) -> None:
    now = [5]
    writer = ViewWriter.create(
        path, MadeFlow(1).kernel.tables, log_uuid=b"u" * 16, partition=3, clock=lambda: now[0]
    )
    view = MappedView.open(path, clock=lambda: now[0])
    now[0] = 50
    assert view.heartbeat_age_ns == 45

    writer.beat(7)

    assert view.heartbeat_age_ns == 0
    assert (view.partition, view.log_uuid) == (3, b"u" * 16)


def test_a_closed_view_is_stale_at_once_and_its_file_is_gone(path: Path) -> None:
    projector = small_projector(LOG, view_path=path)
    projector.step()
    view = patient(path)

    projector.close()

    with pytest.raises(StaleView):
        view.exposure(account=1)
    assert not path.exists()


def test_a_reader_finds_the_next_generation_by_itself(path: Path, projector: Projector) -> None:
    view = patient(path)
    before = view.exposure(account=1)
    projector._view._counters[HEARTBEAT] = CLOSED  # type: ignore[union-attr]
    successor = small_projector(LOG, view_path=path)
    successor.step(upto=30)

    assert view.as_of == {0: 30}
    assert before.as_of == {0: LOG.tip_offset() - 1}


def test_a_predecessor_that_closes_late_leaves_the_new_file_alone(path: Path, projector: Projector) -> None:
    successor = small_projector(LOG, view_path=path)
    successor.step()

    projector.close()

    assert patient(path).as_of == {0: LOG.tip_offset() - 1}


def test_a_view_that_is_always_being_written_is_given_up(path: Path, projector: Projector) -> None:
    view = patient(path)
    counters = projector._view._counters  # type: ignore[union-attr]
    counters[BEGUN] = counters[DONE] + 1
    assert len(view.exposure(account=1)) > 0

    counters[BEGUN] = counters[DONE] + 2

    with pytest.raises(StaleView, match="changed under each of 16 reads"):
        view.exposure(account=1)


def test_only_the_engines_own_user_may_read_a_view(path: Path, projector: Projector) -> None:
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_reader_cannot_write_to_the_view(path: Path, projector: Projector) -> None:
    table = MappedView.open(path)._copies[0].tables.positions

    with pytest.raises(ValueError, match="read-only"):
        table["qty"][1] = 7


def test_a_view_that_is_not_there_is_stale(path: Path) -> None:
    with pytest.raises(StaleView, match="there is no view"):
        MappedView.open(path)


@pytest.mark.parametrize("content", [b"", b"x" * 64, b"x" * 5_000])
def test_a_file_that_is_no_view_is_stale(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(StaleView, match="ask the projector"):
        MappedView.open(path)


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("format", 9, "not a view of format"),
        ("magic", b"OTHER", "not a view of format"),
        ("layout_digest", b"d" * 32, "another release"),
        ("rows", 5, "its header says otherwise"),
    ],
)
def test_a_view_of_another_kind_is_not_guessed_at(
    path: Path, projector: Projector, field: str, value: object, complaint: str
) -> None:
    data = bytearray(path.read_bytes())
    np.frombuffer(data, HEADER, 1)[field] = value
    path.write_bytes(data)

    with pytest.raises(StaleView, match=complaint):
        MappedView.open(path)


def test_another_processor_is_sent_to_the_projector(
    path: Path, projector: Projector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")

    with pytest.raises(StaleView, match="this is aarch64"):
        MappedView.open(path)


def test_a_full_folder_is_refused_before_it_is_written(path: Path) -> None:
    tables = MadeFlow(1, SMALL).kernel.tables
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
    try:
        with pytest.raises(NotReady, match="has no room for a view"):
            ViewWriter.create(path, tables, log_uuid=b"u" * 16, partition=0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(path.parent.iterdir()) == []
