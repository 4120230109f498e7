"""Hours of an engine in minutes: a steady flow, a new day every few seconds, and readers that are slow.

    python -m tests.faults.soak_run --seconds 600 --report docs/reliability.json

An engine in Ray takes orders through whole lives at a steady rate. Segments rotate, snapshots are written,
closed orders leave memory. A subscriber is slower than the log grows, and the projector stands still
(SIGSTOP) a third of the time. At the end memory and descriptors of every process must be flat, and answers
must have come as fast while the projector stood still as while it went on. Exit status: 0 if so, 1 if not.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import track

from actors.bench.flow import Flow
from actors.bench.load import define
from engine.client.client import Client
from engine.errors import IntegrityError
from tests.cluster.engine_process import Desk, EngineProcess, at_desk
from tests.faults.flatness import GROWTH_MIB_MAX, Sample, growing, sample_of
from tests.faults.report import note_run
from tests.faults.work_place import disk

CONFIG = """
[engine]
orders_max = 100_000
[log]
segment_bytes_max = {segment_bytes}
[snapshot]
events = 200_000
"""
"""A few hundred thousand orders pass through room for a hundred thousand: only days that end make room."""

ACCOUNTS, INSTRUMENTS = 64, 16
WAVE_ORDERS = 200
WAVE_EVERY_S = 0.1
"""Some 14,000 rows a second: a fifth of what this engine does with frames of this size."""

DAY_EVERY_S = 15.0
SAMPLE_EVERY_S = 1.0
STOP_EVERY_S, STOPPED_S = 9.0, 3.0
"""How often the projector stands still, and for how long: less than makes the supervisor restart it."""

SLOW_READ_S, SLOW_READ_ROWS = 0.5, 1_000
"""A subscriber that sees 2,000 events a second falls ever further behind."""

SLOWER_MAX = 1.5
"""What the median answer may take while the projector stands still, against while it goes on."""

CONSOLE = Console(stderr=True)


class Soaked(NamedTuple):
    """What was seen: samples by process, and how long each wave took, with and without the projector."""

    samples: dict[str, list[Sample]]
    going_ms: list[float]
    standing_ms: list[float]
    read: int

    def broken(self, memory_mib_max: int) -> list[str]:
        """A sentence for whatever was not as promised."""
        grown = {name: growing(samples, memory_mib_max) for name, samples in self.samples.items()}
        found = [f"{name}: {why}" for name, sentences in grown.items() for why in sentences]
        if not self.going_ms or not self.standing_ms or not self.read:
            return [*found, "nobody was slow: nothing to compare with"]
        going, standing = median(self.going_ms), median(self.standing_ms)
        if standing > SLOWER_MAX * going:
            found.append(
                f"answers took {standing:.1f} ms while the projector stood still, {going:.1f} before"
            )
        return found


class Projector:
    """Stops and continues the projector's process."""

    def __init__(self, desk: Desk) -> None:
        self._pid = int(desk.status("projector-p0000")["pid"])
        self._over = threading.Event()
        self.is_standing = False
        self._thread = threading.Thread(target=self._run, name="stopper", daemon=True)

    def _run(self) -> None:
        while not self._over.wait(STOP_EVERY_S - STOPPED_S):
            os.kill(self._pid, signal.SIGSTOP)
            self.is_standing = True
            try:
                self._over.wait(STOPPED_S)
            finally:
                self.is_standing = False
                os.kill(self._pid, signal.SIGCONT)

    def __enter__(self) -> "Projector":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


class SlowReader:
    """A subscriber that takes its time over each table; `read` counts events."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._over = threading.Event()
        self.read = 0
        self._thread = threading.Thread(target=self._run, name="slow reader", daemon=True)

    def _run(self) -> None:
        with Client.connect(f"ray:{self._directory}", principal="slow") as client:
            for table in client.subscribe(rows_max=SLOW_READ_ROWS):
                self.read += len(table)
                if self._over.wait(SLOW_READ_S):
                    return

    def __enter__(self) -> "SlowReader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def soak(seconds: float, segment_mib: int) -> Soaked:
    """Run an engine for so long, with segments so large, and give what was seen."""
    with (
        _engine(segment_mib) as engine,
        at_desk(engine, Flow(seed=3, accounts=ACCOUNTS, instruments=INSTRUMENTS)) as desk,
    ):
        define(desk.transport, desk.flow)
        seen = Soaked({}, [], [], 0)
        with Projector(desk) as projector, SlowReader(engine.directory) as reader:
            sampler = _Sampler(desk, seen)
            for wave in track(range(int(seconds / WAVE_EVERY_S)), "soaking", console=CONSOLE):
                due = sampler.began_s + wave * WAVE_EVERY_S
                time.sleep(max(0.0, due - time.monotonic()))
                _send(desk, projector, seen)
                if wave % round(DAY_EVERY_S / WAVE_EVERY_S) == 0:
                    desk.deliver(desk.flow.next_day())
                sampler.look()
        return seen._replace(read=reader.read)


def _send(desk: Desk, projector: Projector, seen: Soaked) -> None:
    """Send a wave, and note how long its answers took if the projector did the same all the time."""
    rows, codes = desk.flow.wave(WAVE_ORDERS)
    was_standing, began_s = projector.is_standing, time.monotonic()
    answers = desk.deliver(rows)
    took_ms = 1_000 * (time.monotonic() - began_s)
    if not (answers["code"] == codes).all():
        raise IntegrityError(f"answers {np.unique(answers['code'])} to a wave that must be taken")
    if was_standing == projector.is_standing:
        (seen.standing_ms if was_standing else seen.going_ms).append(took_ms)


class _Sampler:
    """Looks at every process of an engine once a second."""

    def __init__(self, desk: Desk, seen: Soaked) -> None:
        self.began_s = self._next_s = time.monotonic()
        names = [name for name in desk.actors if name]
        self._pids = {name: int(desk.status(name)["pid"]) for name in names}
        self._pids["host"] = desk.engine.host.pid
        self._seen = seen

    def look(self) -> None:
        """Take a sample of each process if it is time."""
        if time.monotonic() < self._next_s:
            return
        self._next_s += SAMPLE_EVERY_S
        for name, pid in self._pids.items():
            self._seen.samples.setdefault(name, []).append(sample_of(pid))


@contextmanager
def _engine(segment_mib: int) -> Iterator[EngineProcess]:
    with tempfile.TemporaryDirectory(dir=disk(), prefix="soak-") as folder:
        config = Path(folder) / "soak.toml"
        config.write_text(CONFIG.format(segment_bytes=segment_mib * 2**20))
        engine = EngineProcess(Path(folder) / "engine", config)
        try:
            yield engine
        finally:
            engine.end()


def main(arguments: list[str] | None = None) -> int:
    """Run as the command line says, print what was seen as JSON, and give the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak_run")
    parser.add_argument("--seconds", type=int, default=600, help="how long")
    parser.add_argument("--segment-mib", type=int, default=64, help="how large a segment of the log gets")
    parser.add_argument("--growth-mib", type=int, default=GROWTH_MIB_MAX, help="memory that may be more")
    parser.add_argument("--report", type=Path, help="the list of runs to append to, docs/reliability.json")
    asked = parser.parse_args(arguments)
    began_s = time.monotonic()
    seen = soak(asked.seconds, asked.segment_mib)
    broken = seen.broken(asked.growth_mib)
    last = {name: samples[-1]._asdict() for name, samples in seen.samples.items()}
    answers = {"going_ms": seen.going_ms, "standing_ms": seen.standing_ms}
    medians = {f"{name}_p50": round(median(took), 2) for name, took in answers.items() if took}
    print(json.dumps({"processes": last, **medians, "read": seen.read, "broken": broken}, indent=1))
    if asked.report is not None:
        counts = {"failed": len(broken), "waves": len(seen.going_ms) + len(seen.standing_ms)}
        took_s = time.monotonic() - began_s
        note_run(asked.report, "soak_run", asked.seconds, counts, {}, 3, took_s, places=(disk(),))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
