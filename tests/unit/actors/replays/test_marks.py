"""Marks of a replay: each is newer than the one before, so that the engine takes it."""

from actors.replays.command_draft import CommandDraft, Source
from actors.replays.marks import Marks
from engine.config import MarksConfig

NOON_NS = 1_795_176_000 * 10**9


def test_two_marks_of_one_message_have_two_times() -> None:
    draft, source = CommandDraft(), Source(1, 1, 20261120)
    draft.begin(source, row=0, time_ns=NOON_NS, source_id=0)
    marks = Marks(draft, source, MarksConfig())

    marks.observe(NOON_NS, 100)
    marks.reach(NOON_NS, 1_000, is_buy=True)

    rows = draft.take(len(draft))
    assert rows["price"].tolist() == [100, 1_000]
    assert rows["ts_event"].tolist() == [NOON_NS, NOON_NS + 1]
