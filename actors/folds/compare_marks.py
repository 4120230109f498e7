"""States as digests: what another release or another machine has printed, beside a fold of the log here."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from actors.folds.findings import Difference, Event, Finding, NotComparable
from actors.folds.replay_document import ReplayDocument
from actors.folds.state_marks import Mark
from storage.log_reader import LogReader

COMPARED = "digests of the state and hashes of blocks, at the offsets that a document has"


class Marked(NamedTuple):
    """One side: marks of a log, in ascending order, and the log itself where it is here."""

    log_uuid: str
    marks: Iterable[Mark]
    log: LogReader | None = None

    def only(self, offsets: Collection[int]) -> "Marked":
        """The same with the marks at these offsets."""
        return self._replace(marks=[mark for mark in self.marks if mark.offset in offsets])


def compare_marks(name: str, left: Marked, right: Marked) -> Finding:
    """Compare marks at the same offsets; NotComparable if there are none, or if they are of two logs."""
    if left.log_uuid != right.log_uuid:
        raise NotComparable(
            f"{name} is log {left.log_uuid} in A and {right.log_uuid} in B: digests of two runs differ by"
            " their times; compare the logs themselves"
        )
    equal_to, state = 0, ("", "")
    for ours, theirs in zip(left.marks, right.marks, strict=True):
        assert ours.offset == theirs.offset, "both sides have marks at the same offsets"
        state = (ours.state, theirs.state)
        if ours.block != theirs.block or ours.state != theirs.state:
            difference = _difference(name, equal_to, ours, theirs, left.log or right.log)
            return Finding(name, COMPARED, ours.offset, state, difference)
        equal_to = ours.offset
    if not state[0]:
        raise NotComparable(
            f"the documents have no offset of {name} in common: print them for the same window"
        )
    return Finding(name, COMPARED, equal_to, state, None)


def require_layout(document: ReplayDocument, path: Path, layout: str) -> None:
    """Raise NotComparable where a document's states have other columns than those of this layout."""
    if document.layout != layout:
        raise NotComparable(
            f"{path} is of code {document.code[:12]}, whose tables have other columns: its digests differ"
            " in any case"
        )


def _difference(name: str, equal_to: int, ours: Mark, theirs: Mark, log: LogReader | None) -> Difference:
    """The event, or the stretch of events, after which the marks first differ."""
    if ours.block != theirs.block:
        return _of_blocks(equal_to, ours.offset)
    tables = [table for table in ours.tables if ours.tables[table] != theirs.tables.get(table)]
    what = f"the events are the same, the states differ in {', '.join(tables) or 'bytes'}"
    is_event = ours.offset - equal_to == 1
    event = Event.at(log, equal_to) if log is not None and is_event else Event("", "")
    if ours.offset == 0:
        says = f"{what} before the first one"
    elif is_event:
        says = f"{what}, first after offset {equal_to:,}, {event}".rstrip(", ")
    else:
        says = (
            f"{what} after one of offsets {equal_to:,} to {ours.offset - 1:,}: for the event, print the"
            f" document again with --log {name} --from {equal_to} --to {ours.offset} --digest-every"
            f" {_finer(ours.offset - equal_to)}, and compare that"
        )
    return Difference("state", equal_to, is_event, *event, [], tables, says)


def _of_blocks(equal_to: int, offset: int) -> Difference:
    """A block may differ in an event behind the mark, so no event is known."""
    says = (
        f"the events differ: the block that has offset {offset - 1:,} is another one, and those before offset"
        f" {equal_to:,} are the same: compare the logs themselves for the event"
    )
    return Difference("events", equal_to, False, "", "", [], [], says)


def _finer(events: int) -> int:
    """How far apart the next marks are best: single events, or a thousand stretches."""
    return max(1, events // 1_000)
