"""What fault runs have found: a list of runs in a JSON file, each with what repeats it, and as a page.

    python -m tests.faults.report docs/reliability.json

writes `docs/reliability.md` beside the list and prints it.
"""

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from storage.file_system import file_system_type

ROOT = Path(__file__).resolve().parents[2]

CODE = ["engine", "storage", "actors", "tests"]
"""A change here that is not committed makes a run one of no commit."""

_TITLE = """# What was tried to lose an event

Each line is one run of a harness, with the seed and the commit that repeat it. Every harness has a control: a
planted fault that it must catch. [Guarantees](guarantees.md) says what is promised, and which test holds it.
What each does is said at the top of `tests/faults/NAME.py`. What could not be tried on a machine is left out
with the call that failed; left out for no reason, it would count as failed.
`planted_run` is the other way round: it breaks the engine, and what the bug names must find it.
`history_run` counts calls of concurrent clients, each compared with the log.

"""
_COLUMNS = ("run", "size", "found", "left out, and why", "seed", "seconds", "cores", "file system", "commit")


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One run of one harness.

    Attributes:
        name: of the harness, as its module is called.
        size: how many states, kills, faults or seeds were tried.
        counts: what was found, by the word for it.
        skipped: why something was left out, and how often.
        seed: which of all possible runs this was.
        seconds: how long it took, over all sittings of a run that was interrupted.
        cores: processors of the machine.
        file_system: under the files that were written; several where some lay in memory.
        commit: of the code, with `+changed` where it was not committed.
    """

    name: str
    size: int
    counts: dict[str, int]
    skipped: dict[str, int]
    seed: int
    seconds: float
    cores: int
    file_system: str
    commit: str


def note_run(
    path: Path,
    name: str,
    size: int,
    counts: Mapping[str, int],
    skipped: Mapping[str, int],
    seed: int,
    seconds: float,
    *,
    places: Sequence[Path] = (),
) -> Run:
    """Append one run to the list at `path`, which is made with the first, and give it.

    Args:
        path: the list, a JSON file.
        name: of the harness.
        size: how many states, kills, faults or seeds were tried.
        counts: what was found, by the word for it.
        skipped: why something was left out, and how often.
        seed: which of all possible runs this was.
        seconds: how long it took.
        places: where the run wrote its files; beside the list unless given.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    run = Run(
        name=name,
        size=size,
        counts=dict(counts),
        skipped=dict(skipped),
        seed=seed,
        seconds=round(seconds, 1),
        cores=os.cpu_count() or 1,
        file_system=", ".join(sorted({file_system_type(place) for place in places or [path.parent]})),
        commit=commit(),
    )
    with _locked(path):
        text = msgspec.json.format(msgspec.json.encode([*read_runs(path), run]), indent=1)
        fresh = path.with_name(path.name + ".fresh")
        fresh.write_bytes(text + b"\n")
        fresh.replace(path)
    return run


def read_runs(path: Path) -> list[Run]:
    """The runs noted at `path`, oldest first; none where there is no list."""
    return msgspec.json.decode(path.read_bytes(), type=list[Run]) if path.exists() else []


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two runs that end at once must not forget each other."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def commit() -> str:
    """The commit of the code that runs, marked where it was changed since; `unknown` without git."""
    try:
        found = _git("rev-parse", "--short=12", "HEAD")
        return found + ("+changed" if _git("status", "--porcelain", "--", *CODE) else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def page_of(runs: list[Run]) -> str:
    """The page: of each harness, size and seed the newest run, the harnesses in the order of their names."""
    newest = {(run.name, run.size, run.seed): run for run in runs}
    rows = [_COLUMNS, ("---",) * len(_COLUMNS), *(_row(newest[key]) for key in sorted(newest))]
    return _TITLE + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(run: Run) -> tuple[str, ...]:
    return (
        run.name,
        f"{run.size:,}",
        _listed(run.counts),
        _listed(run.skipped) or "nothing",
        str(run.seed),
        f"{run.seconds:,.1f}",
        str(run.cores),
        run.file_system,
        run.commit,
    )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {word}" for word, count in sorted(counts.items()))


def main(path: Path) -> None:
    """Write the page beside the list, and print it."""
    page = page_of(read_runs(path))
    path.with_suffix(".md").write_text(page)
    print(page, end="")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
