"""docs/identity.md tells the truth: engine, page, plain implementation and published vectors agree."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.client.command_rows import NAME_WORDS
from engine.kernel.jit import entry
from engine.kernel.keys import execution_key, fill_order_ids, fingerprint
from engine.kernel.siphash import (
    sip_finish_128,
    sip_finish_fast,
    sip_start,
    sip_start_128,
    sip_word,
    sip_word_fast,
)
from engine.rows.commands import (
    COMMAND,
    COMMAND_FIELDS,
    EXPOSURE_LIMITS_COMMAND_FIELDS,
    INSTRUMENT_COMMAND_FIELDS,
    LIMITS_COMMAND_FIELDS,
    ORDER_COMMAND_FIELDS,
    REPORT_COMMAND_FIELDS,
    SPARE_FIELDS,
    THROTTLES_COMMAND_FIELDS,
    command_rows,
)
from tests.model import siphash

PAGE = (Path(__file__).parents[4] / "docs/identity.md").read_text()
MESSAGE = bytes(range(64))
FINGERPRINT_BYTES = 127
SPARE_BYTES = 3


def table(heading: str) -> list[list[str]]:
    """The rows of the page's table with this heading, without their backquotes."""
    found = re.search(rf"^\| {re.escape(heading)} \|\n\|[-|]+\|\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert found is not None
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in found[1].splitlines()]


VECTORS = table("function | bytes | hash")
ORDER_IDS = table("trade date | account | ClOrdID | order id")
EXECUTION_KEYS = table("venue | trade date | ExecID | execution key")
LAYOUT = [(int(at), int(size), name) for at, size, name in table("at | bytes | field")]
FINGERPRINTS = table("command | fields that are not zero | fingerprint")


@entry
def hash_128(words: np.ndarray) -> Any:
    v0, v1, v2, v3 = sip_start_128()
    for word in words:
        v0, v1, v2, v3 = sip_word(v0, v1, v2, v3, word)
    return sip_finish_128(v0, v1, v2, v3)


@entry
def hash_fast(words: np.ndarray) -> Any:
    v0, v1, v2, v3 = sip_start()
    for word in words:
        v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, word)
    return sip_finish_fast(v0, v1, v2, v3)


@entry
def keys_of_reports(commands: np.ndarray, keys: np.ndarray) -> None:
    for i in range(len(commands)):
        row = commands[i]
        keys[i, 0], keys[i, 1] = execution_key(
            row["venue"], row["trade_date"], row["text_w0"], row["text_w1"], row["text_w2"]
        )


@entry
def fingerprints_of(commands: np.ndarray, prints: np.ndarray) -> None:
    for i in range(len(commands)):
        prints[i] = fingerprint(commands[i])


def words_of(data: bytes) -> np.ndarray:
    """A message as SipHash takes it in: words, the last with the length in its top byte."""
    size = len(data) // 8 * 8
    last = int.from_bytes(data[size:], "little") | (len(data) & 0xFF) << 56
    return np.array([*np.frombuffer(data[:size], "<u8"), last], np.uint64)


HASHES: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    "SipHash-2-4-128": (
        lambda data: np.array(hash_128(words_of(data)), "<u8").tobytes(),
        lambda data: siphash.siphash(data, 2, 4, 16),
    ),
    "SipHash-1-3": (
        lambda data: np.array([hash_fast(words_of(data))], "<u8").tobytes(),
        lambda data: siphash.siphash(data, 1, 3, 8),
    ),
}
"""By name: what the kernel computes, and what the plain implementation does."""


@pytest.mark.parametrize(("name", "size", "wanted"), VECTORS)
def test_published_hashes_are_met_by_kernel_and_model(name: str, size: str, wanted: str) -> None:
    assert [function(MESSAGE[: int(size)]).hex() for function in HASHES[name]] == [wanted, wanted]


@settings(max_examples=50)
@given(data=st.binary(max_size=200), name=st.sampled_from(sorted(HASHES)))
def test_the_kernels_hash_of_any_message_is_the_plain_ones(data: bytes, name: str) -> None:
    of_kernel, of_model = HASHES[name]

    assert of_kernel(data) == of_model(data)


@pytest.mark.parametrize(("date", "account", "cl_ord_id", "wanted"), ORDER_IDS)
def test_an_order_id_is_what_the_page_says(date: str, account: str, cl_ord_id: str, wanted: str) -> None:
    rows = command_rows(1)
    rows["trade_date"], rows["text"] = int(date), cl_ord_id.encode()
    fill_order_ids(rows, np.array([account.encode()], "S16").view(NAME_WORDS))

    assert f"{int(rows['order_id_hi'][0]):016x}{int(rows['order_id_lo'][0]):016x}" == wanted
    assert f"{siphash.order_id(int(date), account.encode(), cl_ord_id.encode()):032x}" == wanted


@pytest.mark.parametrize(("venue", "date", "exec_id", "wanted"), EXECUTION_KEYS)
def test_an_execution_key_is_what_the_page_says(venue: str, date: str, exec_id: str, wanted: str) -> None:
    rows, keys = command_rows(1), np.zeros((1, 2), np.uint64)
    rows["venue"], rows["trade_date"], rows["text"] = int(venue), int(date), exec_id.encode()
    keys_of_reports(rows, keys)

    assert f"{int(keys[0, 0]):016x}{int(keys[0, 1]):016x}" == wanted
    assert f"{siphash.execution_key(int(venue), int(date), exec_id.encode()):032x}" == wanted


def command_of(fields: str) -> np.ndarray:
    """One command row from the page's `name=value` pairs."""
    rows = command_rows(1)
    for name, value in (pair.split("=") for pair in fields.split()):
        rows[name] = value.encode() if name == "text" else int(value)
    return rows


def fingerprint_of(rows: np.ndarray) -> int:
    """The kernel's fingerprint of one command."""
    prints = np.zeros(1, np.uint64)
    fingerprints_of(rows, prints)
    return int(prints[0])


def plain_fingerprint(rows: np.ndarray) -> int:
    """The fingerprint of one command by the page's table of bytes."""
    message = bytearray(FINGERPRINT_BYTES)
    for at, size, name in LAYOUT:
        field = rows[name].tobytes()
        assert len(field) == size
        message[at : at + size] = field
    if not any(message[-SPARE_BYTES:]):
        del message[-SPARE_BYTES:]
    return int.from_bytes(siphash.siphash(bytes(message), 1, 3, 8), "little")


@pytest.mark.parametrize(("name", "fields", "wanted"), FINGERPRINTS)
def test_a_fingerprint_is_what_the_page_says(name: str, fields: str, wanted: str) -> None:
    rows = command_of(fields)

    assert f"{fingerprint_of(rows):016x}" == f"{plain_fingerprint(rows):016x}" == wanted, name


def test_the_page_lays_the_fields_out_without_a_gap() -> None:
    ends = [at + size for at, size, _ in LAYOUT]

    assert [at for at, _, _ in LAYOUT] == [0, *ends[:-1]]
    assert ends[-1] == FINGERPRINT_BYTES


LAYOUTS = (
    COMMAND_FIELDS,
    SPARE_FIELDS,
    INSTRUMENT_COMMAND_FIELDS,
    LIMITS_COMMAND_FIELDS,
    ORDER_COMMAND_FIELDS,
    REPORT_COMMAND_FIELDS,
    EXPOSURE_LIMITS_COMMAND_FIELDS,
    THROTTLES_COMMAND_FIELDS,
)
RESEND_MAY_CHANGE = (
    "correlation_hi",
    "correlation_lo",
    "ts_event",
    "expected_version",
    "principal",
    "auth_method",
)


def test_every_byte_of_a_command_is_in_its_fingerprint_but_for_what_a_resend_may_change() -> None:
    fields = [field for layout in LAYOUTS for field in layout]
    content = {
        at
        for field in fields
        if field.name not in RESEND_MAY_CHANGE
        for at in range(field.offset, field.offset + np.dtype(field.format).itemsize)
    }
    plain = fingerprint_of(command_rows(1))
    seen = set()
    for at in range(COMMAND.itemsize):
        data = bytearray(COMMAND.itemsize)
        data[at] = 1
        if fingerprint_of(np.frombuffer(data, COMMAND)) != plain:
            seen.add(at)

    assert seen == content
