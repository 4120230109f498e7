"""Runs of a fault harness in numbered trials: any number repeats alone, and an interrupted run goes on.

A harness says how it judges a range of trials; the rest is here: processes, the note of how far a run has
come (`.NAME-SEED.json`, or where `--state` says), the list of finished runs (`--report`), the exit status:

    0    every trial ended as it must
    1    one did not; its number is named, and `--only NUMBER` repeats it
    2    the note is of other code or another seed
    130  interrupted: the same command goes on
"""

import argparse
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from tests.faults.report import ROOT, note_run
from tests.faults.work_place import memory

SIZE_DEFAULT = 10_000
"""Trials where none is asked for; of what has an end, all."""

LISTED_MAX = 20
"""Trials named when many fail: one is enough to begin with."""


STORAGE_CODE = ("storage", "tests/faults")
"""What is tried where no engine runs."""

ALL_CODE = ("engine", "storage", "actors", "tests/faults")
"""What is tried with an engine."""


class Judged(NamedTuple):
    """What came of some trials: counts by word, what was left out by reason, a sentence for each failure."""

    counts: Counter[str]
    skipped: Counter[str]
    broken: list[str]


class Harness(NamedTuple):
    """One kind of trial.

    Attributes:
        name: for the note and the report.
        trials: what the trials are called on the command line, for example `states`.
        at_once: trials judged by one process between two notes of progress; some seconds.
        judge: gives what came of the trials with these numbers, for a seed; called in another process.
        most: gives how many trials there are for a seed; None where there is no end of them.
        places: where it writes its files.
        code: folders of what it tries; a change there ends a run that was interrupted.
    """

    name: str
    trials: str
    at_once: int
    judge: Callable[[int, range], Judged]
    most: Callable[[int], int] | None = None
    places: tuple[Path, ...] = (memory(),)
    code: tuple[str, ...] = STORAGE_CODE


def judge_groups(numbers: range, size: int, judge: Callable[[range], Judged]) -> Judged:
    """Give what came of trials that are judged `size` together, each group from its first number on."""
    whole = Judged(Counter(), Counter(), [])
    for group, members in groupby(numbers, key=lambda number: number // size):
        last = list(members)[-1]
        judged = judge(range(group * size, last + 1))
        whole.counts.update(judged.counts)
        whole.skipped.update(judged.skipped)
        whole.broken.extend(judged.broken)
    return whole


@dataclass
class Progress:
    """How far a run has come: trials done, what came of them, and for how long it has run."""

    seed: int
    code: str
    done: int = 0
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def add(self, trials: int, judged: Judged) -> None:
        """Count some more trials; what was left out for no stated reason has failed."""
        unexplained = sum(count for reason, count in judged.skipped.items() if not reason.strip())
        if unexplained:
            judged.broken.append(f"{unexplained} were left out, and no reason was given")
        self.done += trials
        self.counts = dict(Counter(self.counts) + judged.counts)
        self.skipped = dict(Counter(self.skipped) + judged.skipped)
        self.broken = [*self.broken, *judged.broken][:LISTED_MAX]


class OtherRun(Exception):
    """What was noted belongs to other code or another seed."""


def read_progress(path: Path, seed: int, code: tuple[str, ...] = STORAGE_CODE) -> Progress:
    """What was noted at `path`, or a fresh start; OtherRun if it belongs to another run."""
    fresh = Progress(seed, code_digest(code))
    if not path.exists():
        return fresh
    found = Progress(**json.loads(path.read_text()))
    if (found.seed, found.code) != (fresh.seed, fresh.code):
        raise OtherRun(f"{path} is of another seed or code: remove it, or name another with --state")
    return found


def code_digest(folders: tuple[str, ...] = STORAGE_CODE) -> str:
    """SHA-256 over the files of what is tried, hex: a change elsewhere leaves a long run alone."""
    files = sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def note_progress(path: Path, progress: Progress) -> None:
    """Write it down whole: a reader finds the note of before or this one."""
    fresh = path.with_name(path.name + ".fresh")
    fresh.write_text(json.dumps(asdict(progress), indent=1, sort_keys=True))
    fresh.replace(path)


def run(harness: Harness, progress: Progress, size: int, *, workers: int, state: Path) -> None:
    """Go on until so many trials are judged, or some have failed; note it every few seconds."""
    ignore_interrupts = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(workers, initializer=signal.signal, initargs=ignore_interrupts) as pool:
        while progress.done < size and not progress.broken:
            began = time.monotonic()
            ranges = list(_next_ranges(progress.done, size, harness.at_once, workers))
            futures = [pool.submit(harness.judge, progress.seed, numbers) for numbers in ranges]
            for numbers, judged in zip(ranges, map(Future.result, futures), strict=True):
                progress.add(len(numbers), judged)
            progress.seconds += time.monotonic() - began
            note_progress(state, progress)


def _next_ranges(done: int, size: int, at_once: int, workers: int) -> Iterator[range]:
    for start in range(done, min(done + at_once * workers, size), at_once):
        yield range(start, min(start + at_once, size))


def main_of(harness: Harness, arguments: list[str] | None = None) -> int:
    """Run as the command line says, and give the exit status."""
    asked = _arguments(harness, arguments)
    if asked.only is not None:
        return _told(harness.judge(asked.seed, range(asked.only, asked.only + 1)).broken)
    state = asked.state or Path(f".{harness.name}-{asked.seed}.json")
    try:
        progress = read_progress(state, asked.seed, harness.code)
        size = asked.size if harness.most is None else min(asked.size, harness.most(asked.seed))
        run(harness, progress, size, workers=asked.workers, state=state)
    except OtherRun as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"interrupted: the same command goes on from {state}", file=sys.stderr)
        return 130
    print(json.dumps(asdict(progress), indent=1, sort_keys=True))
    if progress.done >= size and asked.report is not None:
        counts = {**progress.counts, "failed": len(progress.broken)}
        note_run(
            asked.report,
            harness.name,
            progress.done,
            counts,
            progress.skipped,
            asked.seed,
            progress.seconds,
            places=harness.places,
        )
    return _told(progress.broken)


def _told(broken: list[str]) -> int:
    for sentence in broken:
        print(sentence, file=sys.stderr)
    return 1 if broken else 0


def _arguments(harness: Harness, arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m tests.faults.{harness.name}")
    parser.add_argument(f"--{harness.trials}", dest="size", type=int, default=SIZE_DEFAULT, help="how many")
    parser.add_argument("--seed", type=int, default=1, help="which")
    parser.add_argument("--only", type=int, help="judge this one alone")
    parser.add_argument("--state", type=Path, help="where to note how far it is")
    parser.add_argument("--report", type=Path, help="the list of runs to append to, docs/reliability.json")
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes that judge")
    return parser.parse_args(arguments)
