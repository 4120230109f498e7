"""Compares events per second of this tree with those of a commit, both measured in one go.

`python -m benchmarks.compare COMMIT --runs 3` measures in turns, as a shared machine has better and worse
minutes. It prints the medians and their ratio, and fails if this tree is slower by more than `--within`.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parents[1]

FIGURES = {
    "events_per_second": "events/s",
    "raw_limit_ratio": "share of the raw limit",
    "decide_evolve": "kernel, µs a row",
}
"""What is compared, in the words of `bench throughput --json`."""


@dataclass
class Comparison:
    """Medians of two trees and the ratio of the first, events per second: above 1 this tree is faster."""

    commit: str
    runs: int
    before: dict[str, float]
    now: dict[str, float]
    ratio: float


def compare(commit: str, runs: int, orders: int) -> Comparison:
    """Measure a commit and this tree in turns; CalledProcessError where either can't be measured."""
    found: dict[Path, list[dict[str, Any]]] = {}
    with checked_out(commit) as before:
        for number in range(1, runs + 1):
            for tree, name in ((before, commit), (HERE, "this tree")):
                figures = measured(tree, orders)
                found.setdefault(tree, []).append(figures)
                print(f"run {number}, {name}: {figures['events_per_second']:,} events/s", file=sys.stderr)
        medians = {tree: _medians(records) for tree, records in found.items()}
    ratio = medians[HERE]["events_per_second"] / medians[before]["events_per_second"]
    return Comparison(commit, runs, medians[before], medians[HERE], round(ratio, 3))


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """The tree of a commit in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="orderfold-compare-") as folder:
        tree = Path(folder) / "tree"
        _git("worktree", "add", "--detach", str(tree), commit)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def measured(tree: Path, orders: int) -> dict[str, Any]:
    """What `bench throughput` says when it is run from a tree."""
    command = [sys.executable, "-P", "-m", "actors.cli.main", "bench", "throughput"]
    command += ["--json", "--orders", str(orders)]
    environment = os.environ | {"PYTHONPATH": str(tree)}
    # From the tree too: Ray's processes import from where their driver stands.
    done = subprocess.run(command, cwd=tree, env=environment, stdout=subprocess.PIPE, check=True)
    record: dict[str, Any] = json.loads(done.stdout)
    return record | {"decide_evolve": record["stages_us"]["decide_evolve"]}


def _medians(records: list[dict[str, Any]]) -> dict[str, float]:
    return {name: median(record[name] for record in records) for name in FIGURES}


def _git(*words: str) -> None:
    subprocess.run(["git", "-C", str(HERE), *words], check=True, capture_output=True)


def _show(found: Comparison) -> None:
    print(f"{'':24}{found.commit[:12]:>14}{'this tree':>14}{'ratio':>8}")
    for name, title in FIGURES.items():
        before, now = found.before[name], found.now[name]
        print(f"{title:24}{before:>14,.3f}{now:>14,.3f}{now / before:>8.3f}")


def main() -> int:
    """Compare as the command line says; 1 if this tree is slower than allowed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("commit", help="what to compare with")
    parser.add_argument("--runs", type=int, default=3, help="of each; medians are compared")
    parser.add_argument("--orders", type=int, default=400_000, help="submitted in each run")
    parser.add_argument("--within", type=float, default=15.0, help="percent that this tree may be slower")
    parser.add_argument("--json", action="store_true", help="print one document")
    asked = parser.parse_args()
    found = compare(asked.commit, asked.runs, asked.orders)
    if asked.json:
        print(json.dumps(asdict(found)))
    else:
        _show(found)
    return int(found.ratio < 1 - asked.within / 100)


if __name__ == "__main__":
    sys.exit(main())
