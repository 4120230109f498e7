"""`orderfold replay`: exit codes, words, documents; stopped by Ctrl-C; and red where the engine is wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from actors.replays import replay_run
from actors.replays.replay import replay_lobster
from tests.integration.replays.made_feed import MadeFeed
from tests.integration.replays.made_market import MadeMarket
from tests.unit.actors.cli.conftest import Run
from tests.unit.engine.projections.test_books import FAULTS

ROOT = Path(__file__).resolve().parents[3]

FRAME_ROWS = 60

STOP_SOON = f"""
import os, signal
from actors.cli.main import main
from actors.replays import replay_run
replay_run.FRAME_ROWS = {FRAME_ROWS}
inner = replay_run.ReplayRun.flush
def flush(run):
    inner(run)
    if run.report.messages > 100:
        os.kill(os.getpid(), signal.SIGINT)
replay_run.ReplayRun.flush = flush
main()
"""
PLANT = """
from engine.projections import folding
from engine.vocabulary import Life
moved, resting = folding.move_resting, folding.resting
{fault}
from actors.cli.main import main
main()
"""


def test_an_exact_lobster_replay_exits_with_zero_and_one_document(run: Run, tmp_path: Path) -> None:
    market = MadeMarket(1, 2).run(60)
    messages, orderbook = market.write(tmp_path)

    done = run(
        "replay", "lobster", messages, "--orderbook", orderbook, "--data", tmp_path / "engine", "--json"
    )

    document = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert document["messages"] == document["r1_rows"] + 1 == 60
    assert document["r1_rows_bad"] == document["refusals"] == 0
    assert document["executed_visible"] == market.totals["executed_visible"]


def test_an_exact_mbo_replay_exits_with_zero_and_says_so(run: Run, tmp_path: Path) -> None:
    feed = MadeFeed(1).run(60)

    done = run("replay", "mbo", feed.write(tmp_path), "--data", tmp_path / "engine")

    assert (done.code, done.err) == (0, "")
    assert "every answer of the engine is what the file says" in done.out
    assert f"{feed.totals['cancels']:,}" in done.out


def test_a_malformed_row_exits_with_one_and_names_its_line(run: Run, tmp_path: Path) -> None:
    messages, _ = MadeMarket(1, 2).run(60).write(tmp_path)
    lines = messages.read_text().splitlines()
    messages.write_text("\n".join([*lines[:40], "34200.1,9,1,1,1,1"]))

    done = run("replay", "lobster", messages, "--data", tmp_path / "engine", "--json")

    assert done.code == 1
    assert f"{messages}:41: type: expected a type from 1 to 7, found '9'" in done.error


def test_a_row_that_the_engine_contradicts_exits_with_one_and_names_its_line(
    run: Run, tmp_path: Path
) -> None:
    messages, orderbook = MadeMarket(1, 2).run(60).write(tmp_path)
    lines = orderbook.read_text().splitlines()
    price, size, *rest = lines[39].split(",")
    lines[39] = ",".join([price, str(int(size) + 1), *rest])
    orderbook.write_text("\n".join(lines))

    done = run(
        "replay", "lobster", messages, "--orderbook", orderbook, "--data", tmp_path / "engine", "--json"
    )

    assert done.code == 1
    assert 1 <= json.loads(done.out)["r1_rows_bad"] <= 2
    assert f"{messages}:40: the orderbook's asks and bids are " in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("lobster",),
        ("lobster", "no-such-file.csv", "--data", "engine"),
        ("lobster", "MADE_2020-02-03_message.csv"),
        ("mbo", "MADE_2020-02-03_message.csv", "--data", "engine", "--date", "yesterday"),
        ("mbo", "MADE_2020-02-03_message.csv", "--data", "engine", "--symbol", "longer than names are"),
    ],
)
def test_what_can_not_be_asked_exits_with_two(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    MadeFeed(1).run(5).write(tmp_path, "MADE_2020-02-03_message.csv")

    assert run("replay", *arguments).code == 2


def test_a_damaged_log_exits_with_three(run: Run, tmp_path: Path) -> None:
    messages, _ = MadeMarket(1, 2).run(60).write(tmp_path)
    again = ("replay", "lobster", messages, "--data", tmp_path / "engine")
    assert run(*again).code == 0
    file = tmp_path / "engine" / "p0000" / "000001" / "data.mdb"
    file.write_bytes(file.read_bytes().replace(b"HIDDEN-", b"HIDDEM-"))

    assert run(*again).code == 3


def test_ctrl_c_says_how_to_go_on_and_the_next_run_recognises_what_was_applied(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_run, "FRAME_ROWS", FRAME_ROWS)
    paths = MadeMarket(1, 2, halts=False).run(300).write(tmp_path)
    undisturbed = replay_lobster(*paths, tmp_path / "undisturbed")
    words = [
        "replay",
        "lobster",
        str(paths[0]),
        "--orderbook",
        str(paths[1]),
        "--data",
        str(tmp_path / "engine"),
    ]
    stopped = subprocess.run(
        [sys.executable, "-c", STOP_SOON, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    done = run(*words, "--json")

    assert stopped.returncode == 1
    assert "of 300 messages are checked: run the same command again to go on" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert done.code == 0
    assert json.loads(done.out)["state_digest"] == undisturbed.state_digest


RED = ("a fill does not shrink its level", "a canceled order stays in its level")


@pytest.mark.parametrize("fault", ["", *RED])
def test_a_fault_in_the_fold_of_the_books_turns_the_run_red(tmp_path: Path, fault: str) -> None:
    """The positive control; the rules run plain here, so that one can be replaced."""
    done = replay_plain(tmp_path, FAULTS[fault] if fault else "")

    assert done.returncode == bool(fault)
    assert (json.loads(done.stdout)["r1_rows_bad"] > 0) == bool(fault)
    assert ("the orderbook's asks and bids are" in done.stderr) == bool(fault)


def replay_plain(folder: Path, fault: str) -> subprocess.CompletedProcess[str]:
    """A replay by the verb in a process that compiles nothing, with a fault planted in its rules."""
    messages, orderbook = MadeMarket(1, 1, halts=False).run(60).write(folder)
    words = [
        "replay",
        "lobster",
        str(messages),
        "--orderbook",
        str(orderbook),
        "--data",
        str(folder / "engine"),
    ]
    return subprocess.run(
        [sys.executable, "-c", PLANT.format(fault=fault), *words, "--json"],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
