"""Every system call of a small storage run fails once: nothing acknowledged is lost, the next owner goes on.

    python -m tests.faults.call_run --seed 1

A first run is recorded; then each of its calls that take a path or a descriptor fails with each of three
errors (strace injects them), and no file may grow past each of many sizes, which makes the write across that
size a short one. The seed says in which order, so that few trials are a fair sample of all.
"""

import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.faults.numbered_run import Harness, Judged, main_of
from tests.faults.storage_run import Append, append_or_say, fault_after, run_all
from tests.faults.work_place import memory

AT_ONCE = 100

ERRORS = ("EIO", "ENOSPC", "EINTR")

SHORT = "short write"
SHORT_STEP_BYTES = 1_000
"""Between two sizes that files are held to: no multiple of a page, so that the write is cut inside one."""

SHORT_BYTES_MAX = 80_000
"""No file of the run is longer."""

TRACED = "%file,%desc"
"""All calls that take a path or a descriptor."""

_CALL = re.compile(r"^(\w+)\(")


class Fault(NamedTuple):
    """One thing that goes wrong: the n-th call of a name gives an error, or files may not pass n bytes."""

    call: str
    nth: int
    error: str

    def __str__(self) -> str:
        return f"{self.call}:{self.error}:when={self.nth}"


def judge(seed: int, numbers: range) -> Judged:
    """Give what came of the faults with these numbers, in the order that the seed says."""
    return judge_faults([ordered(seed)[number] for number in numbers], numbers.start, seed)


def judge_faults(faults: list[Fault], first: int, seed: int, append: Append = append_or_say) -> Judged:
    """Make one run for each fault, and look what is left of it."""
    judged = Judged(Counter(), Counter(), [])
    for number, fault in enumerate(faults, start=first):
        with tempfile.TemporaryDirectory(dir=memory()) as folder:
            engine = Path(folder) / "engine"
            lines, status, was_injected = run_with(fault, engine, append)
            wrong = None if status == 0 else f"the run ended with status {status}"
            wrong = wrong or fault_after(engine, lines)
        if not was_injected:
            judged.skipped["the call did not come"] += 1
            continue
        judged.counts[outcome(lines)] += 1
        judged.counts[fault.error] += 1
        if wrong is not None:
            judged.broken.append(f"--seed {seed} --only {number}: {fault}: {wrong}")
    return judged


def outcome(lines: list[str]) -> str:
    """Give in a word how a run took its fault: it ended well, or it stopped, and with what."""
    failed = next((line.split() for line in lines if line.startswith("failed")), None)
    if failed is not None:
        return f"stopped with {failed[1]}"
    return "done all the same" if lines[-1:] == ["done"] else "stopped without a word"


@cache
def ordered(seed: int) -> list[Fault]:
    """All faults of the run, in the order of a seed."""
    calls = Counter(recorded_calls())
    errors = [
        Fault(call, nth, error)
        for call, times in sorted(calls.items())
        for nth in range(1, times + 1)
        for error in ERRORS
    ]
    sizes = range(SHORT_STEP_BYTES, SHORT_BYTES_MAX, SHORT_STEP_BYTES)
    faults = [*errors, *(Fault("file size", size, SHORT) for size in sizes)]
    random.Random(seed).shuffle(faults)
    return faults


def recorded_calls() -> list[str]:
    """The names of the calls of an undisturbed run, in their order."""
    with tempfile.TemporaryDirectory(dir=memory()) as folder:
        trace, engine = Path(folder) / "trace", Path(folder) / "engine"
        warm_up(Path(folder) / "another")
        lines, status = _run(engine, append_or_say, [], trace)
        assert (lines[-1:], status) == (["done"], 0), f"the undisturbed run says {lines}"
        calls = (_CALL.match(line) for line in trace.read_text().splitlines())
        return [call[1] for call in calls if call is not None]


def warm_up(engine: Path) -> None:
    """Do all that a trial does once in this process: what is only imported or read once must not count."""
    with Path(os.devnull).open("wb") as nowhere:
        run_all(engine, nowhere.fileno(), append_or_say)
    assert fault_after(engine, []) is not None, "blocks that nobody acknowledged are noticed"


def run_with(fault: Fault, engine: Path, append: Append) -> tuple[list[str], int, bool]:
    """Run with one fault; give the lines said, the exit status, and whether the fault came."""
    if fault.error == SHORT:
        return *_run(engine, append, [], None, file_bytes_max=fault.nth), True
    trace = engine.with_name("trace")
    injected = ["-e", f"inject={fault.call}:error={fault.error}:when={fault.nth}"]
    return *_run(engine, append, injected, trace), "(INJECTED)" in trace.read_text()


def _run(
    engine: Path,
    append: Append,
    injected: list[str],
    trace: Path | None,
    *,
    file_bytes_max: int | None = None,
) -> tuple[list[str], int]:
    """Fork a run, under a tracer unless `trace` is None; give its lines and its exit status."""
    receiving, sending = os.pipe()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    child = os.fork()
    if child == 0:
        os.close(receiving)
        _run_and_end(engine, sending, append, file_bytes_max)
    os.close(sending)
    with _traced(child, injected, trace):
        os.kill(child, signal.SIGUSR1)
        with os.fdopen(receiving) as pipe:
            said = pipe.read()
        _, status = os.waitpid(child, 0)
    # A line that was cut off has not been said.
    lines = [line.strip() for line in said.splitlines(keepends=True) if line.endswith("\n")]
    return lines, os.waitstatus_to_exitcode(status)


@contextmanager
def _traced(child: int, injected: list[str], trace: Path | None) -> Iterator[None]:
    """Attach strace to a child that waits, and wait for its end."""
    if trace is None:
        yield
        return
    strace = shutil.which("strace")
    assert strace is not None, "strace is not installed: no system call can be made to fail"
    command = [strace, "-p", str(child), "-e", f"trace={TRACED}", "-s", "8", *injected, "-o", str(trace)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        said = tracer.stderr.readline()
        assert "attached" in said, f"strace may not trace here: {said}"
        yield


def _run_and_end(engine: Path, pipe: int, append: Append, file_bytes_max: int | None) -> None:
    """The child's life; it never returns to the parent's code."""
    status = 1
    try:
        signal.sigwait({signal.SIGUSR1})
        if file_bytes_max is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes_max, file_bytes_max))
        run_all(engine, pipe, append)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


HARNESS = Harness("call_run", "calls", AT_ONCE, judge, most=lambda seed: len(ordered(seed)))

if __name__ == "__main__":
    sys.exit(main_of(HARNESS))
