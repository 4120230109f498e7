"""A set of arrays goes to native code as one pointer, and is there what it is in Python."""

from typing import NamedTuple

import numba
import numpy as np
import pytest

from engine.kernel.by_pointer import by_pointer
from engine.kernel.jit import IS_NATIVE, entry, rule

ROW = np.dtype([("qty", "<i8"), ("side", "u1"), ("price", "<i8")], align=False)


@by_pointer
class Pair(NamedTuple):
    """Rows, and numbers of another length."""

    rows: np.ndarray
    numbers: np.ndarray


@rule
def _notional(pair: Pair, at: int) -> np.int64:
    row = pair.rows[at]
    return np.int64(row["qty"] * row["price"])


@entry
def _total(pair: Pair) -> np.int64:
    """Sums what the rows are worth, and writes it behind the numbers."""
    total = np.int64(0)
    for at in range(len(pair.rows)):
        total += _notional(pair, at)
    pair.numbers[len(pair.numbers) - 1] = total
    return total


def _pair(rows: int) -> Pair:
    pair = Pair(np.zeros(rows, ROW), np.zeros(3, np.int64))
    pair.rows["qty"] = np.arange(rows)
    pair.rows["price"] = 10
    return pair


def test_members_are_the_arrays_themselves() -> None:
    """What a rule reads and writes are the rows that Python has, whatever their number and width."""
    for rows in (0, 1, 7):
        pair = _pair(rows)
        assert _total(pair) == 10 * sum(range(rows))
        assert pair.numbers.tolist() == [0, 0, 10 * sum(range(rows))]


def test_equal_members_are_one_type() -> None:
    """Code is found again for other arrays of the same rows, and never used for rows of another layout."""
    other = Pair(np.zeros(1, [("qty", "<i8")]), np.zeros(1, np.int64))
    assert numba.typeof(_pair(1)) == numba.typeof(_pair(5))
    assert numba.typeof(_pair(1)) != numba.typeof(other)
    assert numba.typeof(_pair(1)).name != numba.typeof(other).name


@pytest.mark.parametrize(
    "array",
    [np.zeros(6, np.int64)[::2], np.zeros((2, 2), np.int64)],
    ids=["with gaps", "two-dimensional"],
)
def test_rows_lie_side_by_side(array: np.ndarray) -> None:
    """Only address and length are handed over: arrays of which that says too little are not taken."""
    with pytest.raises(AssertionError, match="side by side"):
        numba.typeof(Pair(np.zeros(1, ROW), array))


@pytest.mark.skipif(not IS_NATIVE, reason="plain Python has no addresses that could be wrong")
def test_other_things_than_arrays_are_not_taken() -> None:
    """A member that is no array is an error, not a wild address."""
    with pytest.raises((TypeError, AttributeError)):
        _total(Pair(np.zeros(1, ROW), [1, 2, 3]))  # type: ignore[arg-type]
