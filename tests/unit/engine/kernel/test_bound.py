"""A bound entry is the same entry: same answers, with its first arguments fixed."""

import numpy as np

from engine.kernel.jit import bound, entry


@entry
def weigh(weights: np.ndarray, values: np.ndarray, begin: int, end: int) -> int:
    """The sum of values by their weights, from `begin` to before `end`."""
    total = 0
    for i in range(begin, end):
        total += weights[i] * values[i]
    return total


def test_a_bound_entry_answers_like_the_entry() -> None:
    weights, values = np.arange(8), np.arange(8) * 3
    fold = bound(weigh, weights, rest=(values, 0, 0))

    for end in range(9):
        assert fold(values, 0, end) == weigh(weights, values, 0, end)


def test_a_bound_entry_sees_its_arguments_as_they_are_now() -> None:
    weights, values = np.ones(4, np.int64), np.arange(4)
    fold = bound(weigh, weights, rest=(values, 0, 0))
    before = fold(values, 0, 4)
    weights[3] = 10

    assert (before, fold(values, 0, 4)) == (6, 33)
