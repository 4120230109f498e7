"""Compares what was acknowledged with what is in the log: nothing lost, nothing doubled."""

from pathlib import Path

import numpy as np

from engine.rows.events import ORDER_EVENT
from engine.rows.layout import joined
from engine.vocabulary import Lane
from storage.log_reader import LogReader

KEY = np.dtype([("hi", "<u8"), ("lo", "<u8"), ("text", "S20"), ("seq", "<u4"), ("lane", "u1")])
"""What tells a command of an owner or a venue from every other: its order, number, and ClOrdID or ExecID."""


def events_of(directory: Path, begin: int = 0) -> np.ndarray:
    """Every event of partition 0, from the block of this offset on, as ORDER_EVENT rows in their order.

    An ExecID lies in `cl_ord_id`.
    """
    with LogReader.open(directory / "p0000") as reader:
        blocks = [block.rows(ORDER_EVENT).copy() for block in reader.blocks(begin) if block.header.count]
    return joined(blocks)


def lost(events: np.ndarray, commands: np.ndarray, offsets: np.ndarray) -> int:
    """How many acknowledged commands have no event of their own at the offset that their answer named."""
    is_there = (offsets >= 0) & (offsets < len(events))
    named = _keys(events[np.where(is_there, offsets, 0)], "cl_ord_id")
    return int((~is_there | (named != _keys(commands, "text"))).sum())


def doubled(events: np.ndarray) -> int:
    """How many events of owners and venues have the key of an earlier one: its command took effect twice."""
    keys = _keys(events[np.isin(events["lane"], (Lane.OWNER, Lane.VENUE))], "cl_ord_id")
    return len(keys) - len(np.unique(keys))


def _keys(rows: np.ndarray, text: str) -> np.ndarray:
    keys = np.zeros(len(rows), KEY)
    keys["hi"], keys["lo"], keys["text"] = rows["order_id_hi"], rows["order_id_lo"], rows[text]
    keys["seq"], keys["lane"] = rows["seq"], rows["lane"]
    return keys
