"""What has left memory is found by its key until its date is past, and can always be made again."""

from pathlib import Path

import lmdb
import numpy as np
import pytest

from storage.closed_orders import ClosedOrders, keys_of
from storage.errors import AlreadyOpen, ClosedOrdersLost

UUID = bytes(range(16))
ORDER = np.dtype([("key_hi", "<u8"), ("key_lo", "<u8"), ("qty", "<i8")])
EXECUTION = np.dtype([("key_hi", "<u8"), ("key_lo", "<u8"), ("offset", "<i8"), ("order", "<i8")])
WIDTHS = {"orders": ORDER.itemsize, "executions": EXECUTION.itemsize}
NONE = {"orders": np.zeros(0, ORDER), "executions": np.zeros(0, EXECUTION)}
DAY_1, DAY_2, DAY_3 = 20261120, 20261123, 20261124


def opened(
    path: Path, uuid: bytes = UUID, *, log_end: int = 1_000, width: int = ORDER.itemsize
) -> ClosedOrders:
    widths = WIDTHS | {"orders": width}
    return ClosedOrders.open(path / "closed", uuid, widths, log_end=log_end, allow_volatile=True)


def orders(*numbers: int) -> dict[str, np.ndarray]:
    rows = np.zeros(len(numbers), ORDER)
    rows["key_hi"], rows["key_lo"], rows["qty"] = 2**63, numbers, np.multiply(numbers, 10)
    return NONE | {"orders": rows}


def quantities(closed: ClosedOrders, *numbers: int) -> list[int | None]:
    rows, found = closed.find("orders", orders(*numbers)["orders"], ORDER)
    return [int(row["qty"]) if is_there else None for row, is_there in zip(rows, found, strict=True)]


def test_rows_are_found_by_their_whole_key_in_the_order_asked_for(tmp_path: Path) -> None:
    with opened(tmp_path) as closed:
        closed.keep(orders(1, 2, 3), date=DAY_1, next_offset=5)
        stranger = orders(2)["orders"]
        stranger["key_hi"] = 7

        assert quantities(closed, 3, 9, 1) == [30, None, 10]
        assert not closed.find("orders", stranger, ORDER)[1].any()
        assert not closed.find("executions", orders(1)["orders"], EXECUTION)[1].any()


def test_orders_and_executions_are_kept_together_and_apart(tmp_path: Path) -> None:
    reports = np.zeros(1, EXECUTION)
    reports["key_hi"], reports["key_lo"], reports["offset"] = 2**63, 1, 77
    with opened(tmp_path) as closed:
        closed.keep(orders(1) | {"executions": reports}, date=DAY_1, next_offset=5)

        rows, found = closed.find("executions", reports, EXECUTION)
        assert found.tolist() == [True]
        assert rows.tobytes() == reports.tobytes()
        assert quantities(closed, 1) == [10]


def test_what_is_kept_outlives_the_process_with_its_place_in_the_log(tmp_path: Path) -> None:
    with opened(tmp_path) as closed:
        assert closed.next_offset == 0
        closed.keep(orders(1), date=DAY_1, next_offset=41)

    with opened(tmp_path, log_end=41) as closed:
        assert (closed.next_offset, quantities(closed, 1)) == (41, [10])


@pytest.mark.parametrize("changed", ["another log", "rows of another width", "a log that was rolled back"])
def test_what_does_not_belong_to_this_log_is_thrown_away(tmp_path: Path, changed: str) -> None:
    with opened(tmp_path) as closed:
        closed.keep(orders(1), date=DAY_1, next_offset=41)
    again = {
        "another log": lambda: opened(tmp_path, bytes(16)),
        "rows of another width": lambda: opened(tmp_path, width=999),
        "a log that was rolled back": lambda: opened(tmp_path, log_end=40),
    }

    with again[changed]() as closed:
        assert (closed.next_offset, quantities(closed, 1)) == (0, [None])


def test_keeping_a_row_again_changes_nothing_and_a_newer_row_counts(tmp_path: Path) -> None:
    newer = orders(1)
    newer["orders"]["qty"] = 99
    with opened(tmp_path) as closed:
        closed.keep(orders(1), date=DAY_1, next_offset=5)
        closed.keep(orders(1), date=DAY_1, next_offset=5)
        assert quantities(closed, 1) == [10]

        closed.keep(newer, date=DAY_2, next_offset=9)

        assert quantities(closed, 1) == [99]


def test_what_left_before_the_window_is_forgotten_a_part_at_a_time(tmp_path: Path) -> None:
    with opened(tmp_path) as closed:
        closed.keep(orders(1, 2, 3), date=DAY_1, next_offset=5)
        closed.keep(orders(3, 4), date=DAY_2, next_offset=9)
        closed.keep(orders(5), date=DAY_3, next_offset=12)

        assert closed.forget(DAY_2, rows_max=2) == 2
        assert closed.forget(DAY_2, rows_max=100) == 1
        assert closed.forget(DAY_2, rows_max=100) == 0

        # Order 3 left again on the second day, and stays for as long as that day does.
        assert quantities(closed, 1, 2, 3, 4, 5) == [None, None, 30, 40, 50]
        assert closed.forget(DAY_3, rows_max=100) == 2
        assert quantities(closed, 3, 4, 5) == [None, None, 50]


def test_keys_sort_like_their_numbers() -> None:
    rows = np.zeros(3, ORDER)
    rows["key_hi"], rows["key_lo"] = [1, 1, 2**40], [255, 256, 0]

    assert keys_of(rows) == sorted(keys_of(rows))
    assert keys_of(rows)[1] == bytes.fromhex("00000000000000010000000000000100")


def test_one_process_keeps_at_a_time(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(AlreadyOpen):
        opened(tmp_path)
    with opened(tmp_path) as closed:
        assert closed.next_offset == 0


def test_whatever_lmdb_objects_to_names_the_directory_to_delete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise lmdb.MapFullError("no room")

    with opened(tmp_path) as closed:
        monkeypatch.setattr(closed, "_keep_table", full)
        with pytest.raises(ClosedOrdersLost, match="no room; stop, delete this directory"):
            closed.keep(orders(1), date=DAY_1, next_offset=5)
        monkeypatch.undo()

        assert (closed.next_offset, quantities(closed, 1)) == (0, [None])
