"""Starts replays in processes of their own, keeps what they acknowledge, and kills them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.rows.events import HEAD
from engine.vocabulary import Lane
from storage.log_reader import LogReader

ROOT = Path(__file__).resolve().parents[2]

NEVER = 0
"""No delivery is held: they count from 1."""

KEY = ["lane", "order_id_hi", "order_id_lo", "seq", "fingerprint"]
"""What tells the events of commands about orders apart."""


class Ack(NamedTuple):
    """What a client was told: its command about this order is the event at `offset`; by row of the file."""

    offset: int
    correlation: int
    order_id_lo: int


class Replay:
    """One child that replays files into a directory; `acks` survive it."""

    def __init__(
        self, files: Sequence[Path], directory: Path, *, hold_at: int = NEVER, is_safe: bool = True
    ) -> None:
        words = [*map(str, files), str(directory), str(hold_at), "safe" if is_safe else "unsafe"]
        self.acks: list[Ack] = []
        self.deliveries = 0
        self.child = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.replaying_child", *words],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def hear(self) -> str:
        """Wait for the next word and take what it acknowledges; empty if the child is gone."""
        assert self.child.stdout is not None
        word, _, said = self.child.stdout.readline().strip().partition(" ")
        if word == "acked":
            self.deliveries += 1
            self.acks += [Ack(*ack) for ack in json.loads(said)]
        return word

    def kill_once_committed(self) -> None:
        """Kill it between the commit and the answers of the delivery that it holds."""
        while (word := self.hear()) != "committed":
            assert word == "acked", "the replay ended before the delivery that it was to hold"
        self.kill()

    def kill_behind(self, deliveries: int, pause_ns: int = 0) -> None:
        """Kill it so many nanoseconds after its acknowledgement of a delivery."""
        while self.deliveries < deliveries:
            assert self.hear() == "acked", "the replay ended before the delivery that it was to die at"
        moment_ns = time.perf_counter_ns() + pause_ns
        while time.perf_counter_ns() < moment_ns:
            pass
        self.kill()

    def kill(self) -> None:
        """Kill -9, and take what is still in the pipe."""
        os.kill(self.child.pid, signal.SIGKILL)
        while self.hear():
            pass
        with self.child:
            assert self.child.wait() == -signal.SIGKILL


def events_of(directory: Path) -> np.ndarray:
    """The heads of all events in the log of the only partition, HEAD rows."""
    with LogReader.open(directory / "p0000") as log:
        return np.concatenate([block.rows(HEAD)[KEY_AND_PLACE].copy() for block in log.blocks(0)])


KEY_AND_PLACE = [*KEY, "correlation_hi"]


def lost_acks(directory: Path, acks: Sequence[Ack]) -> list[Ack]:
    """The acknowledged commands that are not in the log where the client was told, or not exactly once."""
    events = events_of(directory)
    about_orders = events[np.isin(events["lane"], [Lane.OWNER, Lane.VENUE])]
    keys, times = np.unique(about_orders[KEY], return_counts=True)
    assert len(keys), "the log holds orders"
    twice = set(keys[times > 1].tolist())

    def is_held(ack: Ack) -> bool:
        if ack.offset >= len(events):
            return False
        event = events[ack.offset]
        is_here = (event["correlation_hi"], event["order_id_lo"]) == (ack.correlation, ack.order_id_lo)
        return is_here and event[KEY].item() not in twice

    return [ack for ack in acks if not is_held(ack)]
