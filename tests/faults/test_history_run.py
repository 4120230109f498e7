"""Concurrent clients of an engine whose actors are killed see nothing that its log contradicts.

`python -m tests.faults.history_run --seconds 600` looks longer. In `tests/histories/test_checks.py` there are
histories with each anomaly that must be caught.
"""

import os
import time
from pathlib import Path

import pytest

from tests.faults import history_run
from tests.faults.ci_size import REPORT

SECONDS, SEED = 20.0, 1

WRITES_MIN, READS_MIN = 20, 10
"""A busy machine does a tenth of what an idle one does; with less nothing was tried."""

pytestmark = [pytest.mark.faults, pytest.mark.cluster]


@pytest.mark.timeout(600)
def test_no_history_contradicts_the_log(tmp_path: Path) -> None:
    began_s = time.monotonic()

    outcome = history_run.run(tmp_path, SECONDS, SEED)

    print(outcome.counts)
    if REPORT in os.environ:
        history_run.note(Path(os.environ[REPORT]), outcome, SEED, time.monotonic() - began_s)
    assert outcome.anomalies == []
    assert outcome.counts["accepted"] >= WRITES_MIN
    assert sum(count for name, count in outcome.counts.items() if name.startswith("reads")) >= READS_MIN
    assert any("killed" in name for name in outcome.counts)
