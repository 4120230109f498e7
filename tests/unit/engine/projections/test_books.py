"""The books are what the orders say, whatever happens; and a fault in their fold is seen."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernel.jit import IS_NATIVE, entry
from engine.kernel.tables import Tables, new_tables
from engine.kernel.views import views_of
from engine.projections.books import Books, Resting, books_digest, move_resting, new_books
from engine.projections.changes import new_changes
from engine.projections.folding import fold_projection
from engine.rows.events import event_rows
from engine.vocabulary import EventKind
from tests.unit.engine.projections.books_oracle import assert_books_follow_orders, levels_of_books
from tests.unit.engine.projections.made_flow import SMALL, MadeBlock, MadeFlow, kinds_of

ROOT = Path(__file__).resolve().parents[4]

FAULTS = {
    "a fill does not shrink its level": """
def faulty(books, before, after):
    kept = after if after.qty == 0 or before.qty == 0 else after._replace(qty=before.qty)
    moved(books, before, kept)
folding.move_resting = faulty
""",
    "an order rests before the venue has accepted it": """
def faulty(order):
    found = resting(order)
    return found._replace(qty=order["order_qty"]) if order["life"] == Life.PENDING_NEW else found
folding.resting = faulty
""",
    "a canceled order stays in its level": """
def faulty(books, before, after):
    if after.qty != 0:
        moved(books, before, after)
folding.move_resting = faulty
""",
    "a new price leaves the old level behind": """
def faulty(books, before, after):
    moved(books, before._replace(qty=0) if before.price != after.price else before, after)
folding.move_resting = faulty
""",
}
NO_FAULT = "none"
PLANT = """
from engine.projections import folding
from engine.vocabulary import Life
from tests.unit.engine.projections.test_books import FAULTS, NO_FAULT, check_flow
moved, resting = folding.move_resting, folding.resting
for name, fault in {**FAULTS, NO_FAULT: ""}.items():
    folding.move_resting, folding.resting = moved, resting
    exec(fault)
    try:
        check_flow(seed=5, frames=12)
    except AssertionError:
        print(name)
"""


def fold(block: MadeBlock, tables: Tables, books: Books) -> None:
    fold_projection(
        views_of(block.rows.copy()), len(block.rows), tables, books, new_changes(tables), block.now_ns
    )


def check_flow(seed: int, frames: int) -> Books:
    """Fold a made flow and compare the books with the orders after every block."""
    tables, books = new_tables(SMALL), new_books(SMALL.orders, SMALL.instruments)
    for block in MadeFlow(seed).run(frames).blocks:
        fold(block, tables, books)
        assert_books_follow_orders(tables, books)
    return books


def test_the_made_flow_has_every_kind_of_event_an_order_can_have() -> None:
    kinds = kinds_of(MadeFlow(1).run(60).rows)

    assert {kind for kind in EventKind if kind <= EventKind.ORDER_EXPIRED} <= kinds


@settings(max_examples=15 if IS_NATIVE else 4)
@given(seed=st.integers(0, 10**6))
def test_books_are_what_the_orders_say_after_every_block(seed: int) -> None:
    assert levels_of_books(check_flow(seed, frames=40))


def test_every_fault_in_the_fold_of_the_books_is_seen_and_without_one_nothing_is() -> None:
    """The rules run plain here, so that one can be replaced; the flow is the same."""
    run = subprocess.run(
        [sys.executable, "-c", PLANT],
        cwd=ROOT,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.stderr == ""
    assert run.stdout.splitlines() == list(FAULTS)


@entry
def move_all(books, moves):  # type: ignore[no-untyped-def]
    """Apply moves: rows of book, price before, quantity before, price after, quantity after."""
    for i in range(len(moves)):
        before = Resting(moves[i, 0], moves[i, 1], moves[i, 2])
        move_resting(books, before, Resting(moves[i, 0], moves[i, 3], moves[i, 4]))


Orders = st.lists(
    st.tuples(st.integers(0, 7), st.integers(2, 5), st.integers(1, 6), st.integers(0, 3)),
    max_size=120,
)


@settings(max_examples=200)
@given(steps=Orders)
def test_levels_come_and_go_in_a_full_index_without_getting_lost(
    steps: list[tuple[int, int, int, int]],
) -> None:
    """Eight orders move among 24 levels of an index of 16 places: runs collide, wrap and close up."""
    books = new_books(orders=8, instruments=2)
    now = [(0, 0, 0)] * 8
    moves = []
    for order, book, price, qty in steps:
        old_book, old_price, old_qty = now[order]
        moves.append((old_book, old_price, old_qty, old_price, 0))
        moves.append((book, price, 0, price, qty))
        now[order] = (book, price, qty)
    move_all(books, np.array(moves, np.int64).reshape(-1, 5))

    wanted: dict[tuple[int, int], tuple[int, int]] = {}
    for book, price, qty in now:
        if qty:
            held, count = wanted.get((book, price), (0, 0))
            wanted[book, price] = (held + qty, count + 1)
    found = {
        (2 * i + (side == ord("2")), price): level
        for (i, side, price), level in levels_of_books(books).items()
    }
    assert found == wanted
    assert np.count_nonzero(books.level_index) == len(wanted)


def test_a_block_without_rows_changes_nothing() -> None:
    tables, books = new_tables(SMALL), new_books(SMALL.orders, SMALL.instruments)
    before = books_digest(books)

    fold_projection(views_of(event_rows(1)), 0, tables, books, new_changes(tables), 1)

    assert books_digest(books) == before
