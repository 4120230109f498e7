"""Twenty kills of a running engine's actors lose nothing; answers and events that are spoiled are caught.

`python -m tests.faults.actor_kill_run` does it two hundred times.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from engine.rows.layout import joined
from tests.cluster.log_census import events_of
from tests.faults.actor_kill_run import HARNESS, Round, fault_of
from tests.faults.ci_size import ci_run
from tests.faults.engine_child import MARKET, Engine, made_frames

KILLS = 20
SEED = 20120621


@pytest.mark.cluster
@pytest.mark.faults
@pytest.mark.timeout(900)
def test_twenty_kills_of_actors_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    counts = ci_run(HARNESS, KILLS, SEED, tmp_path).counts

    assert counts["kills"] == KILLS
    assert counts["kills of the partition"] == KILLS / 2
    assert counts["kills of the projector"] == counts["kills of the snapshotter"] == KILLS / 4
    assert counts["commands acknowledged"] > KILLS


@pytest.fixture
def sent(tmp_path: Path) -> Iterator[tuple[Round, np.ndarray]]:
    """Orders that were sent twice, and every event of their log."""
    with closing(Engine(tmp_path / "engine", 0)) as engine:
        frames = made_frames(SEED, MARKET + 1)
        *_, answers = [engine.send(number, frame) for number, frame in enumerate(frames)]
        orders = frames[MARKET]
        yield Round(orders.rows, answers, engine.send(MARKET, orders)), events_of(tmp_path / "engine")


def test_what_was_sent_twice_and_is_there_once_is_right(sent: tuple[Round, np.ndarray]) -> None:
    assert fault_of(*sent) is None


def test_a_command_that_takes_effect_twice_is_caught(sent: tuple[Round, np.ndarray]) -> None:
    once, events = sent

    assert fault_of(once._replace(again=once.answers)) == (
        "an acknowledged command took effect when it was sent again"
    )
    assert fault_of(once, joined([events, events[-1:]])) == "0 acknowledged events are lost, 1 are doubled"


def test_an_event_that_is_not_where_its_answer_said_is_caught(sent: tuple[Round, np.ndarray]) -> None:
    once, events = sent
    moved = once.answers.copy()
    moved["offset"] += 1

    assert fault_of(once._replace(answers=moved)) == (
        "an acknowledged command lies at another offset when it is sent again"
    )
    assert fault_of(once, events[:-1]) == "1 acknowledged events are lost, 0 are doubled"
