"""Stored events as plain records: a map of field names to numbers and words, for JSON and MessagePack.

A record has every field of the event's schema, and before them `offset`, `append_ts` (the time of its block,
UTC nanoseconds) and `kind`. Codes are spelled as in `engine.vocabulary`; 128-bit ids and the fingerprint are
hex digits, 128-bit money is text in decimal digits; prices and quantities are integers in the instrument's
scale; handles stay numbers.
"""

from enum import IntEnum
from typing import Any

import numpy as np

from engine import vocabulary as words
from engine.rows.events import HEAD
from engine.rows.schema import SCHEMAS
from storage.block import Block

Record = dict[str, Any]

_CODES: dict[str, type[IntEnum]] = {
    "kind": words.EventKind,
    "lane": words.Lane,
    "auth_method": words.AuthMethod,
    "reason": words.Reason,
    "status": words.OrdStatus,
    "ord_status": words.OrdStatus,
    "verdict": words.EventKind,
    "response_to": words.CxlRejResponseTo,
    "check": words.Check,
    "life": words.Life,
    "side": words.Side,
    "ord_type": words.OrdType,
    "time_in_force": words.TimeInForce,
    "exec_type": words.ExecType,
    "scope": words.Scope,
    "trading_state": words.TradingState,
}
_SPELLINGS = {field: {code.value: code.name for code in codes} for field, codes in _CODES.items()}


def block_records(block: Block, from_offset: int, order_id: tuple[int, int] | None = None) -> list[Record]:
    """The records of a block from an offset on; of one order, if its id (high, low) is given."""
    rows = block.rows(HEAD)
    offsets = np.arange(block.header.base_offset, block.header.next_offset)
    is_wanted = offsets >= from_offset
    if order_id is not None:
        is_wanted &= (rows["order_id_hi"] == order_id[0]) & (rows["order_id_lo"] == order_id[1])
    return records_of(rows[is_wanted], offsets[is_wanted], block.header.append_ts_last_ns)


def records_of(rows: np.ndarray, offsets: np.ndarray, append_ts: int) -> list[Record]:
    """The records of event rows (HEAD dtype), in their order; KeyError for a kind or schema nobody knows."""
    records: list[Record] = [{}] * len(rows)
    schemas = rows["kind"].astype(np.int64) << 8 | rows["schema"]
    for schema in np.unique(schemas):
        at = np.flatnonzero(schemas == schema)
        columns = _columns(rows[at], int(schema) >> 8, int(schema) & 0xFF)
        columns = {"offset": offsets[at].tolist(), "append_ts": [append_ts] * len(at), **columns}
        for index, values in zip(at.tolist(), zip(*columns.values(), strict=True), strict=True):
            records[index] = dict(zip(columns, values, strict=True))
    return records


def _columns(rows: np.ndarray, kind: int, schema: int) -> dict[str, list[Any]]:
    """Every field of rows of one kind as a list of plain values, `kind` first."""
    dtype, fields = SCHEMAS[words.EventKind(kind), schema]
    typed = rows.view(dtype)
    columns: dict[str, list[Any]] = {"kind": []}
    for field in fields:
        name = field.name
        if name.endswith("_hi") and field.format == "<i8":
            columns[name.removesuffix("_hi")] = _wide_numbers(typed, name)
        elif name.endswith("_hi"):
            columns[f"{name.removesuffix('_hi')}{'' if name == 'order_id_hi' else '_id'}"] = _ids(typed, name)
        elif not name.endswith("_lo") and not _is_word(name):
            columns[name] = _plain(name, typed[name])
    return columns


def _is_word(name: str) -> bool:
    """Whether a field is a machine word over the bytes of a text field."""
    return name.rpartition("_w")[2].isdigit()


def _ids(typed: np.ndarray, high: str) -> list[str]:
    low = f"{high.removesuffix('_hi')}_lo"
    return [f"{hi:016x}{lo:016x}" for hi, lo in zip(typed[high].tolist(), typed[low].tolist(), strict=True)]


def _wide_numbers(typed: np.ndarray, high: str) -> list[str]:
    """128-bit numbers in decimal digits: MessagePack has no integers of that width."""
    low = f"{high.removesuffix('_hi')}_lo"
    return [str((hi << 64) + lo) for hi, lo in zip(typed[high].tolist(), typed[low].tolist(), strict=True)]


def _plain(name: str, column: np.ndarray) -> list[Any]:
    values: list[Any] = column.tolist()
    if name in _SPELLINGS:
        spelling = _SPELLINGS[name]
        return [spelling.get(value, value) for value in values]
    if name == "fingerprint":
        return [f"{value:016x}" for value in values]
    if column.dtype.kind == "S":
        return [value.decode("ascii", "replace") for value in values]
    return values
