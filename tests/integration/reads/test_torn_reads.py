"""A reader beside a writer that never pauses sees one publication or another, and never a mixture."""

import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from actors.mapped_view import MappedView
from actors.view_layout import BEGUN, DONE
from engine.errors import StaleView
from engine.limits import NS_PER_SECOND
from engine.reads.risk_tables import RiskTables
from tests.integration.reads.publishing_child import HOLDINGS

ROOT = Path(__file__).resolve().parents[3]
READS = 1_000
CONTROL_SECONDS_MAX = 60.0
PATIENCE_NS = 600 * NS_PER_SECOND


@pytest.fixture
def view(tmp_path: Path) -> Iterator[MappedView]:
    """A view that another process publishes to without a pause."""
    path = tmp_path / "view"
    command = [sys.executable, "-m", "tests.integration.reads.publishing_child", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "publishing\n"
        try:
            # A busy machine may keep the child waiting for longer than a reader would believe it alive.
            yield MappedView.open(path, stale_after_ns=PATIENCE_NS)
        finally:
            child.kill()


def quantities(tables: RiskTables) -> np.ndarray:
    """Every holding's quantity and, last, the number of the publication: always all equal."""
    found = np.empty(HOLDINGS + 1, np.int64)
    found[:HOLDINGS] = tables.holdings["qty"][1:]
    found[HOLDINGS] = tables.firm["next_offset"][0]
    return found


def test_no_read_ever_sees_a_mixture_of_two_publications(view: MappedView) -> None:
    for copy in view._copies:
        copy.reads["quantities"] = partial(quantities, copy.tables)
    seen: set[int] = set()
    overtaken = 0
    while len(seen) < READS:
        try:
            found, _, _ = view._consistent("quantities")
        except StaleView:
            overtaken += 1
            continue
        assert len(set(found.tolist())) == 1
        seen.add(int(found[0]))
    assert overtaken < READS


def mixtures(view: MappedView, choose: int) -> int:
    """Read without the check until a mixture is seen, from the whole copy (0) or from the other one (1)."""
    deadline = time.monotonic() + CONTROL_SECONDS_MAX
    while time.monotonic() < deadline:
        number = view._counters[DONE] + choose
        if len(set(quantities(view._copies[number % 2].tables).tolist())) > 1:
            return 1
    return 0


def test_a_reader_without_the_check_is_caught(view: MappedView) -> None:
    assert mixtures(view, choose=0) == 1


def test_a_single_copy_is_caught(view: MappedView) -> None:
    """Whoever reads the copy that is being written reads as if there were only one."""
    assert mixtures(view, choose=1) == 1


def test_the_writer_counts_what_it_begins_and_what_is_whole(view: MappedView) -> None:
    for _ in range(1_000):
        done = view._counters[DONE]
        assert done <= view._counters[BEGUN]
