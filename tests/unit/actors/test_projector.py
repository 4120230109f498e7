"""A projector ends in the state of the log, however it is told of it, and answers as of an exact position."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.roles.projector import NOTHING, Projector
from engine.client.catalog import SLOTS, Catalog
from engine.client.facts import catalog_question, learn_catalog
from engine.errors import BadRequest, NotReady
from engine.kernel.kernel import Kernel
from engine.reads.answers import decode_answer, table_of
from engine.reads.questions import (
    AnyQuestion,
    ReadBook,
    ReadExposure,
    ReadHistory,
    ReadLastSeqs,
    ReadOrders,
    ReadPositions,
    ReadProfit,
    ReadStatus,
    encode_question,
)
from engine.reads.table import Table
from engine.rows.events import HEAD
from engine.vocabulary import Life
from tests.unit.actors.flow_blocks import MemoryLog, flow_log, small_projector, state_of
from tests.unit.engine.projections.books_oracle import levels_of_orders
from tests.unit.engine.projections.made_flow import SMALL, MadeFlow


@cache
def made() -> tuple[MadeFlow, MemoryLog]:
    return flow_log(seed=21, frames=40)


def folded() -> Projector:
    """A projector that has folded the whole made log."""
    projector = small_projector(made()[1])
    projector.step()
    return projector


def ask(projector: Projector, question: AnyQuestion) -> Table:
    """The table that a question gives, by way of its bytes."""
    return table_of([decode_answer(projector.read(encode_question(question)))])


def test_the_projection_has_the_digest_of_the_kernel_that_decided() -> None:
    flow, log = made()

    projector = folded()

    assert projector.applied_offset == log.tip_offset() - 1
    assert projector.digest() == flow.kernel.digest()


def test_nothing_is_applied_before_the_first_event() -> None:
    assert small_projector(MemoryLog([])).step() == NOTHING == -1


@settings(max_examples=40)
@given(pushes=st.lists(st.tuples(st.integers(0, 60), st.integers(-1, 3_000)), max_size=12))
def test_pushes_that_are_doubled_reordered_late_or_wrong_change_nothing(
    pushes: list[tuple[int, int]],
) -> None:
    """Each push makes some blocks visible and tells some position, which may be behind, ahead or nonsense."""
    flow, log = made()
    growing = MemoryLog(log.chain, visible=0)
    projector = small_projector(growing)
    for visible, position in pushes:
        growing.visible = max(growing.visible, min(visible, len(log.chain)))
        projector.step(None if position < 0 else position)
        assert projector.applied_offset <= growing.tip_offset() - 1
    growing.visible = len(log.chain)
    projector.step(growing.tip_offset())

    assert state_of(projector) == state_of(folded())
    assert projector.digest() == flow.kernel.digest()


def test_the_same_push_twice_folds_no_event_twice() -> None:
    projector = folded()
    before = state_of(projector)

    assert projector.step(made()[1].tip_offset()) == projector.step() == before[2]
    assert state_of(projector) == before


def test_a_push_that_got_lost_costs_only_time() -> None:
    _, log = made()
    growing = MemoryLog(log.chain, visible=3)
    projector = small_projector(growing)
    projector.step(growing.tip_offset())
    growing.visible = len(log.chain)

    projector.step(log.tip_offset())

    assert state_of(projector) == state_of(folded())


def test_a_gap_in_the_log_is_refused() -> None:
    _, log = made()
    projector = small_projector(MemoryLog(log.chain[:3] + log.chain[5:]))

    with pytest.raises(AssertionError, match="are missing from the log"):
        projector.step()


@pytest.mark.parametrize("stride", [1, 7, 64])
def test_stopping_in_the_middle_of_blocks_ends_in_the_same_state(stride: int) -> None:
    _, log = flow_log(seed=4, frames=6)
    stopping, straight = small_projector(log), small_projector(log)
    for offset in range(0, log.tip_offset() + stride, stride):
        assert stopping.step(upto=offset) == min(offset, log.tip_offset() - 1)

    straight.step()

    assert state_of(stopping) == state_of(straight)


def test_a_read_as_of_an_offset_is_the_fold_of_exactly_the_events_up_to_it() -> None:
    _, log = made()
    projector = small_projector(log)
    for upto in (25, 26, 400, 401):
        projector.step(upto=upto)
        kernel = Kernel(SMALL)
        for block in log.chain:
            rows = block.rows(HEAD)[: max(0, upto + 1 - block.header.base_offset)].copy()
            if len(rows):
                kernel.fold(rows, block.header.append_ts_last_ns)

        assert projector.digest() == kernel.digest()
        assert ask(projector, ReadPositions()).as_of == {0: upto}


def test_an_answer_waits_for_the_position_it_must_reflect() -> None:
    _, log = made()
    growing = MemoryLog(log.chain, visible=2)
    projector = small_projector(growing)
    wanted = growing.tip_offset()
    with pytest.raises(NotReady, match=f"asked for {wanted}"):
        ask(projector, ReadExposure(min_position=wanted))
    growing.visible = 6

    assert ask(projector, ReadExposure(min_position=wanted)).as_of[0] >= wanted


def test_lag_counts_what_is_known_and_not_yet_folded() -> None:
    _, log = made()
    last_ns = log.chain[9].header.append_ts_last_ns
    projector = small_projector(log, clock=lambda: last_ns + 3 * 10**9)
    upto = log.chain[9].header.next_offset - 1
    projector.step(log.tip_offset(), upto=upto)

    table = ask(projector, ReadPositions())

    assert table.lag_events == log.tip_offset() - 1 - upto
    assert table.lag_seconds == 3.0
    projector.step()
    assert (ask(projector, ReadPositions()).lag_events, projector.lag_seconds) == (0, 0.0)


def test_the_book_that_is_read_is_that_of_the_orders() -> None:
    projector = folded()
    wanted = levels_of_orders(projector.tables)
    found = {}
    for instrument in range(1, 5):
        rows = ask(projector, ReadBook(instrument=instrument, levels=500)).raw
        for row in rows:
            found[instrument, int(row["side"]), int(row["price"])] = (int(row["qty"]), int(row["orders"]))
        for side, sign in ((ord("1"), -1), (ord("2"), 1)):
            prices = rows["price"][rows["side"] == side]
            assert (np.diff(sign * prices) > 0).all()

    assert found == wanted


def test_fewer_levels_are_the_best_ones() -> None:
    projector = folded()

    every, best = (ask(projector, ReadBook(instrument=3, levels=n)).raw for n in (500, 2))

    assert best.tobytes() == every[every["level"] <= 2].tobytes()


def test_orders_by_id_come_in_the_order_asked_for_and_unknown_ones_are_left_out() -> None:
    projector = folded()
    newest = ask(projector, ReadOrders(limit=3))
    ids = [bytes.fromhex(order) for order in newest["order_id"]]
    wanted = b"".join([ids[2], bytes(16), ids[0]])

    assert ask(projector, ReadOrders(order_ids=wanted))["order_id"] == [
        newest["order_id"][2],
        newest["order_id"][0],
    ]


def test_open_orders_of_an_account_are_those_with_something_left() -> None:
    projector = folded()

    table = ask(projector, ReadOrders(account=2, is_open=True, limit=5_000))

    orders = projector.tables.orders
    leaves = [(row.account, row.leaves_qty > 0) for row in table]
    assert set(leaves) == {("ACC-2", True)}
    ours = orders[orders["account"] == 2]
    # All of them are good for the day: done for it, nothing is left of them.
    is_live = np.isin(ours["life"], [Life.PENDING_NEW, Life.NEW, Life.SUSPENDED])
    is_open = is_live & (ours["order_qty"] > ours["cum_qty"])
    assert len(table) == int(is_open.sum())


def test_an_answer_says_whether_there_were_more_orders() -> None:
    projector = folded()
    used = int(projector.tables.firm["orders"][0])

    assert ask(projector, ReadOrders(limit=used - 1)).has_more
    assert not ask(projector, ReadOrders(limit=used)).has_more


def test_the_history_of_an_order_is_all_of_its_events_in_order() -> None:
    projector = folded()
    events = made()[1].events()
    for order in ask(projector, ReadOrders(limit=200)):
        history = ask(projector, ReadHistory(order_id=bytes.fromhex(order.order_id)))
        hi, lo = int(order.order_id[:16], 16), int(order.order_id[16:], 16)
        own = (events["order_id_hi"] == hi) & (events["order_id_lo"] == lo)

        assert history["offset"] == own.nonzero()[0].tolist()
        assert history["version"][-1] == order.version


def test_last_seqs_are_those_of_the_orders_and_0_for_an_unknown_one() -> None:
    projector = folded()
    order = ask(projector, ReadOrders(limit=1))[0]

    table = ask(projector, ReadLastSeqs(order_ids=bytes.fromhex(order.order_id) + bytes(16)))

    assert table["last_seq"] == [order.last_seq, 0]


def test_profit_and_exposure_name_every_account_that_trades() -> None:
    projector = folded()

    for question in (ReadExposure(), ReadProfit()):
        assert set(ask(projector, question)["account"]) == {"ACC-1", "ACC-2", "ACC-3"}


def test_status_says_how_full_the_tables_are() -> None:
    projector = folded()

    facts = {row.name: (row.used, row.capacity) for row in ask(projector, ReadStatus())}

    assert facts["orders"] == (int(projector.tables.firm["orders"][0]), SMALL.orders)
    assert facts["price_levels"][0] == len(levels_of_orders(projector.tables))


def test_the_catalog_is_answered_for_clients() -> None:
    catalog = Catalog(np.zeros(SLOTS, np.int64))

    learn_catalog(catalog, folded().read(catalog_question(-1)))

    assert catalog.instrument("SAP").price_scale == 3
    assert catalog.strategy("S-2-1").account == catalog.account("ACC-2").handle


@pytest.mark.parametrize(
    ("question", "complaint"),
    [
        (lambda: ReadBook(instrument=1, levels=0), "0 levels"),
        (lambda: ReadBook(instrument=1, levels=5_000), "5000 levels"),
        (lambda: ReadOrders(limit=10**6), "1000000 orders"),
        (lambda: ReadOrders(order_ids=b"123"), "3 bytes of order ids"),
        (lambda: ReadHistory(order_id=b""), "an order id of 0 bytes"),
        (lambda: ReadExposure(handle=-4), "handle -4 is negative"),
    ],
)
def test_a_question_that_asks_for_too_much_is_refused(
    question: Callable[[], AnyQuestion], complaint: str
) -> None:
    with pytest.raises(BadRequest, match=complaint):
        ask(folded(), question())


@pytest.mark.parametrize("data", [b"", b"\x81\xa4type\xa5stuff", b"\xc1", b"\x81\xa4type\xa4book"])
def test_a_question_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(BadRequest, match="can't be read"):
        folded().read(data)
