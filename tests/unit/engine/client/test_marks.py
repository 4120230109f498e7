"""Which prices become marks: one an interval, the latest, and only beyond the band."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.client.marks import MarkGate
from engine.errors import OutcomeUnknown
from engine.limits import MARK_AHEAD_NS_MAX, PPM
from engine.vocabulary import AnswerCode, Reason
from tests.unit.engine.client.conftest import Desk

INTERVAL_NS = 100
BAND_PPM = 1_000


def log_due(gate: MarkGate, now_ns: int) -> dict[int, int]:
    """Log every mark that is due; gives them, handle to price."""
    due = gate.due(now_ns)
    for instrument, price in due.items():
        gate.note_logged(instrument, price, now_ns)
    return due


def logged(ticks: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The (time, price) marks of one instrument whose ticks are (time, price)."""
    gate = MarkGate(INTERVAL_NS)
    marks = []
    for now_ns, price in ticks:
        gate.offer(1, price, BAND_PPM)
        marks += [(now_ns, due) for due in log_due(gate, now_ns).values()]
    return marks


def test_the_first_price_is_a_mark_at_once() -> None:
    assert logged([(0, 100_000)]) == [(0, 100_000)]


def test_within_the_interval_only_the_latest_counts() -> None:
    ticks = [(0, 100_000), (10, 110_000), (50, 120_000), (100, 130_000), (150, 90_000), (200, 80_000)]

    assert logged(ticks) == [(0, 100_000), (100, 130_000), (200, 80_000)]


def test_a_move_within_the_band_is_no_mark_until_it_adds_up() -> None:
    ticks = [(0, 100_000), (100, 100_100), (200, 99_900), (300, 100_101), (400, 100_201)]

    assert logged(ticks) == [(0, 100_000), (300, 100_101)]


def test_what_waits_is_logged_without_another_price() -> None:
    gate = MarkGate(INTERVAL_NS)
    gate.offer(1, 100_000, BAND_PPM)
    log_due(gate, 0)
    gate.offer(1, 110_000, BAND_PPM)

    assert log_due(gate, 99) == {}
    assert log_due(gate, 100) == {1: 110_000}
    assert log_due(gate, 300) == {}


def test_instruments_wait_for_themselves() -> None:
    gate = MarkGate(INTERVAL_NS)
    gate.offer(1, 100_000, BAND_PPM)
    log_due(gate, 0)
    gate.offer(1, 110_000, BAND_PPM)
    gate.offer(2, 5, BAND_PPM)

    assert log_due(gate, 50) == {2: 5}


def test_a_mark_is_due_until_it_is_logged() -> None:
    gate = MarkGate(INTERVAL_NS)
    gate.offer(1, 100_000, BAND_PPM)

    assert gate.due(0) == gate.due(1) == {1: 100_000}
    gate.note_logged(1, 100_000, 1)
    assert gate.due(2) == {}


def test_a_price_that_came_while_another_was_logged_goes_on_waiting() -> None:
    gate = MarkGate(INTERVAL_NS)
    gate.offer(1, 110_000, BAND_PPM)
    gate.note_logged(1, 100_000, 0)

    assert gate.due(INTERVAL_NS) == {1: 110_000}


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 10**6)), max_size=60))
def test_marks_keep_interval_and_band(steps: list[tuple[int, int]]) -> None:
    now_ns, ticks = 0, []
    for step, price in steps:
        now_ns += step
        ticks.append((now_ns, price))

    marks = logged(ticks)

    for (before_ns, before), (after_ns, after) in pairwise(marks):
        assert after_ns - before_ns >= INTERVAL_NS
        assert abs(after - before) * PPM > before * BAND_PPM
    assert set(marks) <= set(ticks)


def test_offered_prices_reach_the_log_conflated(desk: Desk) -> None:
    start_ns = desk.transport.now_ns()
    offers = ((0, 101), (1, 102), (10**9, 103))

    acks = []
    for at, price in offers:
        desk.transport.clock_ns = start_ns + at
        acks.append(desk.admin.offer_marks({"AAPL": price}, ts_event=start_ns + at))

    assert [len(one) for one in acks] == [1, 0, 1]
    assert desk.transport.logs[0].kernel.tables.instruments["mark"][1] == 10_300


def test_an_error_keeps_no_mark_from_the_next_offer(desk: Desk) -> None:
    start_ns = desk.transport.now_ns() + 10**9

    def fail(partition: int, rows: np.ndarray) -> None:
        raise OutcomeUnknown("the line is dead")

    desk.transport.before = fail
    with pytest.raises(OutcomeUnknown):
        desk.admin.offer_marks({"AAPL": 101, "BTC-USD": 90_000}, ts_event=start_ns)
    desk.transport.before = lambda partition, rows: None
    acks = desk.admin.offer_marks({}, ts_event=start_ns + 1)

    assert len(acks) == 2
    assert list(desk.transport.logs[0].kernel.tables.instruments["mark"][1:3]) == [10_100, 900_000]


def test_a_mark_that_is_set_reaches_every_partition(wide_desk: Desk) -> None:
    acks = wide_desk.admin.set_mark("AAPL", "99.99")

    assert [ack.partition for ack in acks] == [0, 1, 2]
    for number in wide_desk.transport.partitions:
        assert wide_desk.transport.logs[number].kernel.tables.instruments["mark"][1] == 9_999


def test_a_mark_that_comes_again_changes_nothing_whatever_its_senders_clock_says(desk: Desk) -> None:
    """Each of these was the latest once: sent again, none may bring its price back."""
    now_ns = desk.transport.now_ns()
    marks = [("101", now_ns + MARK_AHEAD_NS_MAX), ("102", now_ns + MARK_AHEAD_NS_MAX + 1)]

    first = [desk.admin.set_mark("AAPL", price, ts_event=at)[0].code for price, at in marks]
    again = [desk.admin.set_mark("AAPL", price, ts_event=at)[0].code for price, at in marks]
    desk.transport.clock_ns += MARK_AHEAD_NS_MAX
    later = [desk.admin.set_mark("AAPL", price, ts_event=at)[0].code for price, at in marks]

    assert first == [AnswerCode.ACCEPTED] * 2
    assert again == later == [AnswerCode.DUPLICATE] * 2
    assert desk.transport.logs[0].kernel.tables.instruments["mark"][1] == 10_200


def test_a_mark_of_the_same_time_and_another_price_is_not_newer(desk: Desk) -> None:
    at = desk.transport.now_ns()
    prices = ["101", "102", "101"]

    codes = [desk.admin.set_mark("AAPL", price, ts_event=at)[0].code for price in prices]

    assert codes == [AnswerCode.ACCEPTED, AnswerCode.DUPLICATE, AnswerCode.DUPLICATE]


def test_a_mark_without_a_time_does_not_make_a_dated_one_new_again(desk: Desk) -> None:
    at = desk.transport.now_ns() + MARK_AHEAD_NS_MAX

    codes = [desk.admin.set_mark("AAPL", "101", ts_event=ns)[0].code for ns in (at, 0, at)]

    assert codes == [AnswerCode.ACCEPTED, AnswerCode.ACCEPTED, AnswerCode.DUPLICATE]


def test_a_mark_of_the_future_is_refused(desk: Desk) -> None:
    digests = desk.transport.digests()
    at = desk.transport.now_ns() + 3_600 * 10**9

    ack = desk.admin.set_mark("AAPL", "101", ts_event=at)[0]

    assert (ack.code, ack.reason) == (AnswerCode.INVALID, Reason.BAD_TIME)
    assert "ahead of the partition's clock" in str(ack)
    assert desk.transport.digests() == digests
