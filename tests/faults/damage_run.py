"""Stored bytes are damaged in all ways, as often as wanted: `verify` finds it, names the place, and lives.

    python -m tests.faults.damage_run --damages 10000 --seed 1

Whether a damage has an effect is decided without the verifier: by reading every record again with LMDB alone,
and looking for every block by its offsets (`raw_reading`); by the content of a checkpoint's or snapshot's
file; by the JSON of the manifest. If one of them reads other than before, `verify_directory` must report a
fault in a file that does, and in the segment where the first other record is. What has no effect lies in
pages that no committed record uses.
"""

import faulthandler
import json
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count, islice, zip_longest
from multiprocessing.util import Finalize
from pathlib import Path
from types import TracebackType
from typing import NamedTuple
from unittest.mock import patch

from storage import verifier, verify_walk
from storage.data_file import DATA_FILE
from storage.errors import StorageError
from storage.faults import FaultKind
from storage.manifest import MANIFEST_FILE, LogEntry
from storage.sightings import Sighting
from storage.verifier import verify_directory
from storage.verify_report import VerifyReport
from tests.faults.damaged_engine import DamagedEngine
from tests.faults.damages import Damage, draw_damage
from tests.faults.numbered_run import Harness, Judged, main_of
from tests.faults.raw_reading import SegmentReading, read_segment
from tests.faults.work_place import memory

AT_ONCE = 250


class ForkedWalk:
    """Stands in for the verifier's child: the same code in a fork, which need not import it first."""

    def __init__(self, log: Path, entry: LogEntry, row_bytes: int, seen: list[Sighting]) -> None:
        words = [one.argument() for one in seen]
        receiving, sending = os.pipe()
        self.returncode = 0
        self._child = os.fork()
        if self._child == 0:
            os.close(receiving)
            _walk_and_end([str(log), entry.uuid, str(entry.partition), str(row_bytes), *words], sending)
        os.close(sending)
        self.stdout = os.fdopen(receiving, "rb")

    def __enter__(self) -> "ForkedWalk":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stdout.close()
        _, status = os.waitpid(self._child, 0)
        self.returncode = os.waitstatus_to_exitcode(status)


def _walk_and_end(arguments: list[str], sending: int) -> None:
    """The child's life; it never returns to the parent's code."""
    faulthandler.disable()
    os.dup2(sending, 1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    sys.stdout = os.fdopen(1, "w")
    status = 1
    try:
        verify_walk.main(arguments)
        status = 0
    finally:
        os._exit(status)


@contextmanager
def forked_walks() -> Iterator[None]:
    """Let the verifier fork its children while this lasts."""
    with patch.object(verifier, "_start_walk", ForkedWalk):
        yield


class Place(NamedTuple):
    """Something that reads other than before: a file beside the logs, or the first such record of a segment.

    Attributes:
        name: of the log, or of the file.
        segment: number, 0 for a file beside the logs.
        block: of the log, counted from 0; None where it is not a block, or where nothing could be read.
    """

    name: str
    segment: int
    block: int | None


class Pristine:
    """An undamaged engine and what its segments read like."""

    def __init__(self, folder: Path) -> None:
        self.engine = DamagedEngine(folder / "engine")
        self.probes: dict[str, list[bytes]] = {}
        self.readings: dict[str, SegmentReading] = {}
        self.blocks_before: dict[str, int] = {}
        blocks = Counter[str]()
        for name in sorted(self.engine.files):
            if not name.endswith(DATA_FILE):
                continue
            path, log = self.engine.directory / name, name.split("/")[0]
            self.probes[name] = _probes_of(_read(path, []))
            self.readings[name] = _read(path, self.probes[name])
            self.blocks_before[name] = blocks[log]
            blocks[log] += len(self.readings[name].blocks)

    def places(self, damage: Damage) -> list[Place]:
        """Give what reads other than before, of the changed files; the first one first."""
        found = [self._place(name, content) for name, content in sorted(damage.changed.items())]
        return [place for place in found if place is not None]

    def _place(self, name: str, content: bytes | None) -> Place | None:
        if name.endswith(DATA_FILE):
            return self._place_in_segment(name, content)
        if name == MANIFEST_FILE:
            return None if _json(content) == _json(self.engine.files[name]) else Place(name, 0, None)
        return None if content == self.engine.files[name] else Place(name, 0, None)

    def _place_in_segment(self, name: str, content: bytes | None) -> Place | None:
        log, segment, _ = name.split("/")
        if content is None:
            return Place(log, int(segment), None)
        before, path = self.readings[name], self.engine.directory / name
        now = read_segment(path.parent, self.probes[name])
        if now == before:
            return None
        if isinstance(now, str) or now.meta != before.meta:
            return Place(log, int(segment), None)
        other = _first_other(before.blocks, now.blocks)
        return Place(log, int(segment), None if other is None else self.blocks_before[name] + other)


def _read(path: Path, probes: list[bytes]) -> SegmentReading:
    reading = read_segment(path.parent, probes)
    assert isinstance(reading, SegmentReading), f"an undamaged segment can't be read: {reading}"
    return reading


def _probes_of(reading: SegmentReading) -> list[bytes]:
    """Give the first and the last offset of each block as keys, and two behind all; a key is the last."""
    lasts = [int.from_bytes(key, "big") for key, _ in reading.blocks]
    firsts = [0, *(last + 1 for last in lasts)]
    within = [offset for pair in zip(firsts, lasts, strict=False) for offset in pair]
    return [offset.to_bytes(8, "big") for offset in (*within, lasts[-1] + 1, lasts[-1] + 2)]


def _json(content: bytes | None) -> object:
    try:
        return json.loads(content or b"")
    except ValueError:
        return None


def _first_other(before: list[tuple[bytes, bytes]], now: list[tuple[bytes, bytes]]) -> int | None:
    """Give the first block that is another, or None if only looking for one gives another."""
    others = (at for at, (old, new) in enumerate(zip_longest(before, now)) if old != new)
    return next(others, None)


@cache
def pristine() -> Pristine:
    """The engine of this process; its folder goes when the process ends."""
    folder = tempfile.TemporaryDirectory(dir=memory())
    # A process of a pool ends without a word to `atexit`.
    Finalize(None, folder.cleanup, exitpriority=0)
    return Pristine(Path(folder.name))


def judge(seed: int, numbers: range) -> Judged:
    """Give what came of the damages with these numbers."""
    judged, sound = Judged(Counter(), Counter(), []), pristine()
    for number in numbers:
        damage = damage_of(seed, number)
        sound.engine.change(damage.changed)
        places = sound.places(damage)
        word, fault = verdict(sound.engine.directory, damage, places)
        sound.engine.put_back(damage.changed)
        judged.counts[f"{damage.kind}: {word}"] += 1
        judged.counts[word] += 1
        if fault is not None:
            judged.broken.append(f"--seed {seed} --only {number}: {damage.what}: {fault}")
    return judged


def damage_of(seed: int, number: int) -> Damage:
    """The damage with this number."""
    engine = pristine().engine
    return draw_damage(engine.files, engine.older, random.Random(f"{seed} {number}"))


def numbers_of(kind: str, log: str, seed: int, most: int) -> list[int]:
    """The first numbers whose damage is of this kind and of this log's files."""
    damages = ((number, damage_of(seed, number)) for number in count())
    return list(islice((at for at, one in damages if one.kind == kind and log in one.what), most))


def verdict(directory: Path, damage: Damage, places: list[Place]) -> tuple[str, str | None]:
    """Give what came of one damage as a word, and as a sentence if that is a failure."""
    try:
        with forked_walks():
            report = verify_directory(directory)
    except (StorageError, OSError) as error:
        return "verifier failed", f"verify could not say: {error}"
    if not places:
        return without_effect(damage, report)
    if report.ok:
        return "silent", f"silent: {places[0]} reads other than before, and verify finds nothing"
    if not is_located(report, places):
        return "elsewhere", f"found, but not where it is: {report.first_fault}, not {places}"
    return "found", None


def without_effect(damage: Damage, report: VerifyReport) -> tuple[str, str | None]:
    """Give the verdict where everything reads as before: all is well, or only an unused end is gone."""
    if report.first_fault is None:
        return "no effect", None
    if damage.kind == "truncated file" and report.first_fault[1].kind == FaultKind.TRUNCATED:
        return "unused end is gone, found", None
    return "false alarm", f"false alarm: {report.first_fault}"


def is_located(report: VerifyReport, places: list[Place]) -> bool:
    """Say whether the first fault is at one of the places where something reads other than before."""
    assert report.first_fault is not None
    name, fault = report.first_fault
    if fault.kind in {FaultKind.MANIFEST, FaultKind.CHECKPOINT}:
        return any(place.name in fault.detail for place in places)
    of_log = [place for place in places if place.name == name]
    if fault.kind == FaultKind.ROLLED_BACK:
        return bool(of_log)
    return any(
        place.segment == fault.segment and (place.block is None or fault.block <= place.block + 1)
        for place in of_log
    )


HARNESS = Harness("damage_run", "damages", AT_ONCE, judge)

if __name__ == "__main__":
    sys.exit(main_of(HARNESS))
