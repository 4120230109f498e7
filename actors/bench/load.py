"""The closed loop: a few strategies, each with one frame under way, each order through its whole life."""

import threading
import time
from typing import NamedTuple

import numpy as np

from actors.bench.flow import Flow
from engine.client.transport import REFERENCE, Transport
from engine.errors import IntegrityError
from engine.vocabulary import AnswerCode


class Prepared(NamedTuple):
    """One strategy's frames, made before the clock starts, and the AnswerCode that each command must get."""

    rows: np.ndarray
    codes: np.ndarray


class LoadResult(NamedTuple):
    """What a closed loop did: its length, its acknowledgements, and the log position behind them."""

    seconds: float
    commands: int
    events: int
    ack_ns: list[int]
    tip: int


def define(transport: Transport, flow: Flow, *, is_money_limited: bool = False) -> None:
    """Define venue, instruments, accounts, strategies, marks, and limits: of numbers, and of money if asked.

    A firm's limit is leased: the log then gets an event whenever the lease is renewed, orders or none.
    """
    _tell(transport, REFERENCE, flow.definitions())
    if is_money_limited:
        _tell(transport, REFERENCE, flow.money_limits(0))
    _tell(transport, 0, flow.market())


def _tell(transport: Transport, partition: int, rows: np.ndarray) -> None:
    answers, _ = transport.deliver(partition, rows)
    assert (answers["code"] == AnswerCode.ACCEPTED).all(), "the benchmark's own definitions were refused"


def prepare(flow: Flow, *, strategies: int, orders: int) -> list[Prepared]:
    """The orders of each strategy, `orders` altogether."""
    return [Prepared(*flow.wave(orders // strategies)) for _ in range(strategies)]


def run_closed_loop(transport: Transport, prepared: list[Prepared], frame_rows: int) -> LoadResult:
    """Send every strategy's rows frame by frame, check every answer, and say how long it took."""
    results: list[tuple[list[int], int, int]] = []
    threads = [
        threading.Thread(target=lambda one=one: results.append(_send(transport, one, frame_rows)))
        for one in prepared
    ]
    begun = time.perf_counter_ns()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed_s = (time.perf_counter_ns() - begun) / 1e9
    if len(results) != len(prepared):
        raise IntegrityError("a strategy got an answer it should not have got, or none: see above")
    return LoadResult(
        seconds=elapsed_s,
        commands=sum(len(one.rows) for one in prepared),
        events=sum(events for _, _, events in results),
        ack_ns=[ns for times, _, _ in results for ns in times],
        tip=max(tip for _, tip, _ in results),
    )


def _send(transport: Transport, one: Prepared, frame_rows: int) -> tuple[list[int], int, int]:
    """One strategy: send a frame, wait, check, send the next: (ack times, last position, events)."""
    times: list[int] = []
    tip = -1
    events = 0
    for start in range(0, len(one.rows), frame_rows):
        stop = start + frame_rows
        begun = time.perf_counter_ns()
        answers, tip = transport.deliver(0, one.rows[start:stop])
        times.append(time.perf_counter_ns() - begun)
        if not (answers["code"] == one.codes[start:stop]).all():
            raise IntegrityError(f"frame at row {start}: {np.unique(answers['code'])} answered")
        events += int((answers["offset"] >= 0).sum())
    return times, tip, events
