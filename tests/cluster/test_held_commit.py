"""While a commit is held nobody is answered; if it fails nobody ever is; sent again, all happens once."""

from pathlib import Path

import numpy as np
import pytest

from actors.bench.flow import Flow
from actors.bench.load import define
from actors.local_transport import LocalTransport
from engine.config import Config, EngineConfig, LogConfig
from engine.rows.layout import joined
from engine.vocabulary import AnswerCode
from storage.errors import LogPoisoned
from tests.cluster.engine_process import wait_for
from tests.cluster.frames import frame_of
from tests.cluster.held_log import HeldLog, Running, running_partition
from tests.cluster.log_census import doubled, events_of

SMALL = Config(
    engine=EngineConfig(
        orders_max=1_000,
        executions_max=1_000,
        requests_max=1_000,
        positions_max=1_000,
        limits_max=100,
        accounts_max=100,
        strategies_max=100,
        instruments_max=100,
    ),
    log=LogConfig(map_size_gib=1, segment_bytes_max=2**28, free_space_min_mib=16),
)
ORDERS = 10


@pytest.fixture
def flow() -> Flow:
    return Flow(seed=3, accounts=4, instruments=2)


@pytest.fixture
def directory(tmp_path: Path, flow: Flow) -> Path:
    """An engine's directory that knows the accounts and instruments of the flow."""
    transport = LocalTransport(tmp_path, SMALL, lambda: 1)
    define(transport, flow)
    transport.close()
    return tmp_path


@pytest.fixture
def orders(flow: Flow) -> np.ndarray:
    """Orders that are accepted."""
    rows, codes = flow.wave(2 * ORDERS)
    accepted: np.ndarray = rows[: 2 * ORDERS][codes[: 2 * ORDERS] == AnswerCode.ACCEPTED]
    return accepted


def hold_two_blocks(running: Running, orders: np.ndarray) -> HeldLog:
    """Have block N held in its commit, and block N + 1 decided on it: the same commands, and one more."""
    log = running.partition.log
    assert isinstance(log, HeldLog)
    base = running.partition.kernel.next_offset
    running.submit(frame_of(orders[:ORDERS], session=1, number=1))
    assert log.is_appending.wait(30)
    running.submit(frame_of(orders[:ORDERS], session=2, number=1))
    running.submit(frame_of(orders[: ORDERS + 1], session=3, number=1))
    wait_for("block N + 1 is decided", lambda: running.partition.kernel.next_offset == base + ORDERS + 1)
    return log


def codes_of(running: Running) -> list[list[int]]:
    return [reply.answers["code"].tolist() for reply in running.answers]


def test_no_answer_leaves_before_the_commit_it_was_decided_on(directory: Path, orders: np.ndarray) -> None:
    with running_partition(directory, SMALL, held=True) as running:
        log = hold_two_blocks(running, orders)
        assert running.answers == [], "not even a duplicate is told of what is not durable"

        log.let_go.set()
        wait_for("everybody is answered", lambda: len(running.answers) == 3)

        accepted, again = [AnswerCode.ACCEPTED] * ORDERS, [AnswerCode.DUPLICATE] * ORDERS
        assert codes_of(running) == [accepted, again, [*again, AnswerCode.ACCEPTED]]
        assert len({tuple(reply.answers["offset"][:ORDERS]) for reply in running.answers}) == 1


@pytest.mark.parametrize("is_written", [False, True], ids=["before it is written", "after it is written"])
def test_after_a_failed_commit_nobody_is_answered_and_a_resend_executes_once(
    directory: Path, orders: np.ndarray, *, is_written: bool
) -> None:
    with running_partition(directory, SMALL, held=True) as running:
        log = hold_two_blocks(running, orders)
        log.fail_before, log.fail_after = not is_written, is_written
        log.let_go.set()
        wait_for("the partition has failed", lambda: running.failures)
    assert [type(failure) for failure in running.failures] == [LogPoisoned]
    assert running.answers == [], "block N failed: neither it nor what was decided on it is answered"

    with running_partition(directory, SMALL) as successor:
        successor.submit(frame_of(orders[: ORDERS + 1], session=1, number=1))
        successor.submit(frame_of(orders[: ORDERS + 1], session=2, number=1))
        wait_for("both are answered", lambda: len(successor.answers) == 2)

    first = [AnswerCode.DUPLICATE if is_written else AnswerCode.ACCEPTED] * ORDERS
    again = [AnswerCode.DUPLICATE] * (ORDERS + 1)
    assert codes_of(successor) == [[*first, AnswerCode.ACCEPTED], again]
    events = events_of(directory)
    assert doubled(events) == 0
    assert len(events) == successor.answers[0].header["tip"]
    assert np.array_equal(
        joined([events[successor.answers[0].answers["offset"]]])["cl_ord_id"], orders[: ORDERS + 1]["text"]
    )
