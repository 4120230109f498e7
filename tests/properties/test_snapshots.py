"""A kernel that is saved and loaded at any end of a block goes on as if nothing had happened."""

from random import Random

import numpy as np
import pytest

from actors.roles.saved_tables import arrays_of, fill, sections_of, used_arrays_of
from engine.kernel.kernel import Kernel
from tests.model.reference_data import Capacity
from tests.properties.flow import numbers_of
from tests.properties.reached import check_log
from tests.properties.retiring import FOREVER, RetiringKernel, SideWithRetiring, run_days
from tests.properties.translation import engine_capacity

LOADED_EVERY = 20
"""Blocks between two loads, on average."""


class ReloadedKernel(RetiringKernel):
    """A kernel that forgets, and that is put away and taken out again between two blocks.

    `loads` counts how often; `halves_loaded` how often in the middle of an order that came back.
    """

    def __init__(self, capacity: Capacity) -> None:
        super().__init__(capacity)
        self.capacity = engine_capacity(capacity)
        self.moments = Random(1)
        self.loads = 0
        self.halves_loaded = 0

    def commit(self, now_ns: int, rows_max: int) -> None:
        """Append the open block; the kernel behind it may be another one now."""
        super().commit(now_ns, rows_max)
        is_half = bool(self.kernel.tables.firm["recall_left"][0])
        if is_half or self.moments.random() < 1 / LOADED_EVERY:
            self.loads += 1
            self.halves_loaded += is_half
            self.kernel = self._loaded()

    def _loaded(self) -> Kernel:
        """A kernel that knows nothing but what a snapshot of this one holds."""
        tables = self.kernel.tables
        saved = {name: bytes(section) for name, section in sections_of(used_arrays_of(tables)).items()}
        loaded = Kernel(self.capacity)
        fill(arrays_of(loaded.tables), saved)
        for name, array in tables._asdict().items():
            assert np.array_equal(array, getattr(loaded.tables, name)), f"{name} is not as it was"
        return loaded


@pytest.mark.parametrize("seed", [3, 6])
def test_a_kernel_loaded_from_a_snapshot_answers_as_one_that_never_stopped(seed: int) -> None:
    side = SideWithRetiring(FOREVER)
    side.logged = ReloadedKernel(FOREVER)

    run_days(side, numbers_of(seed, 300))

    assert side.logged.loads > 5
    assert side.logged.recalls > 2
    check_log(side)
