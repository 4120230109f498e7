"""The answer row: 72 bytes that say what became of a command."""

import numpy as np

from engine.rows.layout import Field, row_dtype

ANSWER_BYTES = 72

ANSWER_FIELDS = [
    Field("offset", "<i8", 0),
    Field("cum_qty", "<i8", 8, 14),
    Field("leaves_qty", "<i8", 16, 151),
    Field("limit", "<i8", 24),
    Field("observed", "<i8", 32),
    Field("mark", "<i8", 40),
    Field("version", "<u4", 48),
    Field("expected_seq", "<u4", 52),
    Field("limits_version", "<u4", 56),
    Field("handle", "<u4", 60),
    Field("reason", "<u2", 64),
    Field("code", "u1", 66),
    Field("original_code", "u1", 67),
    Field("status", "u1", 68, 39),
    Field("check", "u1", 69),
    Field("violations", "<u4", 60),
]

ANSWER = row_dtype(ANSWER_FIELDS, ANSWER_BYTES)
"""`offset` is the event's place in the partition's log, -1 where nothing is kept.

`version` is the order's version after the event, or the actual one of a conflict; `expected_seq` is set by
GAP; `check`, `limit`, `observed`, `limits_version` and `mark` by a refusal; `original_code` by DUPLICATE.
`handle` is that of what a definition named; for an order the same bytes are `violations`, a bit for every
`Check` that it broke, bit 0 for none.
"""


def answer_rows(count: int) -> np.ndarray:
    """`count` zeroed answer rows."""
    return np.zeros(count, ANSWER)
