"""Whatever is done to stored bytes is found, named and placed; nothing passes silently, nobody dies of it."""

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lmdb
import pytest
from crc32c import crc32c

from storage.block import Block
from storage.block_header import offset_key
from storage.chain_tip import ChainTip
from storage.checkpoints import Checkpoint, Discarded, LogMark, read_checkpoint, write_checkpoint
from storage.data_file import DATA_FILE
from storage.errors import ForeignLog, LogCorrupted, LogTruncated
from storage.faults import FaultKind
from storage.log_identity import LogIdentity
from storage.log_reader import LogReader
from storage.manifest import MANIFEST_FILE
from storage.seal import seal
from storage.segment_meta import SegmentMeta
from storage.verifier import verify_directory
from storage.verify_report import EXIT_INTEGRITY
from storage.verify_walk import LogWalk
from tests.faults.state_checker import StateChecker
from tests.unit.storage.made_engine import SIZES, identity_of, make_engine
from tests.unit.storage.made_logs import ROW_BYTES, extend, made_chain, make_log, open_log

SEED = 3


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    return make_engine(tmp_path / "engine")


def data_file(engine: Path, segment: int = 1, log: str = "p0000") -> Path:
    return engine / log / f"{segment:06d}" / DATA_FILE


def walk(engine: Path, partition: int = 0) -> tuple[str, int, int] | None:
    """Walk one log in this process; only for damage that can't harm the reader."""
    report = LogWalk(engine / f"p{partition:04d}", identity_of(partition), lambda _: None).run()
    if report.fault is None:
        return None
    return report.fault.kind, report.fault.block, report.fault.base_offset


def blocks_of(engine: Path) -> list[Block]:
    with LogReader.open(engine / "p0000") as reader:
        return list(reader.blocks(0))


def edit(engine: Path, change: Callable[[Any, Any, Any], object]) -> None:
    """Change records of the first segment behind the engine's back."""
    environment = lmdb.open(str(engine / "p0000" / "000001"), max_dbs=8, map_size=2**30, lib_version=0)
    blocks, meta = environment.open_db(b"blocks"), environment.open_db(b"meta")
    with environment.begin(write=True) as txn:
        change(txn, blocks, meta)
    environment.close()


def test_a_flipped_bit_of_a_block_names_the_block(engine: Path) -> None:
    chance = random.Random(SEED)
    path, blocks = data_file(engine), blocks_of(engine)[: len(SIZES)]
    stored = path.read_bytes()
    for number, block in enumerate(blocks):
        header, body = range(304), range(304, len(block.data))
        for place in [*chance.sample(header, 8), *chance.sample(body, 4)]:
            path.write_bytes(flipped(stored, block, place, bit=chance.randrange(8)))
            found = walk(engine)

            assert found is not None, f"bit flip at byte {place} of block {number} passed"
            assert found[0] in {FaultKind.CRC, FaultKind.MALFORMED}
            assert found[1:] == (number, block.header.base_offset)
    path.write_bytes(stored)
    assert walk(engine) is None


def flipped(stored: bytes, block: Block, place: int, *, bit: int) -> bytes:
    """Give a file's bytes with one bit of a block flipped, in every copy of it that LMDB has left behind."""
    data = bytes(block.data)
    damaged = data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
    assert data in stored, "the block lies in one piece in the file"
    return stored.replace(data, damaged)


def test_a_flipped_bit_exits_with_the_integrity_code_and_is_refused_at_open(engine: Path) -> None:
    last = blocks_of(engine)[-1]
    path = data_file(engine, segment=2)
    path.write_bytes(flipped(path.read_bytes(), last, 310, bit=0))

    report = verify_directory(engine)

    assert report.exit_code == EXIT_INTEGRITY
    assert report.first_fault is not None
    name, fault = report.first_fault
    assert (name, fault.kind, fault.segment) == ("p0000", "crc", 2)
    assert fault.base_offset == last.header.base_offset
    assert "offset" in str(fault)
    with pytest.raises(LogCorrupted, match="crc"):
        open_log(engine / "p0000", identity_of(0))
    with LogReader.open(engine / "p0000") as reader, pytest.raises(LogCorrupted):
        reader.read_block(fault.base_offset)
    with LogReader.open(engine / "p0000") as reader, pytest.raises(LogCorrupted):
        reader.rows_at([fault.base_offset])


@pytest.mark.parametrize("place", [0, 41, 300, 400], ids=["magic", "base offset", "crc", "row"])
def test_a_single_row_of_a_damaged_block_is_not_given(engine: Path, place: int) -> None:
    first = blocks_of(engine)[0]
    path = data_file(engine)
    path.write_bytes(flipped(path.read_bytes(), first, place, bit=0))

    with LogReader.open(engine / "p0000") as reader, pytest.raises(LogCorrupted):
        reader.rows_at([3])


def test_no_flipped_bit_anywhere_in_the_file_passes_unnoticed(tmp_path: Path) -> None:
    chance, log = random.Random(SEED), tmp_path / "p0000"
    written = make_log(log, SIZES)
    path = log / "000001" / DATA_FILE
    stored = path.read_bytes()
    tip = written[-1].header
    checker, found = StateChecker(log), Counter[str]()
    for _ in range(400):
        position = chance.randrange(len(stored))
        damaged = bytearray(stored)
        damaged[position] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        verdict = checker.judge(str(tip.next_offset), tip.block_hash.hex())
        found["unharmed" if verdict == "sound" else "found"] += 1
    checker.close()

    # What is unharmed lies in pages that no committed block or record uses; the walk has proved the rest.
    print(f"400 flipped bits anywhere in {len(stored)} bytes: {dict(found)}")
    assert found["found"] > 100


@pytest.mark.parametrize("kept", [0, 4096, 0.5, 0.999])
def test_a_cut_data_file_is_reported_and_kills_nobody(engine: Path, kept: float) -> None:
    path = data_file(engine)
    whole = path.stat().st_size
    os.truncate(path, int(kept * whole if kept < 1 else kept))

    report = verify_directory(engine)

    assert report.exit_code == EXIT_INTEGRITY
    assert report.logs[0].fault is not None
    assert report.logs[0].fault.kind == FaultKind.TRUNCATED
    assert report.logs[1].fault is None
    with pytest.raises(LogTruncated):
        LogReader.open(engine / "p0000").blocks(0).__next__()


def test_a_file_cut_under_the_reader_is_reported_as_truncated(engine: Path) -> None:
    # The size check can't help here: the meta pages are made to claim less than the tree needs.
    path = data_file(engine)
    for page in (0, 1):
        with path.open("r+b") as file:
            file.seek(page * 4096 + 16 + 120)
            file.write((2).to_bytes(8, "little"))
    os.truncate(path, 3 * 4096)

    report = verify_directory(engine)

    assert report.logs[0].fault is not None
    assert report.logs[0].fault.kind in {FaultKind.TRUNCATED, FaultKind.UNREADABLE}


def test_swapped_logs_are_foreign(engine: Path) -> None:
    (engine / "p0000").rename(engine / "swap")
    (engine / "p0001").rename(engine / "p0000")
    (engine / "swap").rename(engine / "p0001")

    report = verify_directory(engine)

    assert [log.fault and log.fault.kind for log in report.logs] == [
        "foreign log uuid",
        "foreign log uuid",
        None,
    ]
    with pytest.raises(ForeignLog):
        open_log(engine / "p0000", identity_of(0))


def test_a_log_of_another_partition_is_named_so(engine: Path) -> None:
    shutil.rmtree(engine / "p0000")
    identity = identity_of(0)
    other = LogIdentity(identity.log_uuid, 5, ROW_BYTES, identity.schema_digest, identity.code_version)
    make_log(engine / "p0000", [4], other)

    assert walk(engine) == (FaultKind.WRONG_PARTITION, 0, 0)


def test_a_block_of_another_partition_inside_a_log_is_named_so(engine: Path) -> None:
    first = blocks_of(engine)[0]
    identity = identity_of(0)
    other = LogIdentity(identity.log_uuid, 5, ROW_BYTES, identity.schema_digest, identity.code_version)
    (forged,), _ = made_chain([first.header.count], identity=other)
    edit(engine, lambda txn, blocks, _: txn.put(forged.header.key, forged.data, db=blocks))

    assert walk(engine) == (FaultKind.WRONG_PARTITION, 0, 0)


def test_swapped_segments_are_noticed(engine: Path) -> None:
    log = engine / "p0000"
    (log / "000001").rename(log / "swap")
    (log / "000002").rename(log / "000001")
    (log / "swap").rename(log / "000002")

    found = walk(engine)
    assert found is not None
    assert found[0] == FaultKind.META


def test_a_missing_segment_is_noticed(engine: Path) -> None:
    with open_log(engine / "p0000", identity_of(0)) as log:
        log.claim()
        log.rotate(append_ts_ns=log.tip.append_ts_last_ns)
    shutil.rmtree(engine / "p0000" / "000002")

    found = walk(engine)
    assert found is not None
    assert found[0] == FaultKind.MISSING_SEGMENT


def test_a_missing_log_is_noticed(engine: Path) -> None:
    shutil.rmtree(engine / "p0001")

    assert [log.fault and log.fault.kind for log in verify_directory(engine).logs] == [
        None,
        "missing log",
        None,
    ]


def test_a_log_that_lost_its_beginning_is_noticed(engine: Path) -> None:
    shutil.rmtree(engine / "p0000" / "000001")

    report = verify_directory(engine)

    assert report.exit_code == EXIT_INTEGRITY
    fault = report.logs[0].fault
    assert fault is not None
    assert (fault.kind, fault.segment) == (FaultKind.MISSING_SEGMENT, 1)


def test_directories_with_other_digits_in_their_names_are_no_segments(engine: Path) -> None:
    for digit in ("\N{SUPERSCRIPT TWO}", "\N{ARABIC-INDIC DIGIT ZERO}"):
        (engine / "p0000" / (digit * 6)).mkdir()

    assert walk(engine) is None


def test_a_deleted_block_is_a_gap(engine: Path) -> None:
    second = blocks_of(engine)[1].header
    edit(engine, lambda txn, blocks, _: txn.delete(second.key, db=blocks))

    assert walk(engine) == (FaultKind.OFFSET_GAP, 1, second.base_offset)


def test_a_replaced_block_breaks_the_chain_behind_it(engine: Path) -> None:
    before, replaced, after = blocks_of(engine)[:3]
    _, tip = made_chain([before.header.count], identity=identity_of(0))
    rows = made_chain([1], tip=ChainTip(next_offset=9), identity=identity_of(0))[0][0]
    assert tip.block_hash == before.header.block_hash
    forged, _ = seal(
        tip,
        rows.rows(),
        {},
        identity=identity_of(0),
        epoch=1,
        append_ts_first_ns=replaced.header.append_ts_first_ns,
        append_ts_last_ns=replaced.header.append_ts_last_ns,
    )
    edit(engine, lambda txn, blocks, _: txn.put(forged.header.key, forged.data, db=blocks))

    assert walk(engine) == (FaultKind.CHAIN_LINK, 2, after.header.base_offset)


def test_a_block_under_another_key_is_noticed(engine: Path) -> None:
    first = blocks_of(engine)[0]

    def move(txn: Any, blocks: Any, _: Any) -> None:
        txn.delete(first.header.key, db=blocks)
        txn.put(offset_key(first.header.next_offset - 2), first.data, db=blocks)

    edit(engine, move)

    assert walk(engine) == (FaultKind.KEY, 0, 0)


def test_lost_last_blocks_do_not_agree_with_the_tip_record(engine: Path) -> None:
    control = offset_key(sum(SIZES))
    edit(engine, lambda txn, blocks, _: txn.delete(control, db=blocks))

    found = walk(engine)
    assert found is not None
    assert found[0] == FaultKind.META


@pytest.mark.parametrize("record", ["format", "identity", "origin", "epoch", "tip"])
def test_a_flipped_bit_of_a_meta_record_is_noticed(engine: Path, record: str) -> None:
    def damage(txn: Any, _: Any, meta: Any) -> None:
        value = bytearray(txn.get(record.encode(), db=meta))
        value[0] ^= 1
        txn.put(record.encode(), bytes(value), db=meta)

    edit(engine, damage)

    found = walk(engine)
    assert found is not None
    assert found[0] == FaultKind.META


def test_a_lowered_epoch_and_a_forged_frontier_are_noticed_even_with_a_fitting_crc(engine: Path) -> None:
    def forge_tip(txn: Any, _: Any, meta: Any) -> None:
        tip = SegmentMeta(meta).tip(txn)
        forged = tip.pack()[:-1] + bytes([tip.pack()[-1] ^ 1])
        txn.put(b"tip", forged + crc32c(forged).to_bytes(4, "little"), db=meta)

    def lower_epoch(txn: Any, _: Any, meta: Any) -> None:
        SegmentMeta(meta).write_epoch(txn, 0)

    edit(engine, lower_epoch)
    found = walk(engine)
    assert found is not None
    assert found[0] == FaultKind.EPOCH_GOES_BACK
    edit(engine, forge_tip)
    found = walk(engine)
    assert found is not None
    assert found[0] == FaultKind.FRONTIER


def test_a_damaged_manifest_is_an_integrity_fault(engine: Path) -> None:
    path = engine / MANIFEST_FILE
    path.write_text(path.read_text().replace('"partitions": 2', '"partitions": 1'))

    report = verify_directory(engine)

    assert report.exit_code == EXIT_INTEGRITY
    assert report.fault is not None
    assert report.fault.kind == FaultKind.MANIFEST


def test_a_log_rolled_back_whole_verifies_but_is_given_away_by_a_checkpoint(tmp_path: Path) -> None:
    # An older copy of a log is a sound log: docs/data-format.md says so. What lies outside it must tell.
    log, older = tmp_path / "p0000", tmp_path / "older"
    make_log(log, [5, 6])
    shutil.copytree(log, older)
    with open_log(log) as writer:
        writer.claim()
        (block,) = extend(writer, [7])
    mark = LogMark.behind(block)
    write_checkpoint(tmp_path / "exposure", Checkpoint("exposure", "1", (mark,), {}))
    shutil.rmtree(log)
    older.rename(log)

    with open_log(log) as writer:
        assert writer.tip.next_offset == 11
    with LogReader.open(log) as reader:
        found = read_checkpoint(
            tmp_path / "exposure", projection="exposure", state_version="1", logs=[reader]
        )
    assert isinstance(found, Discarded)
    assert "rolled back" in found.reason
