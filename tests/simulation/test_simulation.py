"""Simulated histories hold what is promised, a seed is one history, and planted mistakes are found."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.kernel.jit import IS_NATIVE
from tests.faults.ci_size import REPORT
from tests.simulation.planted import PLANTED
from tests.simulation.run import STEPS, Progress, note_in, read_progress, run_many, run_one
from tests.simulation.simulation import simulate

ROOT = Path(__file__).parents[2]

SEEDS = 200
"""Histories that every change must hold."""

SEEDS_TWICE = 50
"""Of these, run under two PYTHONHASHSEEDs."""

PLANTED_SEEDS = 20
"""Histories within which each planted mistake is found."""

pytestmark = pytest.mark.skipif(not IS_NATIVE, reason="a history as plain Python takes a second")


def test_a_short_history_holds() -> None:
    outcome = simulate(seed=1, steps=300)

    assert outcome.violation is None, outcome.violation
    assert outcome.answers > 0


def test_a_seed_is_one_history() -> None:
    first, second, other = simulate(3, 300), simulate(3, 300), simulate(4, 300)

    assert first.trace == second.trace
    assert first.digest == second.digest != other.digest


def test_a_run_goes_on_where_it_was_interrupted(tmp_path: Path) -> None:
    state = tmp_path / "run.json"
    run_many(Progress(0, 100, None), 2, state)
    again = read_progress(state, Progress(0, 100, None))
    assert again.seeds == 2

    run_many(again, 3, state)

    whole = Progress(0, 100, None)
    run_many(whole, 3)
    assert (again.seeds, again.digest) == (3, whole.digest)


@pytest.mark.parametrize("mistake", PLANTED)
@pytest.mark.faults
def test_a_planted_mistake_is_found(mistake: str) -> None:
    for seed in range(PLANTED_SEEDS):
        outcome = run_one(seed, STEPS, mistake)
        if outcome.violation is not None:
            print(f"{mistake}: seed {seed}, step {outcome.steps}: {outcome.violation}")
            assert outcome.violation.checker in PLANTED[mistake].checkers
            return
    pytest.fail(f"{PLANTED_SEEDS} histories held although {mistake}")


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_every_history_holds() -> None:
    run = Progress(0, STEPS, None)

    run_many(run, SEEDS)

    print(json.dumps(vars(run), indent=1, sort_keys=True))
    if REPORT in os.environ:
        note_in(Path(os.environ[REPORT]), run)
    assert run.violations == {}
    assert run.seeds == SEEDS
    assert min(run.faults.values()) > 0


def digest_under(hash_seed: str, state: Path) -> str:
    """What `run` says that so many histories were, in a process with this PYTHONHASHSEED."""
    command = [sys.executable, "-m", "tests.simulation.run", "--seeds", str(SEEDS_TWICE), "--workers", "1"]
    done = subprocess.run(
        [*command, "--state", str(state)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["digest"])


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_histories_do_not_depend_on_how_python_hashes(tmp_path: Path) -> None:
    assert digest_under("1", tmp_path / "1.json") == digest_under("2", tmp_path / "2.json")
