"""What every event log must do, whatever it is stored in: one suite, run by each implementation.

An implementation joins by adding its opener to `OPENERS`.
"""

import errno
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from storage.chain_tip import ChainTip
from storage.errors import (
    AlreadyOpen,
    DiskFull,
    Fenced,
    ForeignLog,
    LogNotFound,
    LogPoisoned,
    OffsetNotFound,
    PositionConflict,
)
from storage.event_log import EventLog
from storage.log_reader import LogReader
from storage.seal import seal, seal_rotation
from storage.segment_writer import append_block
from tests.unit.storage.made_logs import extend, made_chain, made_identity, made_rows, open_log

OPENERS: dict[str, Callable[[Path], EventLog]] = {"lmdb": open_log}


@pytest.fixture(params=OPENERS)
def open_here(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], EventLog]:
    """Opens the same log again and again, as its owners would one after the other."""
    return lambda: OPENERS[request.param](tmp_path / "p0000")


@pytest.fixture
def log(open_here: Callable[[], EventLog]) -> Iterator[EventLog]:
    with open_here() as log:
        log.claim()
        yield log


def test_a_new_log_is_empty_and_begins_at_offset_zero(open_here: Callable[[], EventLog]) -> None:
    with open_here() as log:
        assert log.tip == ChainTip()
        assert list(log.blocks(0)) == []


def test_appended_blocks_are_read_back_byte_for_byte(log: EventLog) -> None:
    written = extend(log, [1, 33, 7])

    read = list(log.blocks(0))
    assert [bytes(block.data) for block in read] == [bytes(block.data) for block in written]
    assert [block.header.base_offset for block in read] == [0, 1, 34]
    assert log.tip.next_offset == 41


def test_rows_annex_and_watermarks_come_back_with_their_block(log: EventLog) -> None:
    rows = made_rows(40)
    annex = {0: b"\xa5first", 39: b"\xa4last"}
    block, _ = seal(
        log.tip,
        rows,
        annex,
        identity=made_identity(),
        epoch=log.epoch,
        append_ts_first_ns=5,
        append_ts_last_ns=6,
        watermarks={"orders/1": 7, "orders/0": 2**40},
    )
    log.append(block)

    read = log.read_block(17)
    assert np.array_equal(read.rows(), rows)
    assert read.annex == annex
    assert read.watermarks == {"orders/0": 2**40, "orders/1": 7}


def test_a_reopened_log_continues_where_it_ended(open_here: Callable[[], EventLog]) -> None:
    with open_here() as log:
        log.claim()
        extend(log, [3, 4])
        tip = log.tip

    with open_here() as log:
        assert log.tip == tip
        log.claim()
        extend(log, [5])
        assert [block.header.count for block in log.blocks(0)] == [3, 4, 5]


def test_every_claim_raises_the_epoch_by_one(open_here: Callable[[], EventLog]) -> None:
    epochs = []
    for _ in range(3):
        with open_here() as log:
            epochs.append(log.claim())

    assert epochs == [1, 2, 3]


def test_a_block_of_an_older_epoch_is_fenced_and_leaves_no_trace(log: EventLog) -> None:
    older = log.epoch
    newer = log.claim()
    (block,), _ = made_chain([2], tip=log.tip, epoch=older)

    with pytest.raises(Fenced) as refusal:
        log.append(block)

    assert (refusal.value.epoch, refusal.value.epoch_now) == (older, newer)
    assert log.tip == ChainTip()
    assert list(log.blocks(0)) == []


def test_without_a_claim_nothing_can_be_appended(open_here: Callable[[], EventLog]) -> None:
    with open_here() as log:
        log.claim()
    with open_here() as log:
        (block,), _ = made_chain([1], epoch=1)
        with pytest.raises(AssertionError, match="claim"):
            log.append(block)


def test_chains_built_ahead_commit_in_order(log: EventLog) -> None:
    blocks, tip = made_chain([10, 20, 30], tip=log.tip, epoch=log.epoch)
    for block in blocks:
        log.append(block)

    assert log.tip == tip


def test_a_block_that_skips_its_predecessor_is_refused(log: EventLog) -> None:
    (_, second), _ = made_chain([10, 20], tip=log.tip, epoch=log.epoch)

    with pytest.raises(PositionConflict):
        log.append(second)
    assert log.tip == ChainTip()


def test_a_block_can_not_be_appended_twice(log: EventLog) -> None:
    (block,) = extend(log, [5])

    with pytest.raises(PositionConflict):
        log.append(block)
    assert log.tip.next_offset == 5


def test_a_refused_block_does_not_stop_the_log(log: EventLog) -> None:
    (_, second), _ = made_chain([10, 20], tip=log.tip, epoch=log.epoch)
    with pytest.raises(PositionConflict):
        log.append(second)

    extend(log, [3])

    assert log.tip.next_offset == 3


def test_reading_begins_with_the_block_that_holds_the_offset(log: EventLog) -> None:
    extend(log, [10, 10, 10])

    assert [block.header.base_offset for block in log.blocks(10)] == [10, 20]
    assert [block.header.base_offset for block in log.blocks(9)] == [0, 10, 20]
    assert list(log.blocks(30)) == []


def test_an_offset_that_is_not_committed_is_not_found(log: EventLog) -> None:
    extend(log, [10])

    with pytest.raises(OffsetNotFound):
        log.read_block(10)
    with pytest.raises(OffsetNotFound):
        log.rows_at([3, 10])


def test_single_rows_come_in_the_order_asked_for_over_blocks_and_segments(log: EventLog) -> None:
    written = extend(log, [10, 40])
    log.rotate(append_ts_ns=log.tip.append_ts_last_ns)
    written += extend(log, [7, 1])
    rows = np.concatenate([block.rows() for block in written])
    offsets = np.random.default_rng(1).permutation(np.repeat(np.arange(58), 2))

    assert np.array_equal(log.rows_at(offsets), rows[offsets])
    assert log.rows_at([]).shape == (0, rows.shape[1])


def test_offsets_are_contiguous_over_a_rotation_and_the_control_block_takes_none(log: EventLog) -> None:
    extend(log, [4])
    tip = log.rotate(append_ts_ns=99)
    extend(log, [6])

    assert tip.next_offset == 4
    assert tip.blocks == 2
    assert log.segment_number == 2
    assert [(block.header.base_offset, block.header.count) for block in log.blocks(0)] == [(0, 4), (4, 6)]


def test_a_rotation_can_be_sealed_ahead_like_any_block(log: EventLog) -> None:
    (first,), tip = made_chain([4], tip=log.tip, epoch=log.epoch)
    control, tip = seal_rotation(
        tip, identity=made_identity(), epoch=log.epoch, append_ts_ns=50, next_segment=2
    )
    (last,), tip = made_chain([6], tip=tip, epoch=log.epoch)
    for block in (first, control, last):
        log.append(block)

    assert log.tip == tip
    assert log.segment_number == 2


def test_a_control_block_that_names_another_segment_is_refused(log: EventLog) -> None:
    control, _ = seal_rotation(
        log.tip, identity=made_identity(), epoch=log.epoch, append_ts_ns=50, next_segment=3
    )

    with pytest.raises(PositionConflict):
        log.append(control)


def test_a_segment_is_due_for_rotation_once_it_has_passed_its_size(tmp_path: Path) -> None:
    with open_log(tmp_path / "p0000", segment_bytes_max=100_000) as log:
        log.claim()
        assert not log.rotation_due
        extend(log, [600])
        assert log.rotation_due
        log.rotate(append_ts_ns=log.tip.append_ts_last_ns)
        assert not log.rotation_due


def test_a_reader_sees_commits_as_they_happen_and_crosses_segments(log: EventLog, tmp_path: Path) -> None:
    with LogReader.open(tmp_path / "p0000", made_identity()) as reader:
        assert reader.tip_offset() == 0
        extend(log, [3])
        assert reader.tip_offset() == 3
        log.rotate(append_ts_ns=log.tip.append_ts_last_ns)
        extend(log, [4, 5])

        assert reader.tip() == log.tip
        assert [block.header.count for block in reader.blocks(0)] == [3, 4, 5]
        assert [block.header.count for block in reader.blocks(0, until=7)] == [3, 4]
        assert np.array_equal(reader.rows_at([11, 0]), log.rows_at([11, 0]))


def test_borrowed_blocks_are_the_copied_ones(log: EventLog, tmp_path: Path) -> None:
    extend(log, [3, 500])
    log.rotate(append_ts_ns=log.tip.append_ts_last_ns)
    extend(log, [1])

    with LogReader.open(tmp_path / "p0000") as reader:
        with reader.borrow(0) as blocks:
            borrowed = [bytes(block.data) for block in blocks]
        assert borrowed == [bytes(block.data) for block in reader.blocks(0)]
        with reader.borrow(3, until=4) as blocks:
            assert [block.header.base_offset for block in blocks] == [3]


def test_borrowed_rows_of_an_aligned_dtype_are_aligned(log: EventLog, tmp_path: Path) -> None:
    extend(log, [1, 2, 400])
    aligned = np.dtype([("first", np.int64), ("rest", "V184")], align=True)

    with LogReader.open(tmp_path / "p0000") as reader, reader.borrow(0) as blocks:
        assert all(block.rows(aligned).flags.aligned for block in blocks)


def test_a_log_is_not_opened_twice_in_one_process(log: EventLog, open_here: Callable[[], EventLog]) -> None:
    with pytest.raises(AlreadyOpen):
        open_here()


def test_a_log_can_be_reopened_while_readers_of_this_process_stay(
    open_here: Callable[[], EventLog], tmp_path: Path
) -> None:
    with open_here() as log:
        log.claim()
        extend(log, [3])
        reader = LogReader.open(tmp_path / "p0000")
    with reader, open_here() as log:
        assert log.claim() == 2
        extend(log, [4])
        assert reader.tip_offset() == 7


def test_a_missing_log_is_not_created_by_accident(tmp_path: Path) -> None:
    with pytest.raises(LogNotFound):
        LogReader.open(tmp_path / "p0000")
    with pytest.raises(LogNotFound):
        EventLog.open(tmp_path / "p0000", made_identity(), create=False, allow_volatile=True)
    assert not (tmp_path / "p0000").exists()


@pytest.mark.parametrize(
    "stranger",
    [
        made_identity(1),
        made_identity(0, log_uuid=b"another engine's"),
        made_identity(1, log_uuid=bytes([1]) * 16),
    ],
    ids=["log of another partition", "log of another engine", "same uuid, other partition"],
)
def test_a_log_that_is_not_the_one_asked_for_is_refused(
    log: EventLog, tmp_path: Path, stranger: object
) -> None:
    extend(log, [3])
    log.close()

    with pytest.raises(ForeignLog):
        open_log(tmp_path / "p0000", stranger)  # type: ignore[arg-type]
    with pytest.raises(ForeignLog):
        LogReader.open(tmp_path / "p0000", stranger)  # type: ignore[arg-type]


def test_free_space_is_told(log: EventLog) -> None:
    assert log.free_bytes() > 0


def test_a_closed_segment_takes_no_block_even_if_the_next_could_not_be_created(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    extend(log, [3])
    monkeypatch.setattr("storage.event_log.create_segment", disk_full)
    with pytest.raises(DiskFull):
        log.rotate(append_ts_ns=log.tip.append_ts_last_ns)
    (block,), _ = made_chain([5], tip=log.tip, epoch=log.epoch)

    with pytest.raises(LogPoisoned):
        log.append(block)
    with pytest.raises(PositionConflict, match="closed"):
        append_block(log._segment, block, before=log.tip, after=log.tip)


def test_concurrent_reads_while_appending_see_whole_blocks_only(log: EventLog) -> None:
    stop = threading.Event()

    def read() -> int:
        seen = 0
        while not stop.is_set():
            blocks = list(log.blocks(0))
            assert [block.header.base_offset for block in blocks[1:]] == [
                block.header.next_offset for block in blocks[:-1]
            ]
            seen = max(seen, len(blocks))
        return seen

    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(read)
        extend(log, [20] * 30)
        log.rotate(append_ts_ns=log.tip.append_ts_last_ns)
        extend(log, [20] * 30)
        stop.set()
        assert reading.result() <= 60
