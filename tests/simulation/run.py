"""Runs simulated histories: one with all its steps shown, or many, to be interrupted and gone on with.

`python -m tests.simulation.run --seed 17 --steps 1500` prints every step of one history and the first
violation. `--seeds 200` runs the seeds from `--first` on, on every processor; after Ctrl-C the same command
goes on where it was. `--planted NAME` plants a mistake that must be found. The digest is over all histories:
the same seeds give the same one, whatever PYTHONHASHSEED is.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from rich.console import Console
from rich.progress import track

from engine.kernel.jit import CODE_VERSION
from tests.faults.report import note_run
from tests.simulation.planted import PLANTED, planted
from tests.simulation.simulation import Outcome, simulate

STEPS = 1_500
"""Steps of one history by default, from the moment at which trading is open."""

SEEDS_AT_ONCE = 20
"""Seeds between two notes of how far it has come: some seconds."""

CONSOLE = Console(stderr=True)


@dataclass
class Progress:
    """How far a run has come, and what it has seen; `digest` is a chain over the histories' own."""

    first: int
    steps_each: int
    planted: str | None
    code: str = CODE_VERSION.hex()
    seeds: int = 0
    steps: int = 0
    events: int = 0
    answers: int = 0
    seconds: float = 0.0
    digest: str = ""
    faults: dict[str, int] = field(default_factory=dict)
    violations: dict[str, str] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        """Count one more history."""
        self.seeds += 1
        self.steps += outcome.steps
        self.events += outcome.events
        self.answers += outcome.answers
        self.faults = dict(sorted((Counter(self.faults) + Counter(outcome.faults)).items()))
        self.digest = sha256((self.digest + outcome.digest).encode()).hexdigest()
        if outcome.violation is not None:
            self.violations[str(outcome.seed)] = f"step {outcome.steps}: {outcome.violation}"


class OtherRun(Exception):
    """What was noted belongs to other seeds, steps or rules."""


def read_progress(path: Path, wanted: Progress) -> Progress:
    """What was noted at `path`, or a fresh start; OtherRun if it belongs to another run."""
    if not path.exists():
        return wanted
    found = Progress(**json.loads(path.read_text()))
    if [found.first, found.steps_each, found.planted, found.code] != [
        wanted.first,
        wanted.steps_each,
        wanted.planted,
        wanted.code,
    ]:
        raise OtherRun(f"{path} is of other seeds, steps or rules: remove it, or name another with --state")
    return found


def note_progress(path: Path, progress: Progress) -> None:
    """Write it down whole: a reader finds the note of before or this one."""
    fresh = path.with_suffix(".fresh")
    fresh.write_text(json.dumps(asdict(progress), indent=1, sort_keys=True))
    fresh.replace(path)


def run_one(seed: int, steps: int, mistake: str | None = None) -> Outcome:
    """One history; its steps are left out where nothing was broken."""
    with planted(mistake):
        outcome = simulate(seed, steps)
    return outcome if outcome.violation is not None else outcome._replace(trace=[])


def run_many(progress: Progress, seeds: int, state: Path | None = None, workers: int = 1) -> None:
    """Go on until so many seeds are done, and note it every few seconds at `state`."""
    ignore_interrupts = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(workers, initializer=signal.signal, initargs=ignore_interrupts) as pool:
        began_s = time.monotonic()
        for batch in _batches(progress, seeds):
            several = len(batch)
            outcomes = pool.map(run_one, batch, [progress.steps_each] * several, [progress.planted] * several)
            for outcome in outcomes:
                progress.add(outcome)
            began_s, took_s = time.monotonic(), time.monotonic() - began_s
            progress.seconds += took_s
            if state is not None:
                note_progress(state, progress)


def _batches(progress: Progress, seeds: int) -> Iterator[list[int]]:
    """The seeds that are left, some at a time, with a bar where somebody looks."""
    starts = range(progress.first + progress.seeds, progress.first + seeds, SEEDS_AT_ONCE)
    for start in track(starts, "histories", console=CONSOLE, disable=not CONSOLE.is_terminal):
        yield list(range(start, min(start + SEEDS_AT_ONCE, progress.first + seeds)))


def note_in(report: Path, progress: Progress) -> None:
    """Append a run that has ended to the list of all fault runs."""
    seen = {name: getattr(progress, name) for name in ("steps", "events", "answers")}
    counts = {**progress.faults, **seen, "violations": len(progress.violations)}
    note_run(report, "simulation", progress.seeds, counts, {}, progress.first, progress.seconds)


def show(outcome: Outcome) -> int:
    """Print every step of a history, and what was broken; 1 if something was."""
    print("\n".join(outcome.trace))
    print(f"seed {outcome.seed}: {outcome.steps} steps, {outcome.events} events, {outcome.answers} answers")
    print(f"faults: {outcome.faults}")
    print(f"digest: {outcome.digest}")
    print("nothing was broken" if outcome.violation is None else f"VIOLATION {outcome.violation}")
    return int(outcome.violation is not None)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seed", type=int, help="run this history alone, and show its steps")
    parser.add_argument("--steps", type=int, default=STEPS, help="how long each history is, at least")
    parser.add_argument("--seeds", type=int, default=200, help="how many histories")
    parser.add_argument("--first", type=int, default=0, help="the first seed of many")
    parser.add_argument("--planted", choices=list(PLANTED), help="a mistake to plant")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes to run them on")
    parser.add_argument("--state", type=Path, help="where to note how far it is")
    parser.add_argument("--report", type=Path, help="the list of runs to append to, docs/reliability.json")
    return parser.parse_args()


def main() -> int:
    """Run as the command line says; 0: nothing was broken, 1: something was, 2: the note is of another."""
    asked = _arguments()
    if asked.seed is not None:
        with planted(asked.planted):
            return show(simulate(asked.seed, asked.steps))
    state = asked.state or Path(f".simulation-{asked.first}-{asked.steps}.json")
    try:
        progress = read_progress(state, Progress(asked.first, asked.steps, asked.planted))
        run_many(progress, asked.seeds, state, asked.workers)
    except OtherRun as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"interrupted: the same command goes on from {state}", file=sys.stderr)
        return 130
    print(json.dumps(asdict(progress), indent=1, sort_keys=True))
    if asked.report is not None and asked.planted is None:
        note_in(asked.report, progress)
    for seed, what in progress.violations.items():
        print(f"--seed {seed} --steps {asked.steps}: {what}", file=sys.stderr)
    return int(bool(progress.violations))


if __name__ == "__main__":
    sys.exit(main())
