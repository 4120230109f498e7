"""Where the time of a row goes: each stage of the path by itself, one after the other, in this process."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from actors.bench.flow import Flow
from actors.bench.load import define
from actors.local_transport import LocalTransport
from actors.roles.admission import admit
from actors.roles.answer_frames import answers_of
from actors.roles.engine_files import capacity_of
from actors.roles.memory import reserve
from actors.roles.partition import FrameTask
from actors.roles.projector import Projector
from engine.client.session import Session
from engine.codec.frames import decode_answers
from engine.config import Config
from storage.log_directory import log_name
from storage.log_reader import LogReader

Spent = dict[str, int]


def stage_budget_us(directory: Path, config: Config, *, orders: int, frame_rows: int) -> dict[str, float]:
    """Microseconds a row of each stage, over the whole lives of `orders` orders, in a fresh engine."""
    transport = LocalTransport(directory, config, time.time_ns)
    try:
        reserve(transport.partitions[0].kernel.tables)
        flow = Flow(seed=7, accounts=1_024, instruments=500)
        define(transport, flow, is_money_limited=True)
        rows, _ = flow.wave(orders)
        spent: Spent = {}
        for start in range(0, len(rows), frame_rows):
            _run_frame(transport, rows[start : start + frame_rows], spent)
        _fold(directory, config, spent)
        return {stage: round(ns / len(rows) / 1000, 3) for stage, ns in spent.items()}
    finally:
        transport.close()


def _timed(spent: Spent, stage: str, work: Callable[[], Any]) -> Any:
    begun = time.perf_counter_ns()
    result = work()
    spent[stage] = spent.get(stage, 0) + time.perf_counter_ns() - begun
    return result


def _run_frame(transport: LocalTransport, rows: np.ndarray, spent: Spent) -> None:
    """Take one frame through every stage of the writing path."""
    partition = transport.partitions[0]
    session = Session((0, 1), 0)
    number = session.put(rows)
    data = _timed(spent, "client_encode", lambda: session.frame(number))
    frame = _timed(spent, "admit", lambda: admit(data, len(rows), 0))
    task = FrameTask(frame, lambda _: None)
    batch = partition.begin()
    left = _timed(spent, "decide_evolve", lambda: partition.decide(batch, [task]))
    assert not left, "a frame fits in a block"
    _timed(spent, "seal_commit", lambda: partition.commit(batch))
    tip = partition.log.tip.next_offset
    answers = _timed(
        spent,
        "answer_encode",
        lambda: answers_of(task.header, task.work.answers, partition.log.epoch, tip, batch.now_ns),
    )
    partition.release(batch)
    _timed(spent, "client_decode", lambda: decode_answers(answers))


def _fold(directory: Path, config: Config, spent: Spent) -> None:
    """Fold everything that was committed, as a projector does."""
    with LogReader.open(directory / log_name(0)) as log:
        projector = Projector(log, capacity_of(config, 0))
        reserve([*projector.tables, *projector.books])
        _timed(spent, "projector_fold", projector.step)
