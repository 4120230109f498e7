"""What a stretch of a log did: events by kind, orders, positions, profit, and the state that it left."""

from typing import NamedTuple

from actors.folds.figures import account_handles, changed, positions, profit, require_accounts
from actors.folds.log_fold import LogFold
from actors.folds.replay_document import Lines, Window
from actors.folds.state_marks import mark_of
from actors.folds.tally import Tally, id_texts
from actors.roles.snapshots import Found
from engine.errors import BadRequest

MARKS_MAX = 10_000
"""Marks of one window: each digests the whole state, and has some 600 bytes in a document."""

ORDER_IDS_MAX = 100
"""Ids of orders that a window lists: the rest is a read of the log away."""


class Stretch(NamedTuple):
    """What is asked for: events from `begin` to before `end`, of these accounts (of all if there is none).

    A mark is made at the beginning, at every `marks_every`-th event, 0 for none of those, and at the end.
    """

    begin: int
    end: int
    accounts: tuple[str, ...] = ()
    marks_every: int = 0

    def mark_positions(self) -> list[int]:
        """Where marks are made, ascending; BadRequest if there are too many."""
        inner = range(self.begin, self.end, self.marks_every or max(1, self.end - self.begin))
        if len(inner) > MARKS_MAX:
            raise BadRequest(
                f"{len(inner):,} digests of the state between offsets {self.begin:,} and {self.end:,}: ask"
                f" for {MARKS_MAX:,} at most, by a larger --digest-every or a shorter window"
            )
        return sorted({*inner, self.end})


def replay_window(fold: LogFold, name: str, stretch: Stretch, found: Found) -> Window:
    """Fold up to a stretch and through it, and say what it did; BadRequest for an account that nobody knows.

    `fold` is of the log `name` and not past the beginning; `found` is what it began from.
    """
    begin, *further = stretch.mark_positions()
    tables, tally = fold.kernel.tables, Tally()
    fold.fold_to(begin)
    marks = [mark_of(fold)]
    # An account may be defined in the stretch: then it had nothing before.
    early = list(account_handles(tables, stretch.accounts).values())
    had_any = bool(early) or not stretch.accounts
    lines_before = positions(tables, early) if had_any else {}
    profit_before = profit(tables, early) if had_any else []
    for position in further:
        fold.fold_to(position, tally.add)
        marks.append(mark_of(fold))
    handles = require_accounts(tables, stretch.accounts)
    ids = tally.order_ids(handles)
    begin_ns, end_ns = _times(fold, stretch)
    return Window(
        log=name,
        log_uuid=fold.log.log_uuid.hex(),
        begin=begin,
        end=stretch.end,
        begin_ns=begin_ns,
        end_ns=end_ns,
        folded_from=found.next_offset,
        told=found.told,
        events=tally.events(handles),
        orders=len(ids),
        order_ids=id_texts(ids[:ORDER_IDS_MAX]),
        positions=Lines(*changed(lines_before, positions(tables, handles))),
        profit=Lines(profit_before, profit(tables, handles)),
        marks=marks,
    )


def _times(fold: LogFold, stretch: Stretch) -> tuple[int, int]:
    """The times of the blocks that have the first and the last event of a stretch."""
    if stretch.begin == stretch.end:
        return 0, 0
    first, last = (fold.log.read_block(offset).header for offset in (stretch.begin, stretch.end - 1))
    return first.append_ts_last_ns, last.append_ts_last_ns
