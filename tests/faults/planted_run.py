"""Plants bugs one at a time into a copy of this repository: the command that each names must find it.

    python -m tests.faults.planted_run --bugs 5 --seed 20261122
    python -m tests.faults.planted_run

The first plants five, which the seed draws; the second all of them. A bug counts as found if its command
fails and says what the bug's entry in `tests/faults/planted` wants it to say, and if the command passes where
nothing is planted. Rules run as plain Python: a bug lives too briefly to be worth compiling.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path

from tests.faults.ci_size import REPORT
from tests.faults.numbered_run import Harness, Judged, main_of
from tests.faults.planted import BUGS
from tests.faults.planted.bug import Bug
from tests.faults.report import CODE, ROOT
from tests.faults.work_place import disk

COMMAND_S = 120.0
"""A command that takes longer hangs: the slowest needs a fourth of that, on a machine that is busy."""

TOLD_LINES = 12
"""Of what a command printed where it did not find its bug."""


def bug_of(seed: int, number: int, bugs: list[Bug] = BUGS) -> Bug:
    """The bug that a run with this seed plants as its `number`-th: each once, in an order of the seed's."""
    return random.Random(seed).sample(bugs, len(bugs))[number]


def judge(seed: int, numbers: range) -> Judged:
    """Plant the bugs with these numbers, one after the other, and say which of them was not found."""
    judged = Judged(Counter(), Counter(), [])
    for number in numbers:
        bug = bug_of(seed, number)
        fault = fault_of(bug)
        print(f"{fault or 'found'}: {bug.name}: python {bug.command}", flush=True)
        if fault is None:
            judged.counts["found"] += 1
        else:
            judged.broken.append(f"--seed {seed} --only {number}: {bug.name}: {fault}")
    return judged


def fault_of(bug: Bug, root: Path = ROOT) -> str | None:
    """Why a bug does not count as found, or None if it does."""
    times = (root / bug.file).read_text().count(bug.text)
    if times != 1:
        return f"the text to replace is {times} times in {bug.file}: the source has moved on"
    code, printed = outcome_in(root, bug.command)
    if code != 0:
        return f"nothing is planted, and yet the command fails:\n{_end_of(printed)}"
    with tempfile.TemporaryDirectory(dir=disk()) as folder:
        copy = Path(folder)
        copy_into(copy, root)
        plant(bug, copy)
        code, printed = run_in(copy, bug.command)
    if code == 0:
        return "the command passes all the same"
    if bug.message not in printed:
        return f"the command fails without a word of {bug.message!r}:\n{_end_of(printed)}"
    return None


def plant(bug: Bug, folder: Path) -> None:
    """Replace the bug's text in a folder's copy of the file."""
    path = folder / bug.file
    path.write_text(path.read_text().replace(bug.text, bug.replacement))


def copy_into(folder: Path, root: Path) -> None:
    """Copy the code and what tests read, byte code included, compiled rules not."""
    for name in (*CODE, "configs", "docs"):
        if (root / name).is_dir():
            shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("orderfold-*"))
    shutil.copy2(root / "pyproject.toml", folder)


@cache
def outcome_in(root: Path, command: str) -> tuple[int, str]:
    """What `run_in` gives where nothing is planted; asked once for each command."""
    return run_in(root, command)


def run_in(folder: Path, command: str) -> tuple[int, str]:
    """Run a command with the code that lies in a folder: (exit code, all that it printed)."""
    # What is planted must not be noted as a run of the code as it is.
    environment = {name: value for name, value in os.environ.items() if name != REPORT}
    try:
        done = subprocess.run(
            [sys.executable, *command.split()],
            cwd=folder,
            env={**environment, "PYTHONPATH": str(folder), "NUMBA_DISABLE_JIT": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=COMMAND_S,
        )
    except subprocess.TimeoutExpired:
        return 1, f"no end within {COMMAND_S:g} s"
    return done.returncode, done.stdout


def _end_of(printed: str) -> str:
    return "\n".join(printed.splitlines()[-TOLD_LINES:])


HARNESS = Harness("planted_run", "bugs", 1, judge, most=lambda _: len(BUGS), places=(disk(),))

if __name__ == "__main__":
    sys.exit(main_of(HARNESS))
