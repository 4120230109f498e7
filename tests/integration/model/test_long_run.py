"""Kernel and model agree over a hundred thousand commands, and a run that was interrupted goes on.

`python -m tests.properties.long_run` does the same for ten million.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.model import checks
from tests.properties import long_run
from tests.properties.long_run import OtherRun, Progress, note_progress, read_progress, run, run_one
from tests.properties.reached import every_word, share_of
from tests.properties.side_by_side import Disagreement

COMMANDS = int(os.environ.get("ORDERFOLD_MODEL_COMMANDS", "100000"))
"""Compiled only, for as plain Python they take a hundred times as long."""

NOTED_WITHIN_S = 120.0


@pytest.mark.faults
def test_kernel_and_model_agree_over_many_commands(tmp_path: Path) -> None:
    progress = Progress(seed=1)

    run(progress, COMMANDS, tmp_path / "state")

    assert progress.commands >= COMMANDS
    assert every_word() - progress.words.keys() == set()
    assert share_of(progress.words, "SUBMIT_ORDER", "ACCEPTED") > 3 / 10
    assert share_of(progress.words, "REPLACE_ORDER", "ACCEPTED") > 1 / 4
    assert share_of(progress.words, "REPLACE_ORDER", "REJECTED") > 1 / 4
    assert progress.words["replace done"] > COMMANDS / 200
    assert progress.words["replace raced by a fill"] > COMMANDS / 1_000
    print(f"{progress.commands:,} commands in {progress.flows} flows agree")


def test_a_run_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_run, "FLOWS_AT_ONCE", 2)
    whole, first = Progress(seed=3), Progress(seed=3)
    run(first, 1, tmp_path / "state")
    run(whole, 2 * first.commands, tmp_path / "whole")

    resumed = read_progress(tmp_path / "state", seed=3)
    run(resumed, 2 * first.commands, tmp_path / "state")

    assert resumed == whole
    assert resumed.flows == 2 * first.flows


def test_a_note_of_another_seed_is_refused(tmp_path: Path) -> None:
    note_progress(tmp_path / "state", Progress(seed=3))

    with pytest.raises(OtherRun, match="another seed"):
        read_progress(tmp_path / "state", seed=4)


def test_ctrl_c_says_how_to_go_on(tmp_path: Path) -> None:
    state = tmp_path / "state"
    command = [sys.executable, "-m", "tests.properties.long_run", "--state", str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        deadline = time.monotonic() + NOTED_WITHIN_S
        while not state.exists() and program.poll() is None:
            assert time.monotonic() < deadline, "it noted nothing"
            time.sleep(0.05)
        program.send_signal(signal.SIGINT)
        out, err = program.communicate(timeout=60)

    assert (program.returncode, out) == (130, "")
    assert err == f"interrupted: the same command goes on from {state}\n"
    assert json.loads(state.read_text())["flows"] > 0


def test_a_disagreement_names_its_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    without = [check for check in checks.CHECKS if check is not checks._position]
    monkeypatch.setattr(checks, "CHECKS", without)

    with pytest.raises(Disagreement, match=r"(?s)--seed 1 --flow \d.*Check.POSITION"):
        _run_all(range(30))


def _run_all(flows: range) -> None:
    for flow in flows:
        run_one(1, flow)
