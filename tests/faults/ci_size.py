"""Runs a harness by its command, in the size that fits every change; the large sizes are run by hand."""

import os
import subprocess
import sys
from pathlib import Path

from tests.faults.numbered_run import Harness, Progress, read_progress
from tests.faults.report import ROOT

REPORT = "ORDERFOLD_FAULT_REPORT"
"""Names the list of runs that such a run is noted in; it is noted nowhere if this is not set."""


def ci_run(harness: Harness, size: int, seed: int, folder: Path) -> Progress:
    """Run the command for so many trials in one process; give what it noted, after showing what failed."""
    state = folder / "state.json"
    command = [sys.executable, "-m", f"tests.faults.{harness.name}", f"--{harness.trials}", str(size)]
    options = ["--seed", str(seed), "--workers", "1", "--state", str(state)]
    noted = ["--report", os.environ[REPORT]] if REPORT in os.environ else []
    done = subprocess.run([*command, *options, *noted], cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stderr
    return read_progress(state, seed, harness.code)
