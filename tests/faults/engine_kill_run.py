"""Kill -9 of a whole engine in one process, under load; who holds the acknowledgements survives.

    python -m tests.faults.engine_kill_run --kills 500 --seed 1

The child opens the engine in a directory (the real roles on LMDB, without Ray), sends itself frames of orders
and of what venues report, says through a pipe what each was answered, and writes snapshots. It dies at a
seeded instant: two in five between a commit and its answers, one in five while it writes a snapshot, the
others just before a commit or at any time, as the parent likes. After each kill a successor is opened, and
everything is sent again: what was acknowledged must be `DUPLICATE` at its old offset, what was not must take
effect once; the logs are walked, the events counted, and their fold must be the successor's state. After ten
kills that state must be the one of an engine that did the same undisturbed.
"""

import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import numpy as np

from actors.roles.log_identity import identity_of
from engine.client.transport import REFERENCE
from engine.rows.layout import joined
from engine.vocabulary import AnswerCode
from storage.manifest import read_manifest
from storage.verify_walk import LogWalk
from tests.cluster.log_census import doubled, events_of, lost
from tests.faults.engine_child import (
    FRAMES_A_LIFE,
    MARKET,
    Engine,
    Instant,
    Sent,
    dying_at,
    live,
    made_frames,
)
from tests.faults.forked_child import ForkedChild, pause_ns
from tests.faults.numbered_run import ALL_CODE, Harness, Judged, judge_groups, main_of
from tests.faults.work_place import disk, memory

KILLS_A_DIRECTORY = 10
DISK_EVERY = 5
"""One directory in so many lies on a disk, the others in memory: what is written survives in either."""

LATEST_NS = 20_000_000
"""A child needs about so long to open the engine, and for some frames."""

INSTANTS = (
    *[Instant.AFTER_COMMIT] * 4,
    *[Instant.IN_SNAPSHOT] * 2,
    *[Instant.BEFORE_COMMIT] * 2,
    *[Instant.ANY] * 2,
)
"""When the kills of one directory fall, in an order that is drawn."""

Live = Callable[[Path, int, list[Sent], int, Callable[[], None]], None]


def judge(seed: int, numbers: range) -> Judged:
    """Give what came of the kills with these numbers; those of one directory are done from its first on."""
    return judge_groups(numbers, KILLS_A_DIRECTORY, lambda group: judge_directory(seed, group))


def judge_directory(seed: int, numbers: range, life: Live = live) -> Judged:
    """Kill engines of one directory one after the other, and let a successor look after each."""
    _load_rules()
    judged = Judged(Counter(), Counter(), [])
    group = numbers[0] // KILLS_A_DIRECTORY
    instants = random.Random(f"{seed} {group}").sample(INSTANTS, KILLS_A_DIRECTORY)
    with tempfile.TemporaryDirectory(dir=memory() if group % DISK_EVERY else disk()) as folder:
        lives = Lives(Path(folder), made_frames(seed + group, _FRAMES), life)
        for number, instant in zip(numbers, instants, strict=False):
            before = lives.acked
            fault = lives.kill_one(instant, random.Random(f"{seed} {number}"))
            judged.counts["kills"] += 1
            judged.counts[f"killed {instant}"] += 1
            judged.counts["frames acknowledged"] += lives.acked - before
            fault = fault or (lives.fault_beside_undisturbed() if number == numbers[-1] else None)
            if fault is not None:
                judged.broken.append(f"--seed {seed} --only {number}: killed {instant}, {fault}")
                return judged
    return judged


@cache
def _load_rules() -> None:
    """Load what is compiled before anything is forked: that takes seconds, and a life milliseconds."""
    with tempfile.TemporaryDirectory(dir=memory()) as folder, closing(Engine(Path(folder), 0)) as engine:
        for number, frame in enumerate(made_frames(0, FRAMES_A_LIFE)):
            engine.send(number, frame)
            engine.follow()


_FRAMES = MARKET + KILLS_A_DIRECTORY * (2 * FRAMES_A_LIFE + 1)
"""Frames enough for all lives of one directory."""


class Lives:
    """One directory, the frames that are sent into it, and what was answered: `acked` frames of them."""

    def __init__(self, folder: Path, frames: list[Sent], life: Live) -> None:
        self._folder = folder
        self._directory = folder / "engine"
        self._frames = frames
        self._life = life
        with closing(Engine(self._directory, 0)) as first:
            self._offsets = [_offsets(first.send(number, frames[number])) for number in range(MARKET)]

    @property
    def acked(self) -> int:
        """How many frames are answered: by one that was killed, or afterwards."""
        return len(self._offsets)

    def kill_one(self, instant: Instant, chance: random.Random) -> str | None:
        """Let an engine live and die, and its successor finish what was under way; what is wrong, or None."""
        dying = dying_at(instant, chance)
        child = ForkedChild(lambda acks: self._life(self._directory, acks, self._frames, self.acked, dying))
        try:
            _wait_for_death(child, instant, chance)
        finally:
            said = child.kill()
        self._offsets += list(_in_order(said, self.acked))
        with closing(Engine(self._directory, self.acked)) as successor:
            return self._fault_of(successor)

    def _fault_of(self, successor: Engine) -> str | None:
        """Send again what was answered, then what was not, twice; give what is wrong, or None."""
        for number in range(MARKET, self.acked):
            answers = successor.send(number, self._frames[number])
            if (answers["code"] != AnswerCode.DUPLICATE).any():
                return f"what frame {number} acknowledged is not there: it takes effect when it is sent again"
            if _offsets(answers) != self._offsets[number]:
                return f"what frame {number} acknowledged lies at other offsets"
        number, frame = self.acked, self._frames[self.acked]
        answers, again = successor.send(number, frame), successor.send(number, frame)
        self._offsets.append(_offsets(answers))
        if (_outcomes(answers) != frame.codes).any() or (_outcomes(again) != frame.codes).any():
            return f"frame {number}, which was under way, has another outcome"
        if _offsets(again) != _offsets(answers):
            return f"frame {number}, which was under way, took effect twice"
        return self._fault_of_chains() or self._fault_of_census() or _fault_of_state(successor)

    def _fault_of_chains(self) -> str | None:
        """Walk both logs; give what is wrong, or None."""
        manifest = read_manifest(self._directory)
        for name, entry in manifest.logs.items():
            identity = identity_of(manifest, entry.partition)
            report = LogWalk(self._directory / name, identity, lambda _: None).run()
            if report.fault is not None:
                return f"{name}: {report.fault}"
        return None

    def _fault_of_census(self) -> str | None:
        """Look for the event of each order's command where its answer says; give what is wrong, or None."""
        orders = [
            number for number in range(MARKET, self.acked) if self._frames[number].partition != REFERENCE
        ]
        events = events_of(self._directory)
        rows = joined([self._frames[number].rows for number in orders])
        offsets = np.concatenate([self._offsets[number] for number in orders])
        missing, twice = lost(events, rows, offsets), doubled(events)
        return f"{missing} events are lost, {twice} doubled" if missing or twice else None

    def fault_beside_undisturbed(self) -> str | None:
        """Send the same to an engine that nobody disturbs; give what differs, or None."""
        with closing(Engine(self._folder / "undisturbed", 0)) as undisturbed:
            sent = enumerate(self._frames[: self.acked])
            offsets = [_offsets(undisturbed.send(number, frame)) for number, frame in sent]
            state = _state(undisturbed)
        with closing(Engine(self._directory, self.acked)) as successor:
            if offsets != self._offsets or state != _state(successor):
                return "an engine that was not killed has other offsets or another state"
        return None


def _wait_for_death(child: ForkedChild, instant: Instant, chance: random.Random) -> None:
    """Wait until it is time to kill it, or until it has done so itself."""
    if instant is Instant.ANY:
        child.hear(chance.randrange(FRAMES_A_LIFE))
        pause_ns(chance.randrange(LATEST_NS))
    else:
        child.hear_to_the_end()


def _in_order(said: list[str], first: int) -> Iterator[list[int]]:
    """The offsets of each frame from number `first` on."""
    for expected, line in enumerate(said, start=first):
        number, offsets = json.loads(line)
        assert number == expected, "frames are answered in their order"
        yield offsets


def _offsets(answers: np.ndarray) -> list[int]:
    """Where each command's event is."""
    offsets: list[int] = answers["offset"].tolist()
    return offsets


def _outcomes(answers: np.ndarray) -> np.ndarray:
    """What became of each command, the first time it was sent."""
    return np.where(answers["code"] == AnswerCode.DUPLICATE, answers["original_code"], answers["code"])


def _state(engine: Engine) -> dict[int, str]:
    """The digest of each partition's state."""
    return {number: partition.kernel.digest() for number, partition in engine.transport.partitions.items()}


def _fault_of_state(engine: Engine) -> str | None:
    """The projector has folded the whole log; the partition may have begun from a snapshot."""
    if engine.transport.projectors[0].digest() != engine.transport.partitions[0].kernel.digest():
        return "the fold of the log is another state"
    return None


HARNESS = Harness(
    "engine_kill_run", "kills", KILLS_A_DIRECTORY, judge, places=(disk(), memory()), code=ALL_CODE
)

if __name__ == "__main__":
    sys.exit(main_of(HARNESS))
