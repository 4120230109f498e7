"""The projector's loop folds what it is told of, sees what follows by itself, and answers in between."""

import queue
import time
from collections.abc import Iterator

import pytest

from actors import projector_loop
from actors.projector_loop import ProjectorLoop
from engine.errors import BadRequest, IntegrityError, NotReady, OrderfoldError
from engine.reads.questions import ReadStatus, encode_question
from tests.unit.actors.flow_blocks import MemoryLog, flow_log, small_projector

_, LOG = flow_log(seed=8, frames=12)
NEVER_S = 600.0
SOON_S = 30.0


class Failures(list[BaseException]):
    """What broke the loop; empty at the end of every test."""


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog(LOG.chain, visible=4)


@pytest.fixture
def loop(log: MemoryLog) -> Iterator[ProjectorLoop]:
    failures = Failures()
    loop = ProjectorLoop(small_projector(log), look_every_s=NEVER_S, on_failure=failures.append)
    loop.start()
    wait_until_at(loop, log.tip_offset())
    yield loop
    loop.stop()
    assert failures == []


def wait_until_at(loop: ProjectorLoop, next_offset: int) -> None:
    deadline = time.monotonic() + SOON_S
    while loop.projector.applied_offset < next_offset - 1:
        assert time.monotonic() < deadline, f"still at {loop.projector.applied_offset}"
        time.sleep(0.0005)


def ask(loop: ProjectorLoop, question: bytes) -> bytes | OrderfoldError:
    answers: queue.SimpleQueue[bytes | OrderfoldError] = queue.SimpleQueue()
    loop.ask(question, answers.put)
    return answers.get(timeout=SOON_S)


def test_what_follows_an_event_is_seen_without_being_told(
    log: MemoryLog, loop: ProjectorLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector_loop, "LOOKS_FOR_S", SOON_S)
    log.visible += 1
    loop.tell(log.tip_offset())
    wait_until_at(loop, log.tip_offset())

    while log.visible < len(log.chain):
        log.visible += 1
        wait_until_at(loop, log.tip_offset())


def test_a_question_waits_for_its_position_and_is_refused_when_its_time_is_over(
    log: MemoryLog, loop: ProjectorLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    beyond = encode_question(ReadStatus(min_position=log.tip_offset()))
    answers: queue.SimpleQueue[bytes | OrderfoldError] = queue.SimpleQueue()
    loop.ask(beyond, answers.put)
    log.visible += 1
    loop.tell(log.tip_offset())

    assert isinstance(answers.get(timeout=SOON_S), bytes)
    monkeypatch.setattr(projector_loop, "POSITION_WAIT_S", 0.0)
    next_offset = log.tip_offset()
    loop.ask(encode_question(ReadStatus(min_position=next_offset)), answers.put)
    loop.tell(log.tip_offset())
    refusal = answers.get(timeout=SOON_S)
    assert isinstance(refusal, NotReady)
    assert f"asked for {next_offset}" in str(refusal)


def test_whoever_has_seen_more_than_the_log_holds_is_told(
    log: MemoryLog, loop: ProjectorLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projector_loop, "POSITION_WAIT_S", 0.0)

    refusal = ask(loop, encode_question(ReadStatus(min_position=log.tip_offset() + 1)))

    assert isinstance(refusal, IntegrityError)
    assert "has seen more than it holds" in str(refusal)


def test_a_question_that_can_not_be_read_is_refused_at_once(loop: ProjectorLoop) -> None:
    assert isinstance(ask(loop, b"nonsense"), BadRequest)


def test_a_broken_fold_is_told_to_the_owner() -> None:
    failures: queue.SimpleQueue[BaseException] = queue.SimpleQueue()
    projector = small_projector(MemoryLog(LOG.chain[1:]))
    loop = ProjectorLoop(projector, look_every_s=NEVER_S, on_failure=failures.put)

    loop.start()

    assert isinstance(failures.get(timeout=SOON_S), AssertionError)
