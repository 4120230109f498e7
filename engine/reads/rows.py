"""The rows that answer a question: names instead of handles, integers with their scales beside them.

A WIDE field holds a 128-bit number as two words; money is in 10^-8 of the currency named in its row. Every
byte is some field's and every field is aligned, so that rows travel as they lie in memory.
"""

import numpy as np

from engine.projections.sums import MEASURES_MAX, SUM

WIDE = np.dtype([("hi", "<i8"), ("lo", "<u8")])
"""A 128-bit number, two's complement."""

ORDER_ID = np.dtype([("hi", "<u8"), ("lo", "<u8")])
"""An order id: the trade date is in the upper half's upper half."""

_SCALES = [("price_scale", "u1"), ("qty_scale", "u1")]

POSITION_ROW = np.dtype(
    [
        ("account", "S16"),
        ("strategy", "S16"),
        ("instrument", "S16"),
        ("currency", "S4"),
        *_SCALES,
        ("is_priced", "u1"),
        ("is_open", "u1"),
        ("qty", "<i8"),
        ("average_price", WIDE),
        ("mark", "<i8"),
        ("mark_ns", "<i8"),
        ("open_cost", WIDE),
        ("realized", WIDE),
        ("unrealized", WIDE),
        ("cash", WIDE),
        ("buy_qty", "<i8"),
        ("sell_qty", "<i8"),
        ("working_buy_qty", "<i8"),
        ("working_sell_qty", "<i8"),
        ("working_buy", WIDE),
        ("working_sell", WIDE),
    ]
)
"""One position. `average_price` is in 10^-8, rounded half to even, and means something while `is_open`;
`unrealized` means something while `is_priced`."""

SUM_ROW = np.dtype(
    [
        ("group", "S16"),
        ("currency", "S8"),
        ("lines", "<u4"),
        ("unpriced", "<u4"),
        ("money", WIDE, (MEASURES_MAX,)),
    ]
)
"""Exposure or profit of one group in one currency; `unpriced` of its `lines` are not in what needs a mark.

These are the bytes of a SUM, with text for words."""
assert SUM_ROW.itemsize == SUM.itemsize, "a sum is read as it is written"

ORDER_ROW = np.dtype(
    [
        ("order_id", ORDER_ID),
        ("account", "S16"),
        ("strategy", "S16"),
        ("instrument", "S16"),
        *_SCALES,
        ("side", "u1"),
        ("status", "u1"),
        ("time_in_force", "u1"),
        ("ord_type", "u1"),
        ("is_replacing", "u1"),
        ("is_canceling", "u1"),
        ("in_doubt", "u1"),
        ("has_conflict", "u1"),
        ("has_pending_stop", "u1"),
        ("exec_inst", "S6"),
        ("version", "<u4"),
        ("last_seq", "<u4"),
        ("last_offset", "<i8"),
        ("price", "<i8"),
        ("order_qty", "<i8"),
        ("cum_qty", "<i8"),
        ("leaves_qty", "<i8"),
        ("average_price", WIDE),
        ("pending_price", "<i8"),
        ("pending_qty", "<i8"),
        ("stop_px", "<i8"),
        ("pending_stop_px", "<i8"),
        ("min_qty", "<i8"),
        ("display_qty", "<i8"),
        ("expire_ns", "<i8"),
    ]
)
"""One order. `average_price` is in 10^-8 and means something once it is filled in part; `pending_*` while
`is_replacing`. `exec_inst` is as FIX writes it, `expire_ns` is ExpireTime, UTC ns; 0 is none."""

LEVEL_ROW = np.dtype(
    [
        ("instrument", "S16"),
        *_SCALES,
        ("side", "<u2"),
        ("level", "<u4"),
        ("price", "<i8"),
        ("qty", "<i8"),
        ("orders", "<i8"),
    ]
)
"""One price level of a book; `level` counts from 1, the best."""

SEQ_ROW = np.dtype([("order_id", ORDER_ID), ("last_seq", "<u4"), ("version", "<u4")])
"""The last number that an order's owner lane has used, and the order's version; both 0 if it is unknown."""

EVENT_ROW = np.dtype(
    [
        ("offset", "<i8"),
        ("order_id", ORDER_ID),
        ("kind", "u1"),
        ("lane", "u1"),
        ("status", "u1"),
        ("check", "u1"),
        ("auth_method", "u1"),
        ("has_terms", "u1"),
        *_SCALES,
        ("reason", "<u2"),
        ("side", "u1"),
        ("is_order", "u1"),
        ("seq", "<u4"),
        ("version", "<u4"),
        ("text", "S20"),
        ("principal", "S16"),
        ("account", "S16"),
        ("strategy", "S16"),
        ("instrument", "S16"),
        ("ts_event", "<i8"),
        ("price", "<i8"),
        ("qty", "<i8"),
        ("cum_qty", "<i8"),
        ("leaves_qty", "<i8"),
        ("stop_px", "<i8"),
        ("ord_type", "<u8"),
        ("correlation", ORDER_ID),
        ("venue_reason", "u1"),
        ("has_venue_reason", "u1"),
    ]
)
"""One event. `text` is a request's ClOrdID, a report's ExecID or the name that a definition defines; `price`
and `qty`, where `has_terms`, are those asked for, or on a venue's report those of the fill, or the new ones;
the price of a mark is the mark. `venue_reason` is FIX's number that a venue gave for a rejection. Where not
`is_order`, order id and quantities mean nothing."""

HALT_ROW = np.dtype(
    [
        ("offset", "<i8"),
        ("since_ns", "<i8"),
        ("partition", "<u4"),
        ("name", "S16"),
        ("text", "S20"),
        ("principal", "S16"),
        ("reason", "<u2"),
        ("scope", "u1"),
        ("state", "u1"),
        ("kind", "u1"),
        ("is_latched", "u1"),
        ("has_event", "<u2"),
    ]
)
"""What one scope may not do, by a trading state or, if `is_latched`, by a halt; `has_event` says whether the
event that it began with was found: `offset`, `since_ns`, `kind` and who are of this one."""

STATUS_ROW = np.dtype([("name", "S24"), ("used", "<i8"), ("capacity", "<i8")])
"""How many rows of a table are used, and how many there are."""

LEASE_ROW = np.dtype(
    [
        ("currency", "S4"),
        ("partition", "<u4"),
        ("firm_limit", "<i8"),
        ("firm_granted", "<i8"),
        ("granted", "<i8"),
        ("returning", "<i8"),
        ("used", "<i8"),
        ("expires_ns", "<i8"),
        ("returned_offset", "<i8"),
        ("serial", "<u4"),
        ("is_limited", "u1"),
        ("pad", "S3"),
    ]
)
"""The lease of one partition on the firm's limit in a currency; money in 10^-8 of it, below 2**63.

`used` is the credit of the partition's accounts, or the largest int64. Of what is granted it may use what is
not on its way back (`returning`, since the event at `returned_offset`), until `expires_ns`, UTC ns.
"""
