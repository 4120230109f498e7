"""Several act on one order at one version: one takes effect, every other is told the truth."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from actors.ray_transport import RayTransport
from engine.rows.commands import command_rows
from engine.rows.layout import joined
from engine.vocabulary import AnswerCode, CommandKind, EventKind, Lane, Scope
from tests.cluster.engine_process import Desk
from tests.cluster.log_census import events_of

ROUNDS = 25
"""Enough for each side to be first now and then."""

ORDERS = 2
"""Orders made to get one: every fiftieth is refused."""

CHANGES = (
    EventKind.REPLACE_REQUESTED,
    EventKind.REPLACE_DENIED,
    EventKind.CANCEL_REQUESTED,
    EventKind.CANCEL_DENIED,
)

Answer = np.void
"""One ANSWER row."""


@pytest.fixture(scope="module")
def rival(desk: Desk) -> Iterator[RayTransport]:
    """A second client, with a session of its own."""
    transport = RayTransport(desk.engine.directory, desk.engine.config, time.time_ns)
    yield transport
    transport.close()


def race(desk: Desk, rival: RayTransport, one: np.ndarray, other: np.ndarray) -> tuple[Answer, Answer]:
    """Send two commands at the same moment, each by a client of its own."""
    line = threading.Barrier(2)

    def send(transport: RayTransport, rows: np.ndarray) -> Answer:
        line.wait()
        answer: Answer = transport.deliver(0, rows)[0][0]
        return answer

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send, desk.transport, one)
        second = pool.submit(send, rival, other)
        return first.result(30), second.result(30)


def live_order(desk: Desk) -> tuple[np.ndarray, int, int]:
    """The submit row of a fresh order that its venue has acknowledged, its version, and its first offset."""
    rows, codes = desk.flow.wave(ORDERS)
    first = int(np.argmax(codes == AnswerCode.ACCEPTED))
    acknowledged = ORDERS  # the venue's reports follow the submits, one for each that is accepted
    answers = desk.deliver(joined([rows[first : first + 1], rows[acknowledged : acknowledged + 1]]))
    assert answers["code"].tolist() == [AnswerCode.ACCEPTED] * 2
    return rows[first : first + 1], int(answers["version"][1]), int(answers["offset"][0])


def replace(order: np.ndarray, version: int, *, qty: int) -> np.ndarray:
    """The owner's second command: another quantity, at this version only."""
    row = order.copy()
    row["kind"], row["seq"], row["expected_version"], row["qty"] = CommandKind.REPLACE_ORDER, 2, version, qty
    row["text"] = b"R%d" % qty + order["text"][0][1:]
    return row


def operator_cancel(order: np.ndarray, version: int, request: int) -> np.ndarray:
    """An operator's cancel of the order, at this version only."""
    row = command_rows(1)
    for name in ("order_id_hi", "order_id_lo"):
        row[name] = order[name]
    row["kind"], row["lane"], row["expected_version"] = CommandKind.CANCEL_ORDER, Lane.OPERATOR, version
    row["request_hi"], row["request_lo"] = 77, request
    return row


def changes_of(desk: Desk, order: np.ndarray, begin: int) -> list[EventKind]:
    """What was asked of an order that begins at this offset after its submit, as the log has it."""
    events = events_of(desk.engine.directory, begin)
    own = events[
        (events["order_id_hi"] == order["order_id_hi"][0])
        & (events["order_id_lo"] == order["order_id_lo"][0])
    ]
    return [EventKind(kind) for kind in own["kind"] if kind in CHANGES]


def test_of_two_owners_with_different_wishes_one_is_accepted(desk: Desk, rival: RayTransport) -> None:
    for _ in range(ROUNDS):
        order, version, begin = live_order(desk)

        answers = race(desk, rival, replace(order, version, qty=50), replace(order, version, qty=60))

        winner, loser = sorted(answers, key=lambda answer: int(answer["code"]))
        assert winner["code"] == AnswerCode.ACCEPTED
        assert loser["code"] == AnswerCode.VERSION_CONFLICT
        assert loser["version"] == winner["version"] == version + 1
    assert changes_of(desk, order, begin) == [EventKind.REPLACE_REQUESTED]


def test_two_owners_with_the_same_wish_are_one(desk: Desk, rival: RayTransport) -> None:
    for _ in range(ROUNDS):
        order, version, begin = live_order(desk)
        wish = replace(order, version, qty=50)

        answers = race(desk, rival, wish, wish.copy())

        winner, again = sorted(answers, key=lambda answer: int(answer["code"]))
        assert winner["code"] == AnswerCode.ACCEPTED
        assert again["code"] == AnswerCode.DUPLICATE
        assert again["original_code"] == AnswerCode.ACCEPTED
        assert again["offset"] == winner["offset"]
    assert changes_of(desk, order, begin) == [EventKind.REPLACE_REQUESTED]


def test_of_an_owner_and_an_operator_at_one_version_one_is_accepted(desk: Desk, rival: RayTransport) -> None:
    for number in range(ROUNDS):
        order, version, begin = live_order(desk)
        cancel = operator_cancel(order, version, request=number)

        answers = race(desk, rival, replace(order, version, qty=50), cancel)

        codes = sorted(int(answer["code"]) for answer in answers)
        assert codes == [AnswerCode.ACCEPTED, AnswerCode.VERSION_CONFLICT]
        assert len(changes_of(desk, order, begin)) == 1
        if answers[0]["code"] == AnswerCode.VERSION_CONFLICT:
            assert desk.deliver(replace(order, version + 1, qty=50))["code"] != AnswerCode.GAP, (
                "the owner's number was not consumed"
            )


def test_a_kill_waits_for_no_owner_and_asks_each_order_once(desk: Desk, rival: RayTransport) -> None:
    for number in range(ROUNDS):
        order, version, begin = live_order(desk)
        kill = command_rows(1)
        kill["kind"], kill["lane"], kill["scope"] = CommandKind.MASS_CANCEL, Lane.OPERATOR, Scope.ACCOUNT
        kill["account"], kill["request_hi"], kill["request_lo"] = order["account"], 78, number

        owned, killed = race(desk, rival, replace(order, version, qty=50), kill)
        again = desk.deliver(kill)[0]

        assert killed["code"] == AnswerCode.ACCEPTED
        assert again["code"] == AnswerCode.DUPLICATE
        assert again["offset"] == killed["offset"]
        asked = changes_of(desk, order, begin)
        assert asked.count(EventKind.CANCEL_REQUESTED) == 1
        assert asked.count(EventKind.REPLACE_REQUESTED) == int(owned["code"] == AnswerCode.ACCEPTED)
        if owned["code"] != AnswerCode.ACCEPTED:
            assert owned["code"] == AnswerCode.VERSION_CONFLICT
