"""The partition through the in-process transport: low space, full tables, and what no rule could take."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from actors.bench.flow import Flow
from actors.local_transport import LocalTransport
from engine.client.transport import REFERENCE
from engine.config import Config, EngineConfig, LogConfig, PartitionConfig
from engine.vocabulary import AnswerCode, CommandKind, Lane, Reason

ORDERS_MAX = 100
REFUSE_PERCENT, ALARM_PERCENT = 50, 20
SMALL = Config(
    engine=EngineConfig(
        orders_max=ORDERS_MAX,
        positions_max=200,
        accounts_max=16,
        instruments_max=16,
        strategies_max=64,
        executions_max=1_000,
        requests_max=100,
        limits_max=32,
    ),
    log=LogConfig(map_size_gib=1, segment_bytes_max=2**26, free_space_min_mib=16),
    partition=PartitionConfig(alarm_percent=ALARM_PERCENT, refuse_percent=REFUSE_PERCENT),
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[LocalTransport]:
    transport = LocalTransport(tmp_path / "engine", SMALL, time.time_ns, allow_volatile=True)
    yield transport
    transport.close()


@pytest.fixture
def flow(engine: LocalTransport) -> Flow:
    flow = Flow(seed=3, accounts=4, instruments=4)
    engine.deliver(REFERENCE, flow.definitions())
    engine.deliver(0, flow.market())
    return flow


def submits_of(rows: np.ndarray) -> np.ndarray:
    submits: np.ndarray = rows[rows["kind"] == CommandKind.SUBMIT_ORDER]
    return submits


def test_orders_wait_where_the_configuration_says_and_reports_pass(
    engine: LocalTransport, flow: Flow
) -> None:
    rows, _ = flow.wave(ORDERS_MAX)
    submits = submits_of(rows)
    bound = ORDERS_MAX * REFUSE_PERCENT // 100
    answers, _ = engine.deliver(0, submits)

    assert (answers["reason"][:bound] != Reason.ORDERS_FULL).all()
    assert (answers["code"][bound:] == AnswerCode.LOW_SPACE).all()
    assert (answers["reason"][bound:] == Reason.ORDERS_FULL).all()
    reports = rows[(rows["lane"] == Lane.VENUE)][:10]
    answers, _ = engine.deliver(0, reports)
    assert (answers["code"] == AnswerCode.ACCEPTED).all()


def test_a_table_is_named_once_it_is_as_full_as_the_alarm_says(engine: LocalTransport, flow: Flow) -> None:
    partition = engine.partitions[0]
    rows = submits_of(flow.wave(ORDERS_MAX)[0])
    alarm = ORDERS_MAX * ALARM_PERCENT // 100

    engine.deliver(0, rows[: alarm - 1])
    assert "orders" not in partition.crowded_tables()

    engine.deliver(0, rows[alarm - 1 : alarm])
    assert "orders" in partition.crowded_tables()


def test_a_nearly_full_disk_lets_orders_wait_and_cancels_pass(
    engine: LocalTransport, flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    partition = engine.partitions[0]
    first, second = submits_of(flow.wave(20)[0])[1:3]
    engine.deliver(0, np.array([first]))
    monkeypatch.setattr(partition._space, "look", lambda _: None)
    partition._space.is_low = True

    waiting, _ = engine.deliver(0, np.array([second]))
    again, _ = engine.deliver(0, np.array([first]))
    cancel = np.array([first])
    cancel["kind"], cancel["seq"], cancel["text"], cancel["qty"], cancel["price"] = (
        CommandKind.CANCEL_ORDER, 2, b"CANCEL-1", 0, 0,
    )  # fmt: skip
    canceled, _ = engine.deliver(0, cancel)

    assert (waiting["code"][0], waiting["reason"][0]) == (AnswerCode.LOW_SPACE, Reason.NONE)
    assert again["code"][0] == AnswerCode.DUPLICATE
    assert canceled["code"][0] == AnswerCode.ACCEPTED
    partition._space.is_low = False
    assert engine.deliver(0, np.array([second]))[0]["code"][0] == AnswerCode.ACCEPTED


def test_a_command_that_no_rule_can_take_is_a_dead_letter(engine: LocalTransport, flow: Flow) -> None:
    partition = engine.partitions[0]
    row = submits_of(flow.wave(2)[0])[1:]
    row["ord_type"] = 99
    digest = partition.kernel.digest()

    answers, _ = engine.deliver(0, row)

    assert answers["code"][0] == AnswerCode.INVALID
    assert partition.kernel.digest() == digest
    assert (partition.letters.kept, partition.letters.lost) == (1, 0)


def test_a_definition_sent_to_a_partition_and_an_order_to_the_reference_log_are_invalid(
    engine: LocalTransport, flow: Flow
) -> None:
    definition, order = flow.definitions()[:1], submits_of(flow.wave(2)[0])[1:]

    assert engine.deliver(0, definition)[0]["code"][0] == AnswerCode.INVALID
    assert engine.deliver(REFERENCE, order)[0]["code"][0] == AnswerCode.INVALID


def test_an_engine_opened_again_is_in_the_state_that_it_was_left_in(tmp_path: Path) -> None:
    directory, flow = tmp_path / "engine", Flow(seed=3, accounts=4, instruments=4)
    first = LocalTransport(directory, SMALL, time.time_ns, allow_volatile=True)
    first.deliver(REFERENCE, flow.definitions())
    first.deliver(0, flow.market())
    first.deliver(0, flow.wave(40)[0])
    digest, epoch = first.partitions[0].kernel.digest(), first.partitions[0].log.epoch
    first.close()

    second = LocalTransport(directory, SMALL, time.time_ns, allow_volatile=True)

    assert second.partitions[0].kernel.digest() == second.projectors[0].digest() == digest
    assert second.partitions[0].log.epoch == epoch + 1
    second.close()
