"""Reserving memory makes it resident and changes nothing in it."""

import resource

import numpy as np

from actors.roles.memory import reserve

ROW = np.dtype([("key", "<u8"), ("name", "S16")])


def test_what_is_in_the_tables_stays() -> None:
    table = np.ones(10_000, ROW)
    before = table.tobytes()

    reserve([table, np.zeros(1, ROW)])

    assert table.tobytes() == before


def test_pages_are_there_afterwards() -> None:
    fresh = np.zeros(64 * 2**20, np.uint8)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    reserve([fresh])
    reserved = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    fresh[::4096] = 1
    after = resource.getrusage(resource.RUSAGE_SELF).ru_minflt

    assert reserved > before
    assert after - reserved < 16
