"""A rebuilt projection takes the live one's place if both are the same in every byte, and not otherwise."""

import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from actors import projector_loop
from actors.mapped_view import MappedView
from actors.projector_loop import ProjectorLoop
from actors.roles.projection_rebuild import PASSES, Rebuild
from actors.roles.projection_switch import Verdict, compare, doubt_of
from actors.roles.projector import NOTHING, Projector
from actors.view_layout import COPIED
from actors.view_writer import ViewWriter, remove_view
from tests.unit.actors.flow_blocks import MemoryLog, flow_log, small_projector, state_of
from tests.unit.engine.projections.made_flow import SMALL

_, LOG = flow_log(seed=8, frames=24)
NEVER_S = 600.0
SOON_S = 30.0

Verdicts = queue.SimpleQueue[Verdict | None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "view"


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(LOG.chain, visible=12)


@pytest.fixture
def loop(log: MemoryLog, path: Path) -> Iterator[ProjectorLoop]:
    failures: list[BaseException] = []
    live = small_projector(log, view_path=path)
    live.step()
    loop = ProjectorLoop(live, look_every_s=NEVER_S, on_failure=failures.append)
    loop.start()
    yield loop
    loop.stop()
    assert failures == []


def beside(log: MemoryLog, path: Path) -> Projector:
    """A second projector that has folded nothing yet."""
    return small_projector(log, view_path=path, is_beside=True)


def verdict_of(live: Projector, rebuilt: Projector) -> Verdict:
    """What a comparison ends with."""
    *_, verdict = compare(live, rebuilt)
    assert verdict is not None
    return verdict


def patient(path: Path) -> MappedView:
    """A view whose reader may have to wait for the compiler, which is no sign of a dead writer."""
    return MappedView.open(path, stale_after_ns=10**18)


def test_what_is_equal_is_switched_and_readers_go_on(log: MemoryLog, loop: ProjectorLoop, path: Path) -> None:
    reader, before = patient(path), loop.projector
    seen = reader.as_of[0]
    verdicts: Verdicts = queue.SimpleQueue()

    loop.switch_to(beside(log, path), verdicts.put)
    verdict = verdicts.get(timeout=SOON_S)

    assert verdict is not None
    assert verdict.differing == ()
    assert verdict.live == verdict.rebuilt
    assert loop.projector is not before
    assert reader.as_of == {0: seen} == {0: verdict.applied_offset}
    log.visible = len(log.chain)
    loop.tell(log.tip_offset())
    deadline = time.monotonic() + SOON_S
    while reader.as_of[0] < log.tip_offset() - 1:
        assert time.monotonic() < deadline
    straight = small_projector(log)
    straight.step()
    assert state_of(loop.projector) == state_of(straight)
    shown = reader._copies[reader._counters[3] % 2].tables
    for name in COPIED:
        assert getattr(shown, name).tobytes() == getattr(straight.tables, name).tobytes(), name


def test_the_live_one_goes_on_until_the_other_has_reached_it(
    log: MemoryLog, loop: ProjectorLoop, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector_loop, "SLICE_EVENTS", 16)
    verdicts: Verdicts = queue.SimpleQueue()
    log.visible = len(log.chain)
    loop.tell(log.tip_offset())

    loop.switch_to(beside(log, path), verdicts.put)

    verdict = verdicts.get(timeout=SOON_S)
    assert verdict is not None
    assert verdict.differing == ()


def in_live_tables(live: Projector, rebuilt: Projector) -> str:
    flip(live.tables.positions)
    return "positions"


def in_live_books(live: Projector, rebuilt: Projector) -> str:
    flip(live.books.levels)
    return "levels"


def in_live_index(live: Projector, rebuilt: Projector) -> str:
    flip(live.tables.order_index)
    return "order_index"


def in_live_view(live: Projector, rebuilt: Projector) -> str:
    assert live.published is not None
    flip(live.published.holdings)
    return "view of holdings"


def in_rebuilt_tables(live: Projector, rebuilt: Projector) -> str:
    flip(rebuilt.tables.orders)
    return "orders"


def in_new_view(live: Projector, rebuilt: Projector) -> str:
    assert rebuilt.published is not None
    flip(rebuilt.published.accounts)
    return "new view of accounts"


def flip(table: np.ndarray) -> None:
    """Flip one bit of a row that is used."""
    rows = table.view(np.uint8).reshape(len(table), -1)
    rows[1, 0] ^= 1


@pytest.mark.parametrize(
    "spoil", [in_live_tables, in_live_books, in_live_index, in_live_view, in_rebuilt_tables, in_new_view]
)
def test_a_wrong_bit_is_named_and_nothing_is_switched(
    log: MemoryLog, loop: ProjectorLoop, path: Path, spoil: Callable[[Projector, Projector], str]
) -> None:
    """The controls of the comparison: planted in either of the two, each must be caught by it."""
    live, rebuilt, verdicts = loop.projector, beside(log, path), queue.SimpleQueue[Verdict | None]()
    rebuilt.step()
    file = path.stat().st_ino
    name = spoil(live, rebuilt)

    loop.switch_to(rebuilt, verdicts.put)

    verdict = verdicts.get(timeout=SOON_S)
    assert verdict is not None
    assert verdict.differing == (name,)
    assert (
        f"differs from a second fold of its log at offset {live.applied_offset}: {name} (digest"
        in doubt_of("p0000-risk", verdict)
    )
    assert loop.projector is live
    assert path.stat().st_ino == file
    assert list(path.parent.iterdir()) == [path], "the view that was not taken is gone"


def test_equal_states_leave_no_doubt(log: MemoryLog) -> None:
    one, other = small_projector(log), small_projector(log)
    one.step()
    other.step()

    assert doubt_of("p0000-risk", verdict_of(one, other)) == ""


def test_states_at_two_offsets_are_never_compared(log: MemoryLog) -> None:
    one, other = small_projector(log), small_projector(log)
    one.step()

    with pytest.raises(AssertionError, match="at one offset"):
        verdict_of(one, other)


def test_while_both_stand_still_reads_go_on_and_the_view_lives(log: MemoryLog, path: Path) -> None:
    now = 0
    live, rebuilt = small_projector(log, view_path=path), beside(log, path)
    live.step()
    rebuilt.step()
    view = MappedView.open(path, stale_after_ns=10**18)
    loop = ProjectorLoop(live, look_every_s=NEVER_S, on_failure=lambda _: None)
    loop.switch_to(rebuilt, lambda _: None)
    loop._further(loop._switch)
    assert loop._switch is not None
    assert loop._switch.is_comparing
    log.visible = len(log.chain)
    now = view.heartbeat_age_ns

    loop._fold_slice(None)

    assert live.applied_offset == view.as_of[0] < log.tip_offset() - 1
    assert view.heartbeat_age_ns < now
    assert view.exposure().lag_events == log.tip_offset() - 1 - live.applied_offset


def test_a_second_switch_is_refused_and_an_end_gives_no_verdict(
    log: MemoryLog, path: Path, loop: ProjectorLoop
) -> None:
    idle = ProjectorLoop(small_projector(log), look_every_s=NEVER_S, on_failure=lambda _: None)
    first, second = queue.SimpleQueue[Verdict | None](), queue.SimpleQueue[Verdict | None]()
    idle.switch_to(beside(log, path), first.put)

    idle.switch_to(beside(log, path), second.put)

    assert second.get_nowait() is None
    idle._is_stopping = True
    idle._run()
    assert first.get_nowait() is None
    loop.stop()
    loop.switch_to(beside(log, path), second.put)
    assert second.get_nowait() is None


def test_a_rebuild_folds_to_the_end_that_the_log_has_by_then(log: MemoryLog) -> None:
    rebuild = Rebuild(log, SMALL, 0)
    assert rebuild.projector.applied_offset == NOTHING
    while rebuild.step():
        log.visible = min(log.visible + 1, 14)

    straight = small_projector(log)
    straight.step()
    assert state_of(rebuild.projector) == state_of(straight)
    assert rebuild.status() == {
        "applied_offset": log.tip_offset() - 1,
        "log_end": log.tip_offset(),
    }


def test_a_rebuild_that_is_slower_than_its_log_ends_all_the_same() -> None:
    log = MemoryLog(LOG.chain, visible=4)
    rebuild, steps = Rebuild(log, SMALL, 0), 0
    while rebuild.step():
        steps += 1
        log.visible += 2

    assert steps == PASSES
    assert rebuild.projector.applied_offset + 1 < log.tip_offset()


def test_what_a_killed_process_had_begun_is_taken_away(path: Path) -> None:
    def begun_by(pid: int) -> Path:
        left = path.with_name(f"view.{pid}.new")
        left.write_bytes(b"half")
        return left

    left = begun_by(1)
    tables = small_projector(LOG).tables
    ViewWriter.create(path, tables, log_uuid=LOG.log_uuid, partition=0)
    assert not left.exists()
    left = begun_by(2)

    remove_view(path)

    assert list(path.parent.iterdir()) == []
