"""Many clients with one order each share a flush: blocks hold several commands, and all are acknowledged."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.rows.commands import COMMAND_BYTES
from engine.vocabulary import AnswerCode
from tests.cluster.engine_process import ROOT, Desk
from tests.cluster.log_census import doubled, events_of, lost

PROCESSES, ORDERS_EACH = 16, 40


def test_sixteen_processes_with_single_orders_share_their_flushes(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = desk.flow.wave(PROCESSES * ORDERS_EACH)[0][: PROCESSES * ORDERS_EACH]
    np.save(tmp_path / "rows.npy", orders.view(np.uint8).reshape(-1, COMMAND_BYTES))
    before = desk.status()

    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.cluster.many_clients", desk.engine.directory),
            *(tmp_path / "rows.npy", tmp_path / "answers", str(PROCESSES)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    after = desk.status()
    blocks, rows = (after[name] - before[name] for name in ("blocks", "events"))
    with capsys.disabled():
        print(f"\n{PROCESSES} processes: {done.stdout.strip()} orders/s, {rows / blocks:.1f} rows a block")
    assert rows == len(orders)
    assert rows / blocks > 2, "a flush is shared"
    answers = np.zeros(len(orders), np.load(tmp_path / "answers.0.npy").dtype)
    for number in range(PROCESSES):
        answers[number::PROCESSES] = np.load(tmp_path / f"answers.{number}.npy")
    assert set(np.unique(answers["code"])) <= {AnswerCode.ACCEPTED, AnswerCode.REJECTED}
    events = events_of(desk.engine.directory)
    assert lost(events, orders, answers["offset"]) == 0
    assert doubled(events) == 0
