"""Compiles the folds and reads of projections, so that no reader waits for the compiler."""

import numpy as np

from engine.kernel.tables import Capacity, new_tables
from engine.kernel.views import views_of
from engine.projections.books import new_books
from engine.projections.changes import PUBLISHED, changed_slots, copy_rows, new_changes
from engine.projections.folding import fold_projection
from engine.reads import questions
from engine.reads.answering import State, find_answer
from engine.reads.position_rows import take_positions
from engine.reads.risk_tables import RiskView
from engine.reads.sum_rows import exposure_of, profit_of
from engine.rows.events import HEAD, event_rows

_SMALL = Capacity(*[16] * len(Capacity._fields))
_ID = bytes(questions.ID_BYTES)
_GROUPS: tuple[questions.GroupBy, ...] = ("account", "strategy", "instrument")
_QUESTIONS: tuple[questions.AnyQuestion, ...] = (
    questions.ReadOrders(),
    questions.ReadOrders(order_ids=_ID),
    questions.ReadPositions(account=1),
    *(questions.ReadExposure(by=by) for by in _GROUPS),
    *(questions.ReadProfit(by=by) for by in _GROUPS),
    questions.ReadBook(instrument=1),
    questions.ReadLastSeqs(order_ids=_ID),
    questions.ReadHistory(order_id=_ID),
    questions.ReadEvents(),
    questions.ReadStatus(),
)


def warm_up_projections() -> None:
    """Call every native entry of the projections once, with the types it is called with in earnest."""
    tables = new_tables(_SMALL)
    books, changes = new_books(_SMALL.orders, _SMALL.instruments), new_changes(tables)
    fold_projection(views_of(event_rows(1)), 0, tables, books, changes, 1)
    state = State(tables, books, lambda offsets: np.zeros((len(offsets), HEAD.itemsize), np.uint8))
    for question in _QUESTIONS:
        find_answer(state, question)
    words = np.zeros((1, 1), np.uint64)
    copy_rows(words, words, changed_slots(changes.positions))
    _warm_up_views(RiskView(tables.firm, *(getattr(tables, name) for name in PUBLISHED)))


def _warm_up_views(tables: RiskView) -> None:
    """The same reads as of a mapped view, whose arrays can't be written: other types to the compiler."""
    for table in tables:
        table.flags.writeable = False
    for by in _GROUPS:
        exposure_of(tables, by, 1)
        profit_of(tables, by, 1)
    take_positions(tables, 1, 0, 0)
