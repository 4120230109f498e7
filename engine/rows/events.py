"""The event row: 192 bytes that say what happened.

Every kind shares the head (bytes 0-103) and, for orders, the quantities after the event (104-119). The rest
is overlaid per kind: one dtype a kind, all of one size, read through `engine.rows.schema`.
"""

import numpy as np

from engine.rows.layout import Field, row_dtype, words

EVENT_BYTES = 192

HEAD_FIELDS = [
    Field("order_id_hi", "<u8", 0, 37),
    Field("order_id_lo", "<u8", 8, 37),
    Field("prev_offset", "<i8", 16),
    Field("ts_event", "<i8", 24, 60),
    Field("correlation_hi", "<u8", 32),
    Field("correlation_lo", "<u8", 40),
    Field("causation", "<i8", 48),
    Field("fingerprint", "<u8", 56),
    Field("subject_ref", "<u8", 64),
    Field("seq", "<u4", 72),
    Field("version", "<u4", 76),
    Field("account", "<u4", 80, 1),
    Field("instrument", "<u4", 84, 55),
    Field("strategy", "<u4", 88),
    Field("principal", "<u4", 92),
    Field("kind", "u1", 96),
    Field("schema", "u1", 97),
    Field("lane", "u1", 98),
    Field("auth_method", "u1", 99),
    Field("reason", "<u2", 100),
    Field("status", "u1", 102, 39),
    Field("check", "u1", 103),
]

_QUANTITIES = [Field("cum_qty", "<i8", 104, 14), Field("leaves_qty", "<i8", 112, 151)]
_TERMS = [
    Field("price", "<i8", 120, 44),
    Field("order_qty", "<i8", 128, 38),
    Field("mark", "<i8", 136),
    Field("cl_ord_id", "S20", 144, 11),
    *words("cl_ord_id", 144, 20),
    Field("limits_version", "<u4", 164),
    Field("side", "u1", 184, 54),
    Field("ord_type", "u1", 185, 40),
    Field("time_in_force", "u1", 186, 59),
    Field("reference_offset", "<u4", 188),
]

ORDER_FIELDS = [*HEAD_FIELDS, *_QUANTITIES, *_TERMS]
DENIAL_FIELDS = [
    *ORDER_FIELDS,
    Field("limit", "<i8", 168),
    Field("observed", "<i8", 176),
]
REPORT_FIELDS = [
    *HEAD_FIELDS,
    *_QUANTITIES,
    Field("last_px", "<i8", 120, 31),
    Field("last_qty", "<i8", 128, 32),
    Field("order_qty", "<i8", 136, 38),
    Field("exec_id", "S20", 144, 17),
    *words("exec_id", 144, 20),
    Field("venue", "<u4", 164, 100),
    Field("trade_date", "<u4", 168, 75),
    Field("exec_type", "u1", 172, 150),
    Field("side", "u1", 184, 54),
]
REQUEST_FIELDS = [
    *HEAD_FIELDS,
    *_QUANTITIES,
    Field("request_hi", "<u8", 120),
    Field("request_lo", "<u8", 128),
    Field("value", "<i8", 136),
    Field("cl_ord_id", "S20", 144, 11),
    *words("cl_ord_id", 144, 20),
    Field("venue", "<u4", 164, 100),
    Field("trade_date", "<u4", 168, 75),
    Field("scope", "u1", 172),
    Field("trading_state", "u1", 173),
    Field("reference_offset", "<u4", 188),
]
INSTRUMENT_FIELDS = [
    *HEAD_FIELDS,
    Field("tick", "<i8", 104),
    Field("lot", "<i8", 112),
    Field("request_hi", "<u8", 120),
    Field("request_lo", "<u8", 128),
    Field("multiplier", "<i8", 136),
    Field("name", "S16", 144),
    *words("name", 144, 16),
    Field("mark_band_ppm", "<u4", 160),
    Field("venue", "<u4", 164),
    Field("currency", "S3", 172),
    Field("price_scale", "u1", 175),
    Field("qty_scale", "u1", 176),
    Field("reference_offset", "<u4", 188),
    Field("min_lots", "<u4", 168),
    Field("flags", "u1", 177),
    Field("max_lots", "<u4", 180),
    Field("currency_w0", "<u4", 172),
]
NAME_FIELDS = [
    *HEAD_FIELDS,
    Field("request_hi", "<u8", 120),
    Field("request_lo", "<u8", 128),
    Field("name", "S16", 144),
    *words("name", 144, 16),
    Field("handle", "<u4", 164),
    Field("reference_offset", "<u4", 188),
]
LIMITS_FIELDS = [
    *HEAD_FIELDS,
    Field("max_order_qty", "<i8", 104),
    Field("max_order_notional", "<i8", 112),
    Field("request_hi", "<u8", 120),
    Field("request_lo", "<u8", 128),
    Field("max_long_qty", "<i8", 136),
    Field("max_short_qty", "<i8", 144),
    Field("collar_ppm", "<u4", 152),
    Field("orders_per_second", "<u4", 156),
    Field("burst", "<u4", 160),
    Field("limits_version", "<u4", 164),
    Field("reference_offset", "<u4", 188),
    Field("soft_percent", "u1", 168),
    Field("self_match", "u1", 169, 2964),
    Field("mark_age_s", "<u2", 170),
]

HEAD = row_dtype([*HEAD_FIELDS, Field("tail", "(11,)<u8", 104)], EVENT_BYTES)
"""Any event by its head. `tail` covers the rest: NumPy copies only bytes that a field covers."""
ORDER_EVENT = row_dtype(ORDER_FIELDS, EVENT_BYTES)
"""OrderSubmitted, ReplaceRequested: the terms asked for, the mark and the limits that passed them."""
DENIAL_EVENT = row_dtype(DENIAL_FIELDS, EVENT_BYTES)
"""OrderDenied, ReplaceDenied: the same, with the check, its limit and what it observed."""
REPORT_EVENT = row_dtype(REPORT_FIELDS, EVENT_BYTES)
"""What a venue reported: accepted, rejected, traded, canceled, replaced, restated, expired, orphaned."""
REQUEST_EVENT = row_dtype(REQUEST_FIELDS, EVENT_BYTES)
"""CancelRequested, CancelDenied, conflicts, mass cancels, trading states, marks (`value`), trading days."""
INSTRUMENT_EVENT = row_dtype(INSTRUMENT_FIELDS, EVENT_BYTES)
NAME_EVENT = row_dtype(NAME_FIELDS, EVENT_BYTES)
"""VenueDefined, AccountDefined, StrategyDefined, PrincipalDefined: a name and its handle."""
LIMITS_EVENT = row_dtype(LIMITS_FIELDS, EVENT_BYTES)


def event_rows(count: int) -> np.ndarray:
    """`count` zeroed event rows, seen by their head."""
    return np.zeros(count, HEAD)
