"""Millions of commands against the reference model, on every processor, to be interrupted and gone on with.

`python -m tests.properties.long_run --commands 10000000 --seed 1` prints what was answered how often; after
Ctrl-C the same command goes on where it was. A disagreement ends it and names its flow; `--flow N` runs that
flow alone.
"""

import argparse
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import track

from engine.kernel.jit import CODE_VERSION
from tests.properties.flow import numbers_of, run_flow
from tests.properties.reached import check_log, check_refusals, deeds_of, words_of
from tests.properties.side_by_side import ROOMY, TIGHT, Disagreement, SideBySide

FLOW_STEPS = 400
"""Commands a flow: comparing all tables after each frame costs more, the more there is in them."""

FRAME_COMMANDS_MEAN = 50
"""All tables are compared after each frame, which takes most of the time."""

FLOWS_AT_ONCE = 32
"""Flows between two notes of how far it has come: some seconds."""

CONSOLE = Console(stderr=True)


@dataclass
class Progress:
    """How far a run has come: flows done, commands in them, and how often which word was answered."""

    seed: int
    code: str = CODE_VERSION.hex()
    flows: int = 0
    commands: int = 0
    words: dict[str, int] = field(default_factory=dict)

    def add(self, commands: int, words: Counter[str]) -> None:
        """Count one more flow."""
        self.flows += 1
        self.commands += commands
        self.words = dict(Counter(self.words) + words)


class OtherRun(Exception):
    """What was noted belongs to other rules or another seed."""


def read_progress(path: Path, seed: int) -> Progress:
    """What was noted at `path`, or a fresh start; OtherRun if it belongs to another run."""
    if not path.exists():
        return Progress(seed)
    found = Progress(**json.loads(path.read_text()))
    if (found.seed, found.code) != (seed, CODE_VERSION.hex()):
        raise OtherRun(
            f"{path} is of another seed or of other rules: remove it, or name another with --state"
        )
    return found


def note_progress(path: Path, progress: Progress) -> None:
    """Write it down whole: a reader finds the note of before or this one."""
    fresh = path.with_suffix(".fresh")
    fresh.write_text(json.dumps(asdict(progress), indent=1, sort_keys=True))
    fresh.replace(path)


def run_one(seed: int, flow: int) -> tuple[int, Counter[str]]:
    """Run one flow of a seed: its commands, and how often what was answered. Disagreement names the flow."""
    side = SideBySide(Random(f"{seed} {flow}").choice([TIGHT, ROOMY, ROOMY, ROOMY]))
    try:
        run_flow(side, numbers_of(hash_of(seed, flow), FLOW_STEPS), FRAME_COMMANDS_MEAN)
        check_log(side)
        check_refusals(side)
    except Disagreement as error:
        raise Disagreement(f"--seed {seed} --flow {flow}: {error}") from error
    words = Counter(word for frame in side.sent for word in words_of(frame.answers))
    words.update(deed for frame in side.sent for deed in deeds_of(frame))
    return sum(len(frame.commands) for frame in side.sent), words


def hash_of(seed: int, flow: int) -> int:
    """The seed of one flow."""
    return Random(f"{seed}/{flow}").getrandbits(64)


def run(progress: Progress, commands: int, state: Path) -> None:
    """Go on until so many commands are sent, and note it every few seconds."""
    ignore_interrupts = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(os.cpu_count(), initializer=signal.signal, initargs=ignore_interrupts) as pool:
        for _ in _shown(progress, commands):
            numbers = range(progress.flows, progress.flows + FLOWS_AT_ONCE)
            for sent, words in pool.map(run_one, [progress.seed] * len(numbers), numbers):
                progress.add(sent, words)
            note_progress(state, progress)


def _shown(progress: Progress, commands: int) -> Iterator[None]:
    """Once a round, with a bar where somebody looks."""
    per_round = FLOWS_AT_ONCE * FLOW_STEPS
    rounds = max(0, -(-(commands - progress.commands) // per_round))
    bar = track(range(rounds), "commands against the model", console=CONSOLE, disable=not CONSOLE.is_terminal)
    for _ in bar:
        if progress.commands < commands:
            yield


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--commands", type=int, default=10_000_000, help="how many, at least")
    parser.add_argument("--seed", type=int, default=1, help="which flows")
    parser.add_argument("--state", type=Path, help="where to note how far it is")
    parser.add_argument("--flow", type=int, help="run this flow alone")
    return parser.parse_args()


def main() -> int:
    """Run as the command line says; 0: all agreed, 1: a disagreement, 2: the note is of another run."""
    asked = _arguments()
    state = asked.state or Path(f".model-run-{asked.seed}.json")
    try:
        if asked.flow is not None:
            run_one(asked.seed, asked.flow)
            return 0
        progress = read_progress(state, asked.seed)
        run(progress, asked.commands, state)
    except (Disagreement, OtherRun) as error:
        print(error, file=sys.stderr)
        return 1 if isinstance(error, Disagreement) else 2
    except KeyboardInterrupt:
        print(f"interrupted: the same command goes on from {state}", file=sys.stderr)
        return 130
    print(json.dumps(asdict(progress), indent=1, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main())
