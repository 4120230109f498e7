"""Compares two sides, log by log, each in the way that fits what they are."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from actors.folds.compare_logs import LogPair, compare_logs
from actors.folds.compare_marks import Marked, compare_marks, require_layout
from actors.folds.compare_snapshot import SnapshotPair, compare_snapshot, newest_snapshot
from actors.folds.findings import Finding, NotComparable
from actors.folds.log_fold import Folded, LogFold
from actors.folds.replay_document import Window
from actors.folds.sides import Directory, Document, Side
from actors.folds.state_marks import layout_of_state, marks_at
from actors.roles.engine_files import capacity_of
from actors.roles.snapshots import snapshot_path
from engine.config import Config
from engine.kernel.tables import Capacity
from storage.log_reader import LogReader


class Asked(NamedTuple):
    """How to compare: one log or all (an empty name), up to a position or to the end, with whose capacities.

    `folded` is told how many events were looked at.
    """

    log: str
    to: int | None
    config: Config
    folded: Folded

    def capacity(self, number: int) -> Capacity:
        """The capacities of a partition, or of the reference log."""
        return capacity_of(self.config, number)


def compare(a: Side, b: Side, asked: Asked) -> list[Finding]:
    """What was found of each log that both sides have; NotComparable if they say nothing of each other."""
    findings = list(_findings(a, b, asked))
    if not findings:
        raise NotComparable(
            f"{a.path} and {b.path} have nothing to compare{' of ' * bool(asked.log)}{asked.log}"
        )
    return findings


def events_to_fold(a: Side, b: Side, log: str) -> int:
    """About how many events a comparison looks at: two logs are compared as rows, then each is folded."""
    sides = [side for side in (a, b) if isinstance(side, Directory) and not side.is_snapshot]
    events = sum(_tip(side.path / name) for side in sides for name in side.partitions() if log in ("", name))
    return events * (len(sides) + 1) // 2


def _tip(path: Path) -> int:
    with LogReader.open(path) as log:
        return log.tip_offset()


def _findings(a: Side, b: Side, asked: Asked) -> Iterator[Finding]:
    if isinstance(a, Document):
        return _of_documents(a, b, asked) if isinstance(b, Document) else _of_document(a, b, asked, 0)
    if isinstance(b, Document):
        return _of_document(b, a, asked, 1)
    if a.is_snapshot or b.is_snapshot:
        return _of_snapshots(a, b, asked)
    return _of_logs(a, b, asked)


def _of_logs(a: Directory, b: Directory, asked: Asked) -> Iterator[Finding]:
    numbers = a.partitions()
    if numbers != b.partitions():
        raise NotComparable(
            f"A has the logs {', '.join(numbers)}, B {', '.join(b.partitions())}: their accounts lie apart"
        )
    for name in _wanted(numbers, asked):
        with LogReader.open(a.path / name) as left, LogReader.open(b.path / name) as right:
            pair = LogPair(name, numbers[name], (left, right), asked.capacity(numbers[name]), asked.folded)
            yield compare_logs(pair, asked.to)


def _of_snapshots(a: Directory, b: Directory, asked: Asked) -> Iterator[Finding]:
    if a.is_snapshot and b.is_snapshot:
        raise NotComparable(f"both sides are snapshots: compare {a.path} and {b.path} each with a log")
    if asked.to is not None:
        raise NotComparable("a snapshot is of its own offset: leave out --to")
    side = 0 if a.is_snapshot else 1
    saved, logs = (a, b) if a.is_snapshot else (b, a)
    numbers = logs.partitions()
    for name in _wanted(numbers, asked):
        snapshot = newest_snapshot(snapshot_path(saved.path, numbers[name]))
        if snapshot is not None:
            with LogReader.open(logs.path / name) as log:
                yield compare_snapshot(
                    SnapshotPair(
                        name,
                        numbers[name],
                        snapshot,
                        side,
                        log,
                        asked.capacity(numbers[name]),
                        asked.folded,
                    )
                )


def _of_document(document: Document, logs: Directory, asked: Asked, side: int) -> Iterator[Finding]:
    if logs.is_snapshot:
        raise NotComparable(f"compare {document.path} with a log: a snapshot is of one offset only")
    require_layout(document.content, document.path, layout_of_state())
    numbers = logs.partitions()
    windows = document.windows()
    for name in _wanted({name: numbers[name] for name in windows if name in numbers}, asked):
        with LogReader.open(logs.path / name) as log:
            said = _marked(windows[name], asked.to)
            _require_reached(log, name, said)
            fold = LogFold(log, numbers[name], asked.capacity(numbers[name]), asked.folded)
            ours = Marked(log.log_uuid.hex(), marks_at(fold, [mark.offset for mark in said.marks]), log)
            yield compare_marks(name, *((said, ours) if side == 0 else (ours, said)))


def _of_documents(a: Document, b: Document, asked: Asked) -> Iterator[Finding]:
    require_layout(a.content, a.path, b.content.layout)
    ours, theirs = a.windows(), b.windows()
    for name in _wanted({name: 0 for name in ours if name in theirs}, asked):
        left, right = _marked(ours[name], asked.to), _marked(theirs[name], asked.to)
        common = {mark.offset for mark in left.marks} & {mark.offset for mark in right.marks}
        yield compare_marks(name, left.only(common), right.only(common))


def _wanted(numbers: dict[str, int], asked: Asked) -> list[str]:
    """The one log that was asked for, or all; NotComparable if there is none of the name."""
    if asked.log and asked.log not in numbers:
        raise NotComparable(f"there is no log {asked.log!r} on both sides: there are {', '.join(numbers)}")
    return [asked.log] if asked.log else list(numbers)


def _marked(window: Window, to: int | None) -> Marked:
    marks = [mark for mark in window.marks if to is None or mark.offset <= to]
    return Marked(window.log_uuid, marks)


def _require_reached(log: LogReader, name: str, said: Marked) -> None:
    last = max((mark.offset for mark in said.marks), default=0)
    if last > log.tip_offset():
        raise NotComparable(
            f"the document goes to offset {last:,} of {name}, the log ends at {log.tip_offset():,}: name --to"
        )
