"""The index of keys against a dict, whatever is entered and taken out."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernel.index import find, insert, remove
from engine.kernel.jit import entry

KEYED = np.dtype([("key_hi", "<u8"), ("key_lo", "<u8")])
ROWS = 40


@entry
def change(index: np.ndarray, rows: np.ndarray, keys: np.ndarray, slots: np.ndarray) -> None:
    """Enter each key under its slot; where the slot is negative take that row out."""
    for at in range(len(keys)):
        slot = slots[at]
        if slot > 0:
            insert(index, rows, keys[at]["key_hi"], keys[at]["key_lo"], slot)
        else:
            remove(index, rows, -slot)


@entry
def look_up(index: np.ndarray, rows: np.ndarray, keys: np.ndarray, found: np.ndarray) -> None:
    """The row of each key."""
    for at in range(len(keys)):
        found[at] = find(index, rows, keys[at]["key_hi"], keys[at]["key_lo"])


def key(number: int) -> tuple[int, int]:
    """Few different keys, that mostly differ in one word."""
    return (number % 3) * 2**60, number // 3


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 3 * ROWS), max_size=400))
def test_the_index_finds_what_was_entered_and_not_what_was_taken_out(numbers: list[int]) -> None:
    index, rows = np.zeros(64, np.uint32), np.zeros(ROWS + 1, KEYED)
    known: dict[tuple[int, int], int] = {}
    free = list(range(1, ROWS + 1))
    keys, slots = np.zeros(len(numbers), KEYED), np.zeros(len(numbers), np.int64)
    for at, number in enumerate(numbers):
        wanted = key(number)
        if wanted not in known and not free:
            wanted = next(iter(known))
        keys[at] = wanted
        if wanted in known:
            slots[at] = -known[wanted]
            free.append(known.pop(wanted))
        else:
            slots[at] = known[wanted] = free.pop(0)

    # Keys are written into rows as they are entered, so each change is made by itself.
    change(index, rows, keys, slots)

    everything = np.array([key(number) for number in range(3 * ROWS + 1)], KEYED)
    found = np.zeros(len(everything), np.int64)
    look_up(index, rows, everything, found)
    assert {tuple(k): int(f) for k, f in zip(everything.tolist(), found, strict=True) if f} == known
    assert np.count_nonzero(index) == len(known)


def test_an_emptied_index_is_as_it_was_before() -> None:
    index, rows = np.zeros(64, np.uint32), np.zeros(ROWS + 1, KEYED)
    keys = np.array([key(number) for number in range(ROWS)], KEYED)
    slots = np.arange(1, ROWS + 1)

    change(index, rows, keys, slots)
    assert np.count_nonzero(index) == ROWS
    change(index, rows, keys, -slots[::-1])

    assert not index.any()
