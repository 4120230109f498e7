"""Planted bugs are found by the commands that they name, and one that is not found is told.

`python -m tests.faults.planted_run` plants all of them.
"""

import time
from pathlib import Path

import pytest

from tests.faults import planted_run
from tests.faults.ci_size import ci_run
from tests.faults.planted import BUGS
from tests.faults.planted.bug import Bug
from tests.faults.report import ROOT

BUGS_A_DAY = 5
"""Other ones each day, so that no change has to wait for all of them."""

TOO_FEW = 20
"""Fewer bugs than this prove little."""

PROGRAM = 'answer = "committed"\n'
COMMAND = "engine/program.py"
"""A program that is its own test: it ends with an error where its answer is another."""


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_the_bugs_of_the_day_are_found(tmp_path: Path) -> None:
    seed = int(time.strftime("%Y%m%d"))

    progress = ci_run(planted_run.HARNESS, BUGS_A_DAY, seed, tmp_path)

    assert progress.counts["found"] == BUGS_A_DAY


def test_every_bug_still_has_its_place() -> None:
    """A source that has moved on takes its bugs along: nobody should learn that on the day they are drawn."""
    places = {bug.name: (ROOT / bug.file).read_text().count(bug.text) for bug in BUGS}

    assert {name: times for name, times in places.items() if times != 1} == {}
    assert len(places) == len(BUGS) >= TOO_FEW


def test_a_seed_plants_every_bug_once() -> None:
    drawn = [planted_run.bug_of(7, number) for number in range(len(BUGS))]

    assert sorted(drawn) == sorted(BUGS)
    assert drawn != [planted_run.bug_of(8, number) for number in range(len(BUGS))]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small repository, whose command passes."""
    (tmp_path / "engine").mkdir()
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / COMMAND).write_text(PROGRAM + 'assert answer == "committed", f"it is {answer}"\n')
    return tmp_path


def planted(text: str = '"committed"\n', replacement: str = '"early"\n', message: str = "it is early") -> Bug:
    return Bug("a made bug", COMMAND, text, replacement, COMMAND, message)


def test_a_bug_is_found_by_its_message_and_the_source_stays_as_it_is(root: Path) -> None:
    before = (root / COMMAND).read_text()

    assert planted_run.fault_of(planted(), root) is None
    assert (root / COMMAND).read_text() == before


def test_a_bug_that_changes_nothing_is_not_found(root: Path) -> None:
    harmless = planted(replacement='"committed"  # still\n')

    assert planted_run.fault_of(harmless, root) == "the command passes all the same"


def test_a_bug_that_is_found_for_another_reason_is_not_found(root: Path) -> None:
    fault = planted_run.fault_of(planted(replacement="unknown\n"), root)

    assert fault is not None
    assert fault.startswith("the command fails without a word of 'it is early'")
    assert "NameError" in fault


def test_a_bug_without_its_place_is_told(root: Path) -> None:
    fault = planted_run.fault_of(planted(text='"durable"'), root)

    assert fault == f"the text to replace is 0 times in {COMMAND}: the source has moved on"


def test_a_command_that_fails_anyway_finds_nothing(root: Path) -> None:
    with (root / COMMAND).open("a") as program:
        program.write("raise SystemExit('it is early')\n")

    fault = planted_run.fault_of(planted(), root)

    assert fault is not None
    assert fault.startswith("nothing is planted, and yet the command fails")
