"""A sealed block is what docs/data-format.md says, reads back as it was, and shows every change to it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from crc32c import crc32c
from hypothesis import given
from hypothesis import strategies as st

from storage.block import Block
from storage.chain_check import advance
from storage.chain_tip import ChainTip
from storage.faults import BlockFault, FaultKind
from storage.log_identity import LogIdentity
from storage.seal import seal, seal_rotation
from tests.unit.storage.made_logs import ROW_BYTES, made_chain, made_identity, made_rows
from tests.unit.storage.plain_format import plain_hashes, read_plain

PAGE = Path(__file__).resolve().parents[3] / "docs" / "data-format.md"


def vectors() -> dict[str, Any]:
    """The known answers printed in docs/data-format.md."""
    text = PAGE.read_text(encoding="utf-8")
    start = text.index("```json", text.index("## Known answers")) + len("```json")
    loaded: dict[str, Any] = json.loads(text[start : text.index("```", start)])
    return loaded


def vector_chain() -> tuple[list[Block], ChainTip]:
    """The chain that the page describes, sealed by our code."""
    identity = LogIdentity(bytes(range(16)), 7, 192, b"\x11" * 32, b"\x22" * 32)
    index = np.arange(33 * 192).reshape(33, 192)
    rows = ((index // 192) * 7 + index % 192).astype(np.uint8)
    first, tip = seal(
        ChainTip(),
        rows,
        {0: b"\xa4note", 32: b"\xa4last"},
        identity=identity,
        epoch=1,
        append_ts_first_ns=1_000,
        append_ts_last_ns=2_000,
        watermarks={"orders": 5},
    )
    second, tip = seal(
        tip, rows[:1], {}, identity=identity, epoch=2, append_ts_first_ns=2_000, append_ts_last_ns=3_000
    )
    third, tip = seal_rotation(tip, identity=identity, epoch=2, append_ts_ns=3_000, next_segment=2)
    return [first, second, third], tip


def test_golden_blocks_have_the_known_answers_of_the_page() -> None:
    blocks, tip = vector_chain()

    found = [
        {
            "prefix": block.header.prefix_bytes().hex(),
            "body_root": block.header.body_root.hex(),
            "tree_root": block.header.tree_root.hex(),
            "block_hash": block.header.block_hash.hex(),
            "crc32c": bytes(block.data[300:304]).hex(),
            "value_bytes": len(block.data),
            "key": block.header.key.hex(),
        }
        for block in blocks
    ]
    assert {"blocks": found, "tip": tip.pack().hex()} == vectors()


def test_a_reader_written_from_the_page_finds_the_same_hashes() -> None:
    blocks, _ = vector_chain()
    chain = [read_plain(bytes(block.data)) for block in blocks]

    assert plain_hashes(chain) == [(block.body_root, block.tree_root, block.block_hash) for block in chain]


@given(
    sizes=st.lists(st.integers(1, 100), min_size=1, max_size=5),
    annexed=st.sets(st.integers(0, 99)),
    watermarks=st.dictionaries(st.text(max_size=5), st.integers(0, 2**63 - 1), max_size=2),
)
def test_any_chain_agrees_with_the_plain_reader(
    sizes: list[int], annexed: set[int], watermarks: dict[str, int]
) -> None:
    tip, blocks = ChainTip(), []
    for size in sizes:
        annex = {row: bytes([row]) * (row % 5) for row in annexed if row < size}
        block, tip = seal(
            tip,
            made_rows(size, seed=size),
            annex,
            identity=made_identity(),
            epoch=1,
            append_ts_first_ns=0,
            append_ts_last_ns=0,
            watermarks=watermarks,
        )
        assert Block.parse(block.data).annex == annex
        assert block.watermarks == watermarks
        blocks.append(block)

    chain = [read_plain(bytes(block.data)) for block in blocks]
    assert plain_hashes(chain) == [(block.body_root, block.tree_root, block.block_hash) for block in chain]


def test_structured_rows_and_their_bytes_seal_to_the_same_block() -> None:
    dtype = np.dtype([("order_id", "<u8"), ("rest", "V184")])
    rows = made_rows(50)

    assert _sealed(rows.view(dtype).reshape(50)) == _sealed(rows)


def _sealed(rows: np.ndarray[Any, Any]) -> bytes:
    block, _ = seal(
        ChainTip(),
        rows,
        {},
        identity=made_identity(),
        epoch=1,
        append_ts_first_ns=0,
        append_ts_last_ns=0,
    )
    return bytes(block.data)


def test_rows_are_views_of_the_stored_bytes_and_can_not_be_written() -> None:
    (block,), _ = made_chain([40])
    rows = block.rows(np.dtype([("first", "<u8"), ("rest", "V184")]))

    assert rows.shape == (40,)
    assert np.shares_memory(rows, np.frombuffer(block.data, np.uint8))
    with pytest.raises(ValueError, match="read-only"):
        rows["first"] = 0


def test_every_flipped_bit_of_header_and_body_is_seen_by_the_crc() -> None:
    (block,), _ = made_chain([2])
    for position in range(len(block.data)):
        with pytest.raises(BlockFault) as fault:
            Block.parse(_flipped(bytes(block.data), position, bit=position % 8))
        assert fault.value.kind in {FaultKind.CRC, FaultKind.MALFORMED}


def test_every_change_is_seen_by_the_hashes_even_if_the_crc_is_made_to_fit() -> None:
    before, (block,) = ChainTip(), made_chain([70])[0]
    for position in [*range(300), *range(304, len(block.data), 61)]:
        forged = _with_fitting_crc(_flipped(bytes(block.data), position, bit=position % 8))
        if 292 < position < 296:
            # Three bytes of padding in the envelope, which no hash covers and nothing reads.
            continue
        with pytest.raises(BlockFault):
            _take(forged, before)


def _take(data: bytes, before: ChainTip) -> ChainTip:
    block = Block.parse(data)
    block.check_hashes()
    return advance(before, block)


def _flipped(data: bytes, position: int, *, bit: int) -> bytes:
    return data[:position] + bytes([data[position] ^ 1 << bit]) + data[position + 1 :]


def _with_fitting_crc(data: bytes) -> bytes:
    return data[:300] + crc32c(data[304:], crc32c(data[:300])).to_bytes(4, "little") + data[304:]


def test_bytes_that_are_no_block_are_refused() -> None:
    for data in (b"", b"OFBK", bytes(304), bytes(4096)):
        with pytest.raises(BlockFault):
            Block.parse(data)


def test_an_annex_entry_for_a_row_that_is_not_there_is_a_fault() -> None:
    (block,), _ = made_chain([3])
    with pytest.raises(AssertionError):
        seal(
            ChainTip(),
            block.rows(),
            {3: b"x"},
            identity=made_identity(),
            epoch=1,
            append_ts_first_ns=0,
            append_ts_last_ns=0,
        )


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"next_offset": 5}, FaultKind.OFFSET_GAP),
        ({"block_hash": bytes(32)}, FaultKind.CHAIN_LINK),
        ({"append_ts_last_ns": 10**9}, FaultKind.TIME_GOES_BACK),
        ({"epoch": 9}, FaultKind.EPOCH_GOES_BACK),
        ({"frontier": (bytes(32),)}, FaultKind.TREE_ROOT),
    ],
    ids=lambda value: str(value) if isinstance(value, FaultKind) else "",
)
def test_a_block_on_the_wrong_tip_is_named_for_what_does_not_fit(
    change: dict[str, Any], kind: FaultKind
) -> None:
    (_, second), _ = made_chain([4, 4])
    _, tip = made_chain([4])
    wrong = ChainTip(**{**{name: getattr(tip, name) for name in ChainTip.__slots__}, **change})

    with pytest.raises(BlockFault) as fault:
        advance(wrong, second)
    assert fault.value.kind is kind


@pytest.mark.parametrize(
    "bad",
    [
        {"append_ts_first_ns": 1, "append_ts_last_ns": 9},
        {"append_ts_first_ns": 9, "append_ts_last_ns": 8},
        {"epoch": 0},
        {"rows": made_rows(0)},
        {"rows": made_rows(4)[::2]},
        {"rows": np.zeros((3, ROW_BYTES - 1), np.uint8)},
    ],
    ids=["time before the tip", "times swapped", "older epoch", "no rows", "not contiguous", "other width"],
)
def test_what_only_our_own_code_can_get_wrong_is_an_assertion(bad: dict[str, Any]) -> None:
    _, tip = made_chain([4])
    given = {"rows": made_rows(2), "epoch": 1, "append_ts_first_ns": 5, "append_ts_last_ns": 5, **bad}

    with pytest.raises(AssertionError):
        seal(tip, given.pop("rows"), {}, identity=made_identity(), **given)


def test_a_tip_survives_packing() -> None:
    _, tip = made_chain([1] * 11)

    assert ChainTip.unpack(tip.pack()) == tip
    for broken in (tip.pack()[:-1], b"", tip.pack() + bytes(32)):
        with pytest.raises(ValueError, match="tip"):
            ChainTip.unpack(broken)
