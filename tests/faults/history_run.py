"""Clients trade and read at once while actors are killed; then their histories and the log are compared.

    python -m tests.faults.history_run --seconds 60 --seed 1

starts an engine of its own in Ray, two processes of clients, kills partition, projector and snapshotter in
turn, and prints how much was done and every anomaly; `tests/histories/checks.py` says which there are.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from actors.ray_actors import Roll, actor_names, find_actors, projector_name
from actors.snapshotter_actor import SNAPSHOTTER
from engine import Admin
from storage.log_directory import log_name
from tests.cluster.engine_process import EngineProcess
from tests.faults.report import ROOT, note_run
from tests.faults.work_place import disk
from tests.histories.checks import MARK, anomalies, log_events
from tests.histories.operations import Operation, Read, Wrote, read_operations
from tests.histories.trader import ACCOUNTS, INSTRUMENT, QTY_MAX, VENUE

PROCESSES, CLIENTS = 2, 3
"""Of clients: threads share a process's memory, processes share nothing."""

VICTIMS = [log_name(0), projector_name(0), log_name(0), projector_name(0), SNAPSHOTTER]
"""Who is killed, and how often."""

BETWEEN_KILLS_S = (0.5, 3.0)
"""How long all actors are there between two kills: one needs some four seconds to come back."""

JOINED_WITHIN_S = 60.0
"""A process of clients has imported everything by then, or never."""

TOLD = 10
"""Anomalies that are printed: one is enough to begin with."""


@dataclass
class Outcome:
    """What a run has seen: how often what happened, and what was wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    anomalies: list[str] = field(default_factory=list)


def run(folder: Path, seconds: float, seed: int) -> Outcome:
    """Run an engine and its clients for so long in a folder, then compare."""
    outcome = Outcome()
    engine = EngineProcess(folder / "engine")
    try:
        with Admin.connect(f"ray:{engine.directory}", principal="admin") as admin:
            define(admin)
            with clients(engine.directory, folder, seconds, seed) as processes:
                disturb(processes, random.Random(f"{seed} kills"), outcome.counts)
    finally:
        engine.end()
    operations = [one for number in range(PROCESSES) for one in read_operations(folder / f"{number}.notes")]
    events = log_events(engine.directory / log_name(0))
    outcome.counts += counted(operations) + Counter({"events": len(events)})
    outcome.anomalies = anomalies(operations, events)
    return outcome


def define(admin: Admin) -> None:
    """One instrument whose mark stays, and accounts that may trade it without end."""
    admin.set_venue(VENUE).raise_for_refusal()
    admin.set_instrument(INSTRUMENT, venue=VENUE).raise_for_refusal()
    for account in ACCOUNTS:
        admin.set_account(account, strategies=[f"S-{account}"]).raise_for_refusal()
        admin.set_limits(
            account,
            max_order_qty=QTY_MAX,
            max_order_notional=10**6,
            max_long_qty=10**9,
            max_short_qty=10**9,
            orders_per_second=10**6,
            burst=10**6,
        ).raise_for_refusal()
    admin.start_trading_day(VENUE, 20261120).raise_for_refusal()
    admin.set_mark(INSTRUMENT, MARK).raise_for_refusal()


@contextmanager
def clients(
    directory: Path, folder: Path, seconds: float, seed: int
) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """The processes of clients; at the end all have written their notes."""
    processes = [
        subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.histories.trader"),
                *map(str, (directory, folder / f"{number}.notes", f"{seed}{number}", seconds, CLIENTS)),
            ],
            cwd=ROOT,
        )
        for number in range(PROCESSES)
    ]
    try:
        yield processes
        codes = [process.wait(JOINED_WITHIN_S) for process in processes]
        assert not any(codes), f"processes of clients ended with {codes}"
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.wait()


def disturb(processes: list["subprocess.Popen[bytes]"], chance: random.Random, counts: Counter[str]) -> None:
    """Kill one actor after the other, each time once all are there, for as long as there are clients."""
    roll = Roll(find_actors(1))
    while any(process.poll() is None for process in processes):
        time.sleep(chance.uniform(*BETWEEN_KILLS_S))
        found = {name: status for name, status in roll.call(within_s=1.0).items() if status is not None}
        if len(found) == len(actor_names(1)) and all(status["ready"] for status in found.values()):
            victim = chance.choice(VICTIMS)
            os.kill(int(found[victim]["pid"]), signal.SIGKILL)
            counts[f"{victim} killed"] += 1


def counted(operations: list[Operation]) -> Counter[str]:
    """How much of what the clients did and were told."""
    wrote = [one.outcome.lower() for one in operations if isinstance(one, Wrote)]
    reads = [f"reads of {one.subject}" for one in operations if isinstance(one, Read)]
    return Counter(wrote) + Counter(reads)


def note(report: Path, outcome: Outcome, seed: int, seconds: float) -> None:
    """Append a run that has ended to the list of all fault runs; its size is how many calls were judged."""
    calls = sum(count for name, count in outcome.counts.items() if name != "events" and "killed" not in name)
    counts = {**outcome.counts, "anomalies": len(outcome.anomalies)}
    note_run(report, "history_run", calls, counts, {}, seed, seconds, places=(disk(),))


def main() -> int:
    """Run as the command line says; 0: no anomaly, 1: some."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.history_run")
    parser.add_argument("--seconds", type=float, default=60.0, help="for how long clients trade")
    parser.add_argument("--seed", type=int, default=1, help="which clients and kills")
    parser.add_argument("--report", type=Path, help="the list of runs to append to, docs/reliability.json")
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=disk()) as folder:
        outcome = run(Path(folder), asked.seconds, asked.seed)
    print(json.dumps(outcome.counts, indent=1, sort_keys=True))
    for anomaly in outcome.anomalies[:TOLD]:
        print(anomaly, file=sys.stderr)
    if asked.report is not None:
        note(asked.report, outcome, asked.seed, time.monotonic() - began)
    return int(bool(outcome.anomalies))


if __name__ == "__main__":
    sys.exit(main())
