"""The open-addressing index: from a 128-bit key to a table's row.

Every indexed table starts its rows with `key_hi` and `key_lo`. An index holds row numbers, 0 where it is
empty; a probe compares the key in the row itself. An emptied place is closed by moving later entries of its
run back (linear probing without tombstones), so a search stays as short as the index is full.
"""

import numpy as np

from engine.kernel.jit import rule

_1 = np.uint64(1)
_32 = np.uint64(32)


@rule
def account_instrument_key(account, instrument):
    """The key of a holding and of limits: account in the high word, instrument in the low."""
    return np.uint64(account), np.uint64(instrument)


@rule
def position_key(account, strategy, instrument):
    """The key of a position: account and strategy in the high word, instrument in the low."""
    return (np.uint64(account) << _32) | np.uint64(strategy), np.uint64(instrument)


@rule
def first_probe(index, hi, lo):
    """Where the search for a key begins: both words mixed, so that even counting keys spread."""
    mixed = (hi ^ (lo * np.uint64(0x9E3779B97F4A7C15))) * np.uint64(0xBF58476D1CE4E5B9)
    return (mixed ^ (mixed >> np.uint64(31))) & np.uint64(len(index) - 1)


@rule
def find(index, rows, hi, lo):
    """The row with this key, or 0."""
    mask = np.uint64(len(index) - 1)
    probe = first_probe(index, hi, lo)
    slot = np.int64(index[probe])
    while slot != 0:
        row = rows[slot]
        if row["key_lo"] == lo and row["key_hi"] == hi:
            return slot
        probe = (probe + _1) & mask
        slot = np.int64(index[probe])
    return slot


@rule
def insert(index, rows, hi, lo, slot):
    """Put a new row's key in the index; the caller knows that the key is not there yet."""
    mask = np.uint64(len(index) - 1)
    probe = first_probe(index, hi, lo)
    while index[probe] != 0:
        probe = (probe + _1) & mask
    index[probe] = slot
    row = rows[slot]
    row["key_hi"] = hi
    row["key_lo"] = lo


@rule
def remove(index, rows, slot):
    """Take a row's key out of the index, which has it, and close the gap that it leaves."""
    mask = np.uint64(len(index) - 1)
    gap = first_probe(index, rows[slot]["key_hi"], rows[slot]["key_lo"])
    while index[gap] != slot:
        gap = (gap + _1) & mask
    probe = (gap + _1) & mask
    while index[probe] != 0:
        row = rows[np.int64(index[probe])]
        home = first_probe(index, row["key_hi"], row["key_lo"])
        if ((probe - home) & mask) >= ((probe - gap) & mask):
            index[gap] = index[probe]
            gap = probe
        probe = (probe + _1) & mask
    index[gap] = 0
