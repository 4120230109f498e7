"""Every kind of answer, as a table, over one made flow."""

from functools import cache
from typing import get_args

import numpy as np

from engine.kernel.tables import new_tables
from engine.kernel.views import views_of
from engine.projections.books import new_books
from engine.projections.changes import new_changes
from engine.projections.folding import fold_projection
from engine.reads import questions
from engine.reads.answering import State, find_answer
from engine.reads.schema import SUBJECTS
from engine.reads.table import Table
from engine.rows.commands import COMMAND, LEASE_COMMAND
from engine.vocabulary import CommandKind, Lane
from tests.unit.engine.projections.made_flow import SMALL, MadeFlow

QUESTIONS: dict[str, questions.AnyQuestion] = {
    "positions": questions.ReadPositions(),
    "orders": questions.ReadOrders(limit=50),
    "book": questions.ReadBook(instrument=1),
    **{f"exposure by {by}": questions.ReadExposure(by=by) for by in get_args(questions.GroupBy)},
    **{f"profit by {by}": questions.ReadProfit(by=by) for by in get_args(questions.GroupBy)},
    "events": questions.ReadEvents(limit=200),
    "halts": questions.ReadHalts(),
    "leases": questions.ReadLeases(),
    "status": questions.ReadStatus(),
}


@cache
def made_state() -> State:
    """What a projector knows of a made flow."""
    flow = MadeFlow(5).run(12)
    flow.decide(firm_limit())
    tables, books = new_tables(SMALL), new_books(SMALL.orders, SMALL.instruments)
    changes = new_changes(tables)
    for block in flow.blocks:
        fold_projection(views_of(block.rows), len(block.rows), tables, books, changes, block.now_ns)
    events = flow.rows
    return State(tables, books, lambda offsets: events[offsets].view(np.uint8).reshape(len(offsets), -1))


def firm_limit() -> np.ndarray:
    """What the firm may use in dollars: so that there are leases to look at."""
    rows = np.zeros(1, LEASE_COMMAND)
    rows["kind"], rows["lane"], rows["request_lo"] = CommandKind.SET_FIRM_LIMIT, Lane.OPERATOR, 2**40
    rows["currency"], rows["amount"] = b"USD", 10**15
    return rows.view(COMMAND)


def made_table(question: questions.AnyQuestion) -> Table:
    """The table that answers a question."""
    found = find_answer(made_state(), question)
    return Table(
        SUBJECTS[found.subject],
        found.rows,
        as_of={0: int(made_state().tables.firm["next_offset"][0]) - 1},
        unpriced=found.unpriced,
        has_more=found.has_more,
    )


def asked_tables() -> dict[str, Table]:
    """A table of every kind."""
    order = made_table(questions.ReadOrders(limit=1))["order_id"][0]
    about_one: dict[str, questions.AnyQuestion] = {
        "history": questions.ReadHistory(order_id=bytes.fromhex(order)),
        "last_seqs": questions.ReadLastSeqs(order_ids=bytes.fromhex(order)),
    }
    return {name: made_table(question) for name, question in {**QUESTIONS, **about_one}.items()}
