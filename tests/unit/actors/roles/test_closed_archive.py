"""A closed order can be found at any moment: in memory until it is on disk, on disk from then on."""

from pathlib import Path

import numpy as np
import pytest

from actors.roles.closed_archive import ClosedArchive
from engine.kernel.retired_rows import CLOSED_ORDER, RetiredRows
from engine.kernel.table_rows import EXECUTION
from storage.closed_orders import Closed, ClosedOrders

ORDER_ID, EXEC_KEY = (1, 2), (3, 4)
DAY = 20261120


def leaving() -> RetiredRows:
    """One order and its one report."""
    orders, executions = np.zeros(1, CLOSED_ORDER), np.zeros(1, EXECUTION)
    orders["key_hi"], orders["key_lo"] = ORDER_ID
    executions["key_hi"], executions["key_lo"] = EXEC_KEY
    return RetiredRows(orders, executions, np.array([1]))


def test_an_order_is_found_also_while_it_is_written_to_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = ClosedArchive(tmp_path / "closed", b"u" * 16, log_end=0, window_days=5, allow_volatile=True)
    keep = ClosedOrders.keep
    found: list[tuple[bool, tuple[int, int] | None]] = []

    def look() -> None:
        found.append((archive.find(*ORDER_ID) is not None, archive.owner_of(*EXEC_KEY)))

    def keep_looking(disk: ClosedOrders, closed: Closed, **rest: int) -> None:
        look()
        keep(disk, closed, **rest)
        look()

    monkeypatch.setattr(ClosedOrders, "keep", keep_looking)
    archive.keep(0, leaving(), DAY)
    look()
    archive.commit(1)
    look()
    archive.close()

    assert found == [(True, ORDER_ID)] * 4
