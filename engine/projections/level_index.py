"""The index of price levels: from (book, price) to a level's row, with removal.

Unlike orders, levels come and go all day, so their index forgets: an emptied place is closed by moving later
entries of its run back (linear probing without tombstones), and a search stays as short as the index is full.
"""

import numpy as np

from engine.kernel.jit import rule

_1 = np.uint64(1)


@rule
def first_probe(index, book, price):
    """Where the search for a level begins: both numbers mixed, so that neighbouring prices spread."""
    mixed = np.uint64(price) ^ (np.uint64(book) * np.uint64(0x9E3779B97F4A7C15))
    mixed = mixed * np.uint64(0xBF58476D1CE4E5B9)
    return (mixed ^ (mixed >> np.uint64(31))) & np.uint64(len(index) - 1)


@rule
def find_level(index, levels, book, price):
    """The row of the level at this price of a book, or 0."""
    mask = np.uint64(len(index) - 1)
    probe = first_probe(index, book, price)
    slot = np.int64(index[probe])
    while slot != 0:
        level = levels[slot]
        if level["price"] == price and level["book"] == book:
            return slot
        probe = (probe + _1) & mask
        slot = np.int64(index[probe])
    return slot


@rule
def insert_level(index, levels, slot):
    """Enter a level that is not in the index yet."""
    mask = np.uint64(len(index) - 1)
    probe = first_probe(index, levels[slot]["book"], levels[slot]["price"])
    while index[probe] != 0:
        probe = (probe + _1) & mask
    index[probe] = slot


@rule
def remove_level(index, levels, slot):
    """Forget a level that is in the index, and close the gap it leaves."""
    mask = np.uint64(len(index) - 1)
    gap = first_probe(index, levels[slot]["book"], levels[slot]["price"])
    while index[gap] != slot:
        gap = (gap + _1) & mask
    probe = (gap + _1) & mask
    while index[probe] != 0:
        level = levels[np.int64(index[probe])]
        home = first_probe(index, level["book"], level["price"])
        if ((probe - home) & mask) >= ((probe - gap) & mask):
            index[gap] = index[probe]
            gap = probe
        probe = (probe + _1) & mask
    index[gap] = 0
