"""FIX's precedence of OrdStatus: of two facts that hold at once, the status says the higher one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.data.scenario import Row, precedence_of
from tests.data.scenario_desk import Desk, PathPlay, Variant

TOGETHER = [
    ("Partially Filled", "Filled"),
    ("Partially Filled", "Canceled"),
    ("Partially Filled", "Stopped"),
    ("Partially Filled", "Done for Day"),
    ("Partially Filled", "Pending Replace"),
    ("Partially Filled", "Pending Cancel"),
    ("Canceled", "Partially Filled"),
    ("Canceled", "Filled"),
    ("Stopped", "Pending Replace"),
    ("Stopped", "Pending Cancel"),
    ("Done for Day", "Filled"),
    ("Filled", "Done for Day"),
    ("Pending Replace", "Partially Filled"),
    ("Pending Replace", "Filled"),
    ("Pending Replace", "Stopped"),
    ("Pending Replace", "Done for Day"),
    ("Pending Replace", "Pending Cancel"),
    ("Pending Cancel", "Partially Filled"),
    ("Pending Cancel", "Filled"),
    ("Pending Cancel", "Stopped"),
    ("Pending Cancel", "Done for Day"),
]
"""Facts that can hold at once, in the order in which they come to be."""

FIRST = {"Pending New", "New", "Rejected"}
"""What an order is when no other fact is known of it; all of them have the lowest precedence."""

REQUESTS = {
    "Pending Replace": Row("in", "Replace", "Y", orig="X", order_qty=12_000),
    "Pending Cancel": Row("in", "Cancel", "Z", orig="X"),
}
FILLED_QTY = {"Partially Filled": 1_000, "Filled": 10_000}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("precedence") / "engine")
    yield desk
    desk.close()


def coming_to_be(fact: str, status: str) -> Iterator[Row]:
    """The rows that make a fact, the last of which has this status."""
    request = REQUESTS.get(fact)
    if request is not None:
        yield request
    name = request.clordid if request is not None else "X"
    last_qty = FILLED_QTY.get(fact)
    exec_type = fact if last_qty is None else "Trade"
    yield Row("out", "Execution", name, exec_type=exec_type, ord_status=status, last_qty=last_qty)


def test_the_pairs_are_about_every_status_of_the_file(data_dir: Path) -> None:
    precedence = precedence_of(data_dir / "fix/appendix_d.json")

    assert {name for pair in TOGETHER for name in pair} == precedence.keys() - FIRST
    assert {precedence[name] for name in FIRST} == {min(precedence.values())}


@pytest.mark.parametrize(("earlier", "later"), TOGETHER)
def test_the_status_is_the_fact_of_higher_precedence(
    desk: Desk, data_dir: Path, earlier: str, later: str
) -> None:
    precedence = precedence_of(data_dir / "fix/appendix_d.json")
    path = [
        Row("in", "NewOrder", "X", order_qty=10_000),
        Row("out", "Execution", "X", exec_type="New", ord_status="New"),
        *coming_to_be(earlier, earlier),
        *coming_to_be(later, max(earlier, later, key=precedence.__getitem__)),
    ]

    PathPlay(desk, Variant()).play(path)
