"""Reserving memory makes it resident and changes nothing in it."""

import mmap
import os
from pathlib import Path

import numpy as np

from actors.roles.memory import reserve

SIZE = 64 * 2**20
ROW = np.dtype([("key", "<u8"), ("name", "S16")])


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_what_is_in_the_tables_stays() -> None:
    table = np.ones(10_000, ROW)
    before = table.tobytes()

    reserve([table, np.zeros(1, ROW)])

    assert table.tobytes() == before


def test_pages_are_there_afterwards() -> None:
    # Not from the allocator: it may give what another test has freed, and that is there already.
    fresh = np.frombuffer(mmap.mmap(-1, SIZE), np.uint8)
    before = resident_bytes()
    reserve([fresh])
    reserved = resident_bytes()
    fresh[::4096] = 1

    assert reserved - before > SIZE / 2
    assert resident_bytes() - reserved < SIZE / 8
