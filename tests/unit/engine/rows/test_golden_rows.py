"""Rows keep their layout and their bytes for ever: stored logs and clients of another build depend on both.

`rows.golden` has a section for each dtype: one line a field (offset, format, name, FIX tag, value), then the
bytes of a row with these values. `codes.golden` has the number of every code that a row can carry.
"""

import enum
import re
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from engine import flags, vocabulary
from engine.codec import frames
from engine.rows import answers, commands, events, lifecycle_events
from engine.rows.layout import Field, joined, padding, row_dtype
from engine.rows.schema import SCHEMAS, event_dtype, newest_versions, schema_set_digest

HERE = Path(__file__).parent
GOLDEN_ROWS = (HERE / "rows.golden").read_text()
GOLDEN_CODES = (HERE / "codes.golden").read_text()

LAYOUTS = {
    "COMMAND": (commands.COMMAND, commands.COMMAND_FIELDS),
    "INSTRUMENT_COMMAND": (commands.INSTRUMENT_COMMAND, commands.INSTRUMENT_COMMAND_FIELDS),
    "LIMITS_COMMAND": (commands.LIMITS_COMMAND, commands.LIMITS_COMMAND_FIELDS),
    "ORDER_COMMAND": (commands.ORDER_COMMAND, commands.ORDER_COMMAND_FIELDS),
    "REPORT_COMMAND": (commands.REPORT_COMMAND, commands.REPORT_COMMAND_FIELDS),
    "DOUBT_COMMAND": (commands.DOUBT_COMMAND, commands.DOUBT_COMMAND_FIELDS),
    "EXPOSURE_LIMITS_COMMAND": (commands.EXPOSURE_LIMITS_COMMAND, commands.EXPOSURE_LIMITS_COMMAND_FIELDS),
    "THROTTLES_COMMAND": (commands.THROTTLES_COMMAND, commands.THROTTLES_COMMAND_FIELDS),
    "ORDER_EVENT": (events.ORDER_EVENT, events.ORDER_FIELDS),
    "DENIAL_EVENT": (events.DENIAL_EVENT, events.DENIAL_FIELDS),
    "REPORT_EVENT": (events.REPORT_EVENT, events.REPORT_FIELDS),
    "REQUEST_EVENT": (events.REQUEST_EVENT, events.REQUEST_FIELDS),
    "INSTRUMENT_EVENT": (events.INSTRUMENT_EVENT, events.INSTRUMENT_FIELDS),
    "NAME_EVENT": (events.NAME_EVENT, events.NAME_FIELDS),
    "LIMITS_EVENT": (events.LIMITS_EVENT, events.LIMITS_FIELDS),
    "SUBMITTED_EVENT": (lifecycle_events.SUBMITTED_EVENT, lifecycle_events.SUBMITTED_FIELDS),
    "REPLACE_EVENT": (lifecycle_events.REPLACE_EVENT, lifecycle_events.REPLACE_FIELDS),
    "ORDER_DENIAL_EVENT": (lifecycle_events.ORDER_DENIAL_EVENT, lifecycle_events.ORDER_DENIAL_FIELDS),
    "REPLACE_DENIAL_EVENT": (lifecycle_events.REPLACE_DENIAL_EVENT, lifecycle_events.REPLACE_DENIAL_FIELDS),
    "STATED_TRADE_EVENT": (lifecycle_events.STATED_TRADE_EVENT, lifecycle_events.STATED_TRADE_FIELDS),
    "STATED_CHANGE_EVENT": (lifecycle_events.STATED_CHANGE_EVENT, lifecycle_events.STATED_CHANGE_FIELDS),
    "ORPHAN_EVENT": (lifecycle_events.ORPHAN_EVENT, lifecycle_events.ORPHAN_FIELDS),
    "CORRECTION_EVENT": (lifecycle_events.CORRECTION_EVENT, lifecycle_events.CORRECTION_FIELDS),
    "RESTATEMENT_EVENT": (lifecycle_events.RESTATEMENT_EVENT, lifecycle_events.RESTATEMENT_FIELDS),
    "INTEGRITY_EVENT": (lifecycle_events.INTEGRITY_EVENT, lifecycle_events.INTEGRITY_FIELDS),
    "IN_DOUBT_EVENT": (lifecycle_events.IN_DOUBT_EVENT, lifecycle_events.IN_DOUBT_FIELDS),
    "RETIREMENT_EVENT": (lifecycle_events.RETIREMENT_EVENT, lifecycle_events.RETIREMENT_FIELDS),
    "EXPOSURE_LIMITS_EVENT": (
        lifecycle_events.EXPOSURE_LIMITS_EVENT,
        lifecycle_events.EXPOSURE_LIMITS_FIELDS,
    ),
    "DRAWDOWN_LIMITS_EVENT": (
        lifecycle_events.DRAWDOWN_LIMITS_EVENT,
        lifecycle_events.DRAWDOWN_LIMITS_FIELDS,
    ),
    "THROTTLES_EVENT": (lifecycle_events.THROTTLES_EVENT, lifecycle_events.THROTTLES_FIELDS),
    "FX_COMMAND": (commands.FX_COMMAND, commands.FX_COMMAND_FIELDS),
    "FX_EVENT": (lifecycle_events.FX_EVENT, lifecycle_events.FX_FIELDS),
    "ANSWER": (answers.ANSWER, answers.ANSWER_FIELDS),
    "RECALLED_ORDER_EVENT": (lifecycle_events.RECALLED_ORDER_EVENT, lifecycle_events.RECALLED_ORDER_FIELDS),
    "RECALLED_EXECUTION_EVENT": (
        lifecycle_events.RECALLED_EXECUTION_EVENT,
        lifecycle_events.RECALLED_EXECUTION_FIELDS,
    ),
    "HALT_EVENT": (lifecycle_events.HALT_EVENT, lifecycle_events.HALT_FIELDS),
    "LEASE_COMMAND": (commands.LEASE_COMMAND, commands.LEASE_COMMAND_FIELDS),
    "LEASE_EVENT": (lifecycle_events.LEASE_EVENT, lifecycle_events.LEASE_FIELDS),
    "CORRECTION_COMMAND": (commands.CORRECTION_COMMAND, commands.CORRECTION_COMMAND_FIELDS),
    "OPERATORS_CORRECTION_EVENT": (
        lifecycle_events.OPERATORS_CORRECTION_EVENT,
        lifecycle_events.OPERATORS_CORRECTION_FIELDS,
    ),
}


SHARING = {"REPORT_COMMAND": {"liquidity", "ord_status"}, "ANSWER": {"violations"}}
"""A trade alone has liquidity, an order status an OrdStatus, others a reason; an order has no handle."""


class GoldenField(NamedTuple):
    """One line of a golden section."""

    offset: int
    format: str
    name: str
    tag: int
    value: bytes | int


def sample(field: Field, number: int) -> bytes | int:
    """A value that tells a field from its neighbours: its name, or its number, below zero if it can be."""
    if "S" in field.format:
        return field.name.upper().encode()[: int(field.format[1:])]
    return -number if "i" in field.format else number


def lies_over(field: Field, fields: list[Field]) -> bool:
    """Whether a field only reads bytes of one before it: a word those of a text, which is what is written."""
    return bool(bytes_of(field) & {at for other in fields[: fields.index(field)] for at in bytes_of(other)})


def bytes_of(field: Field) -> set[int]:
    """The bytes of a row that a field covers."""
    return set(range(field.offset, field.offset + np.dtype(field.format).itemsize))


def sample_row(dtype: np.dtype[np.void], fields: list[Field]) -> np.ndarray:
    """One row whose every field has its sample."""
    rows = np.zeros(1, dtype)
    for number, field in enumerate(fields, 1):
        if not lies_over(field, fields):
            rows[field.name] = sample(field, number)
    return rows


def section_of(name: str, dtype: np.dtype[np.void], fields: list[Field]) -> str:
    """A dtype's section as the golden file has it."""
    rows = sample_row(dtype, fields)
    lines = [f"{name} {dtype.itemsize}"]
    for field in fields:
        value = rows[field.name][0]
        shown = value.decode() if isinstance(value, bytes) else int(value)
        lines.append(f"  {field.offset:3} {field.format:3} {field.name} {field.tag} {shown}")
    data = rows.tobytes()
    return "\n".join(lines + [f"  = {data[at : at + 32].hex()}" for at in range(0, len(data), 32)])


def golden_of(name: str) -> tuple[list[GoldenField], bytes]:
    """A golden section, read without the code that it judges."""
    section = re.search(rf"^{name} \d+\n((?:  .*\n)+)", GOLDEN_ROWS, re.MULTILINE)
    assert section is not None
    lines = section[1].splitlines()
    data = bytes.fromhex("".join(line[4:] for line in lines if line.startswith("  = ")))
    fields = [line.split() for line in lines if not line.startswith("  = ")]
    return [
        GoldenField(int(at), form, name, int(tag), value.encode() if "S" in form else int(value))
        for at, form, name, tag, value in fields
    ], data


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_field_lies_where_it_always_lay_and_a_row_has_the_golden_bytes(name: str) -> None:
    assert section_of(name, *LAYOUTS[name]) + "\n" in GOLDEN_ROWS


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_golden_bytes_are_little_endian_numbers_and_padded_text_at_the_golden_offsets(name: str) -> None:
    fields, data = golden_of(name)
    dtype, described = LAYOUTS[name]

    assert len(data) == dtype.itemsize
    for field in fields:
        if "S" in field.format:
            size = int(field.format[1:])
            found = data[field.offset : field.offset + size].rstrip(b"\0")
        else:
            code = {"1": "B", "2": "H", "4": "I", "8": "Q"}[field.format[-1]]
            (found,) = struct.unpack_from(
                "<" + (code.lower() if "i" in field.format else code), data, field.offset
            )
        assert found == field.value, field
    assert all(data[at] == 0 for at in padding(described, dtype.itemsize))


@pytest.mark.parametrize("name", LAYOUTS)
def test_no_two_fields_share_a_byte_but_for_words_and_those_of_different_kinds(name: str) -> None:
    _, fields = LAYOUTS[name]
    sharing = {field.name for field in fields if lies_over(field, fields)}

    assert {field for field in sharing if not re.fullmatch(r".*_w\d", field)} == SHARING.get(name, set())


def test_the_golden_file_has_these_dtypes_and_no_others() -> None:
    assert re.findall(r"^(\w+) \d+$", GOLDEN_ROWS, re.MULTILINE) == list(LAYOUTS)


def test_rows_have_their_sizes() -> None:
    sizes = [commands.COMMAND_BYTES, events.EVENT_BYTES, events.HEAD.itemsize, answers.ANSWER_BYTES]

    assert sizes == [160, 192, 192, 72]
    assert frames.FRAME_HEADER.itemsize + frames.ANSWER_HEADER.itemsize == 80 + 64


def test_every_kind_of_event_has_a_dtype_of_one_size_that_agrees_on_the_head() -> None:
    newest = newest_versions()
    assert set(SCHEMAS) == {
        (kind, version) for kind in vocabulary.EventKind for version in range(1, newest[kind] + 1)
    }
    for dtype, fields in SCHEMAS.values():
        assert dtype.itemsize == events.EVENT_BYTES
        assert fields[: len(events.HEAD_FIELDS)] == events.HEAD_FIELDS


def test_an_event_of_an_unknown_version_has_no_dtype() -> None:
    with pytest.raises(KeyError):
        event_dtype(vocabulary.EventKind.ORDER_SUBMITTED, 9)


def test_the_set_of_schemas_has_the_golden_digest() -> None:
    # It is in every block's header: a log tells by it what its rows mean.
    assert f"schema set {schema_set_digest().hex()}\n" in GOLDEN_CODES


def test_every_code_that_was_ever_stored_keeps_its_number() -> None:
    golden = dict(line.rsplit(" ", 1) for line in GOLDEN_CODES.splitlines() if "." in line)
    kinds = [kind for kind in (vars(vocabulary) | vars(flags)).values() if isinstance(kind, enum.EnumType)]
    found: dict[str, str] = {}
    for kind in kinds:
        members: dict[str, int] = dict(kind.__members__)
        found |= {f"{kind.__name__}.{name}": str(int(code)) for name, code in members.items()}

    # A new code gets its line here with its first use: whoever forgets it could change its number later.
    assert golden == found


def test_joined_rows_keep_every_byte_where_numpy_would_repack_them() -> None:
    rows = sample_row(events.INSTRUMENT_EVENT, events.INSTRUMENT_FIELDS)

    assert joined([rows, rows]).tobytes() == rows.tobytes() * 2


def test_a_field_that_is_not_aligned_is_refused() -> None:
    with pytest.raises(AssertionError, match="late at 4 is not aligned to 8"):
        row_dtype([Field("late", "<i8", 4)], 16)
