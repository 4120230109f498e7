"""Ever shorter parts lead to the one event at which something changes, in few folds."""

from collections.abc import Sequence

import numpy as np
import pytest

from actors.folds.narrowing import FlagsAt, first_arrival, first_with


class Counted:
    """Flags of some things by position, and how often somebody has folded to see them."""

    def __init__(self, *there: Sequence[tuple[int, int]]) -> None:
        self._there = there
        self.folds = 0

    def flags_at(self, positions: list[int]) -> np.ndarray:
        """Each thing is there at positions from a begin up to before an end."""
        self.folds += 1
        assert positions == sorted(positions), "a fold never goes back"
        flags = [[any(b <= p < e for b, e in thing) for thing in self._there] for p in positions]
        return np.array(flags, bool)


@pytest.mark.parametrize("first", [1, 2, 63, 64, 65, 4_097, 9_999_999, 10_000_000])
def test_the_first_position_is_found_in_four_folds(first: int) -> None:
    counted = Counted([(first, 10**8)])

    assert first_with(0, 10**7, counted.flags_at) == first
    assert counted.folds <= 4


@pytest.mark.parametrize("last", [1, 2, 63, 64, 65, 4_097, 9_999_999, 10_000_000])
def test_the_last_arrival_is_found_in_four_folds(last: int) -> None:
    counted = Counted([(last, 10**8)])

    assert first_arrival(0, 10**7, 1, counted.flags_at) == last
    assert counted.folds <= 4


def test_what_was_there_before_and_went_again_has_not_arrived() -> None:
    flags: FlagsAt = Counted([(10, 400), (700, 10**4)]).flags_at

    assert first_arrival(0, 1_000, 1, flags) == 700


def test_of_several_things_the_first_that_stays_counts() -> None:
    """The second is there early and late; the first one arrives between."""
    flags: FlagsAt = Counted([(640, 10**4)], [(3, 650), (801, 10**4)], [(1_000, 10**4)]).flags_at

    assert first_arrival(0, 1_000, 3, flags) == 640


def test_neighbours_need_no_fold() -> None:
    counted = Counted([(5, 9)])

    assert first_with(4, 5, counted.flags_at) == first_arrival(4, 5, 1, counted.flags_at) == 5
    assert counted.folds == 0
