"""Which columns differ between two runs of the same commands, by nature: times, and numbers drawn at random.

Two logs of different uuids are compared without these, in events and in tables; a copy of a log with all.
"""

from functools import cache

import numpy as np

from engine.rows.events import EVENT_BYTES, HEAD_FIELDS
from engine.rows.layout import Field
from engine.rows.schema import SCHEMAS

RUN_COLUMNS = frozenset(
    [
        # Ids that clients draw, and hashes over them.
        *(f"{name}_{word}" for name in ("correlation", "request") for word in ("hi", "lo")),
        "fingerprint",
        # Times of clients and venues, and of the blocks.
        *("ts_event", "venue_cum_ns", "expires_ns", "last_fill_ns", "mark_ns", "observed_ns"),
        *("rate_full_ns", "repeat_buy_ns", "repeat_sell_ns", "executions_ns"),
    ]
)
"""The names of such columns, the same in events and in tables."""

KEYED_BY_RUN = frozenset(["requests", "executions"])
"""Tables whose keys are made of those ids: an operator's correction is known by its request."""


def is_of_run(table: str, column: str) -> bool:
    """Whether a column of a table differs between two runs by nature."""
    return column in RUN_COLUMNS or (table in KEYED_BY_RUN and column in ("key_hi", "key_lo"))


def fields_of(kind: int, schema: int) -> list[Field]:
    """The fields of an event; those of its head where nobody knows it."""
    known = {(int(key[0]), key[1]): fields for key, (_, fields) in SCHEMAS.items()}
    return list(known.get((kind, schema), HEAD_FIELDS))


@cache
def bytes_to_compare(kind: int, schema: int) -> np.ndarray:
    """Which bits of a row of two runs count: uint8 of shape (EVENT_BYTES,), 0 at what differs by nature."""
    mask = np.full(EVENT_BYTES, 0xFF, np.uint8)
    for field in fields_of(kind, schema):
        if field.name in RUN_COLUMNS:
            mask[field.offset : field.offset + np.dtype(field.format).itemsize] = 0
    return mask
