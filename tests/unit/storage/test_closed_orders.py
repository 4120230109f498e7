"""What has left memory is found by its key until its date is past, and can always be made again."""

from pathlib import Path

import lmdb
import numpy as np
import pytest

from storage.closed_orders import Closed, ClosedOrders, keys_of
from storage.errors import AlreadyOpen, ClosedOrdersLost

UUID = bytes(range(16))
ORDER = np.dtype([("key_hi", "<u8"), ("key_lo", "<u8"), ("qty", "<i8")])
WIDER = np.dtype([*ORDER.descr, ("price", "<i8")])
REPORT = np.dtype([("key_hi", "<u8"), ("key_lo", "<u8"), ("offset", "<i8"), ("order", "<i8")])
DAY_1, DAY_2, DAY_3 = 20261120, 20261123, 20261124
HI = 2**63


def opened(
    path: Path, uuid: bytes = UUID, *, log_end: int = 1_000, order: np.dtype[np.void] = ORDER
) -> ClosedOrders:
    return ClosedOrders.open(path / "closed", uuid, order, REPORT, log_end=log_end, allow_volatile=True)


def orders(*numbers: int, reports: dict[int, list[int]] | None = None) -> Closed:
    """Orders with these numbers, each with the reports of these numbers."""
    rows = np.zeros(len(numbers), ORDER)
    rows["key_hi"], rows["key_lo"], rows["qty"] = HI, numbers, np.multiply(numbers, 10)
    of_each = [(reports or {}).get(number, []) for number in numbers]
    said = np.zeros(sum(map(len, of_each)), REPORT)
    said["key_hi"], said["key_lo"] = 1, [number for those in of_each for number in those]
    return Closed(rows, said, np.array([len(those) for those in of_each], np.int64))


def quantities(closed: ClosedOrders, *numbers: int) -> list[int | None]:
    found = [closed.find(HI, number) for number in numbers]
    return [None if order is None else int(order.orders["qty"][0]) for order in found]


def test_orders_are_found_by_their_whole_key(tmp_path: Path) -> None:
    with opened(tmp_path) as closed:
        closed.keep(orders(1, 2, 3), date=DAY_1, next_offset=5)

        assert quantities(closed, 3, 9, 1) == [30, None, 10]
        assert closed.find(7, 2) is None
        assert closed.owner_of(HI, 1) is None


def test_an_order_comes_back_with_its_reports_and_a_report_names_its_order(tmp_path: Path) -> None:
    with opened(tmp_path) as closed:
        closed.keep(orders(1, 2, 3, reports={1: [11, 12], 3: [31]}), date=DAY_1, next_offset=5)

        found = [closed.find(HI, number) for number in (1, 2, 3)]
        reports = [[] if one is None else one.reports["key_lo"].tolist() for one in found]
        assert reports == [[11, 12], [], [31]]
        assert [closed.owner_of(1, number) for number in (11, 12, 31, 99)] == [
            (HI, 1),
            (HI, 1),
            (HI, 3),
            None,
        ]


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
        "rows of another width": lambda: opened(tmp_path, order=WIDER),
        "a log that was rolled back": lambda: opened(tmp_path, log_end=40),
    }

    with again[changed]() as closed:
        assert (closed.next_offset, quantities(closed, 1)) == (0, [None])


def test_keeping_a_row_again_changes_nothing_and_a_newer_row_counts(tmp_path: Path) -> None:
    newer = orders(1)
    newer.orders["qty"] = 99
    with opened(tmp_path) as closed:
        closed.keep(orders(1), date=DAY_1, next_offset=5)
        closed.keep(orders(1), date=DAY_1, next_offset=5)
        assert quantities(closed, 1) == [10]

        closed.keep(newer, date=DAY_2, next_offset=9)

        assert quantities(closed, 1) == [99]


def test_what_left_before_the_window_is_forgotten_a_part_at_a_time(tmp_path: Path) -> None:
    with opened(tmp_path) as closed:
        closed.keep(orders(1, 2, 3, reports={3: [31]}), date=DAY_1, next_offset=5)
        closed.keep(orders(3, 4, reports={3: [31]}), date=DAY_2, next_offset=9)
        closed.keep(orders(5), date=DAY_3, next_offset=12)

        assert closed.forget(DAY_2, orders_max=2) == 2
        assert closed.forget(DAY_2, orders_max=100) == 1
        assert closed.forget(DAY_2, orders_max=100) == 0

        # Order 3 left again on the second day, and stays for as long as that day does.
        assert quantities(closed, 1, 2, 3, 4, 5) == [None, None, 30, 40, 50]
        assert closed.owner_of(1, 31) == (HI, 3)
        assert closed.forget(DAY_3, orders_max=100) == 2
        assert closed.owner_of(1, 31) is None
        assert quantities(closed, 3, 4, 5) == [None, None, 50]


def test_keeping_forgets_what_is_too_old_in_the_same_step(tmp_path: Path) -> None:
    with opened(tmp_path) as closed:
        closed.keep(orders(1, 2, reports={1: [11]}), date=DAY_1, next_offset=5)

        closed.keep(orders(3), date=DAY_3, next_offset=9, forgotten_before=DAY_2)

        assert quantities(closed, 1, 2, 3) == [None, None, 30]
        assert closed.owner_of(1, 11) is None


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
        monkeypatch.setattr(closed, "_keep_rows", full)
        with pytest.raises(ClosedOrdersLost, match="no room; stop, delete this directory"):
            closed.keep(orders(1), date=DAY_1, next_offset=5)
        monkeypatch.undo()

        assert (closed.next_offset, quantities(closed, 1)) == (0, [None])
