"""The driver of scenarios can fail: it understands what it is given or says so, and sees a wrong number."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.data.scenario import Row, Scenario, as_delivered, paths_of, scenarios_of
from tests.data.scenario_desk import Desk, Variant

NEW_ORDER = Row("in", "NewOrder", "X", order_qty=10_000)
ACCEPTED = Row(
    "out", "Execution", "X", exec_type="New", ord_status="New", order_qty=10_000, cum_qty=0, leaves_qty=10_000
)
FILLED = ACCEPTED._replace(
    exec_type="Trade", ord_status="Filled", cum_qty=10_000, leaves_qty=0, last_qty=10_000
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("driver") / "engine")
    yield desk
    desk.close()


def faults(desk: Desk, *rows: Row) -> list[str]:
    """What goes otherwise in a scenario of these rows."""
    return desk.faults_of(Scenario("S", "made", list(rows)), Variant())


def test_a_scenario_that_holds_has_no_fault(desk: Desk) -> None:
    assert faults(desk, NEW_ORDER, ACCEPTED, FILLED) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"ord_status": "Partially Filled"}, "OrdStatus is FILLED, not PARTIALLY_FILLED"),
        ({"order_qty": 9_999}, "order_qty is 10000, not 9999"),
        ({"cum_qty": 9_999}, "cum_qty is 10000, not 9999"),
        ({"leaves_qty": 1}, "leaves_qty is 0, not 1"),
        ({"exec_type": "Guessed"}, "'Guessed' is no ExecType"),
        ({"clordid": "Y"}, "no request of this path is called Y"),
        ({"msg": "CancelReject"}, "no request of this path is called X"),
    ],
)
def test_a_row_that_goes_otherwise_is_named(desk: Desk, change: dict[str, Any], complaint: str) -> None:
    (fault,) = faults(desk, NEW_ORDER, ACCEPTED, FILLED._replace(**change))

    assert fault.startswith("S, path 1: time 0: ")
    assert complaint in fault


def test_a_refusal_by_the_engine_is_no_acceptance_and_the_other_way_round(desk: Desk) -> None:
    cancel = Row("in", "Cancel", "Y", orig="X")
    pending = Row("out", "Execution", "Y", exec_type="Pending Cancel", ord_status="Filled")
    unknown = Row("out", "CancelReject", "Y", ord_status="Filled")
    other = Row("in", "NewOrder", "X", order_qty=7)

    assert "the engine has said REJECTED TOO_LATE" in faults(desk, NEW_ORDER, FILLED, cancel, pending)[0]
    assert "the order is unknown" in faults(desk, cancel, unknown)[0]
    assert "the engine has said CONFLICT" in faults(desk, NEW_ORDER, ACCEPTED, other, FILLED)[0]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"dir": "in", "msg": "Amend", "clordid": "X"}, "no 'Amend' goes in"),
        ({"dir": "out", "msg": "NewOrder", "clordid": "X"}, "no 'NewOrder' goes out"),
        ({"dir": "up", "msg": "NewOrder", "clordid": "X"}, "is neither in nor out"),
        ({"dir": "in", "msg": "NewOrder", "clordid": "X", "price": 1}, "columns that no scenario has"),
        ({"dir": "in", "msg": "NewOrder", "clordid": "X", "extra": {"speed": 1}}, "nobody knows what"),
    ],
)
def test_what_a_row_says_that_nobody_understands_is_refused(
    tmp_path: Path, row: dict[str, Any], complaint: str
) -> None:
    file = tmp_path / "scenarios.json"
    file.write_text(json.dumps({"scenarios": [{"ref": "S", "title": "made", "rows": [row]}]}))

    with pytest.raises(AssertionError, match=complaint):
        scenarios_of(file)


def test_each_alternative_ends_a_path_and_the_rest_is_the_last_one() -> None:
    rejected = ACCEPTED._replace(exec_type="Rejected", extra={"alt": True})
    canceled = FILLED._replace(exec_type="Canceled", extra={"alt": True})

    assert paths_of([NEW_ORDER, rejected, ACCEPTED, canceled, FILLED]) == [
        [NEW_ORDER, rejected],
        [NEW_ORDER, ACCEPTED, canceled],
        [NEW_ORDER, ACCEPTED, FILLED],
    ]


def test_a_request_is_delivered_just_before_an_answer_to_it_or_to_a_later_one() -> None:
    cancel, replace = Row("in", "Cancel", "Y"), Row("in", "Replace", "Z")
    passing, answer = Row("out", "Execution", "X"), Row("out", "Execution", "Z")
    path = [NEW_ORDER, cancel, passing, replace, passing, answer]

    assert list(as_delivered(path)) == [NEW_ORDER, passing, passing, cancel, replace, answer]
    assert list(as_delivered([cancel])) == [cancel]
