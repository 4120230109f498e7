"""A mass cancel, and a doubt about a venue, go on where a crash has stopped them when they are sent again."""

import numpy as np
import pytest

from engine.vocabulary import AnswerCode, EventKind
from tests.model.commands import MarkInDoubt, MassCancel, SubmitOrder
from tests.model.words import Scope, Side
from tests.properties.choices import DAY_1
from tests.properties.draws import Draws
from tests.properties.flow import open_trading
from tests.properties.logged_kernel import LoggedKernel
from tests.properties.side_by_side import ROOMY, SideBySide

ORDERS = 5
_SUBMITTED = EventKind.ORDER_SUBMITTED
MASS_CANCEL = MassCancel(request_id=99, scope=Scope.ACCOUNT, account=1)
DOUBT = MarkInDoubt(request_id=99, scope=Scope.VENUE, venue=1, text=b"line is down")


@pytest.fixture(scope="module", params=[MASS_CANCEL, DOUBT], ids=["mass cancel", "doubt"])
def side(request: pytest.FixtureRequest) -> SideBySide:
    """An account's orders, and what is asked of them all, undisturbed."""
    side = SideBySide(ROOMY)
    open_trading(Draws(side))
    for n in range(ORDERS):
        side.add(_order(b"C%d" % n))
    side.send()
    side.add(request.param)
    side.send()
    return side


def events_of(side: SideBySide) -> int:
    """How many events the request has: one an order, the end, and a mass cancel's beginning."""
    return len(side.logged.log) - 1 - int(np.flatnonzero(side.logged.log["kind"] == _SUBMITTED)[-1])


def _order(cl_ord_id: bytes) -> SubmitOrder:
    return SubmitOrder(
        order_id=(DAY_1, b"ACC-1", cl_ord_id),
        trade_date=DAY_1,
        account=1,
        instrument=1,
        strategy=1,
        cl_ord_id=cl_ord_id,
        side=Side.BUY,
        qty=10,
        price=100,
    )


def after_crash(side: SideBySide, events: int) -> LoggedKernel:
    """A new kernel that has folded the log up to so many events of the request."""
    first = len(side.logged.log) - events_of(side)
    logged = LoggedKernel(ROOMY)
    logged.log = side.logged.log[: first + events].copy()
    logged.kernel.fold(logged.log, side.now)
    return logged


@pytest.mark.parametrize("events", range(ORDERS + 2))
def test_it_ends_in_the_log_and_state_of_one_that_nothing_interrupted(side: SideBySide, events: int) -> None:
    logged = after_crash(side, min(events, events_of(side) - 1))
    frame = side.sent[-1]

    answers = logged.decide(frame.commands.copy(), frame.now_ns)
    logged.commit(frame.now_ns, 1)

    assert answers.tobytes() == frame.answers.tobytes()
    assert answers["cum_qty"] == ORDERS
    assert logged.log.tobytes() == side.logged.log.tobytes()
    assert logged.kernel.digest() == side.logged.kernel.digest()


def test_after_its_end_it_is_a_repetition(side: SideBySide) -> None:
    logged = after_crash(side, events_of(side))
    frame = side.sent[-1]

    answers = logged.decide(frame.commands.copy(), frame.now_ns)

    assert answers["code"] == AnswerCode.DUPLICATE
    assert answers["offset"] == frame.answers["offset"]
