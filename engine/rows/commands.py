"""The command row: 160 bytes that say what somebody asks for.

All kinds share the head (bytes 0-55 and 96-159). Bytes 56-95 hold the numbers of the kind: orders and
execution reports read them as COMMAND says, definitions and limits as their own dtype over the same bytes.
"""

import numpy as np

from engine.rows.layout import Field, row_dtype, words

COMMAND_BYTES = 160

_HEAD = [
    Field("order_id_hi", "<u8", 0, 37),
    Field("order_id_lo", "<u8", 8, 37),
    Field("request_hi", "<u8", 16),
    Field("request_lo", "<u8", 24),
    Field("correlation_hi", "<u8", 32),
    Field("correlation_lo", "<u8", 40),
    Field("ts_event", "<i8", 48, 60),
    Field("seq", "<u4", 96),
    Field("expected_version", "<u4", 100),
    Field("account", "<u4", 104, 1),
    Field("instrument", "<u4", 108, 55),
    Field("strategy", "<u4", 112),
    Field("principal", "<u4", 116),
    Field("venue", "<u4", 120, 100),
    Field("trade_date", "<u4", 124, 75),
    Field("text", "S20", 128),
    *words("text", 128, 20),
    Field("kind", "u1", 148),
    Field("lane", "u1", 149),
    Field("auth_method", "u1", 150),
    Field("scope", "u1", 151),
]

COMMAND_FIELDS = [
    *_HEAD,
    Field("price", "<i8", 56, 44),
    Field("qty", "<i8", 64, 38),
    Field("cum_qty", "<i8", 72, 14),
    Field("leaves_qty", "<i8", 80, 151),
    Field("subject_ref", "<u8", 88),
    Field("side", "u1", 152, 54),
    Field("ord_type", "u1", 153, 40),
    Field("time_in_force", "u1", 154, 59),
    Field("exec_type", "u1", 155, 150),
    Field("trading_state", "u1", 156),
]

INSTRUMENT_COMMAND_FIELDS = [
    *_HEAD,
    Field("tick", "<i8", 56),
    Field("lot", "<i8", 64),
    Field("multiplier", "<i8", 72),
    Field("mark_band_ppm", "<i8", 80),
    Field("currency", "S3", 152),
    Field("price_scale", "u1", 155),
    Field("qty_scale", "u1", 156),
]

LIMITS_COMMAND_FIELDS = [
    *_HEAD,
    Field("max_order_qty", "<i8", 56),
    Field("max_order_notional", "<i8", 64),
    Field("max_long_qty", "<i8", 72),
    Field("max_short_qty", "<i8", 80),
    Field("collar_ppm", "<u4", 88),
    Field("orders_per_second", "<u4", 92),
    Field("burst", "<u4", 152),
]

COMMAND = row_dtype([*COMMAND_FIELDS, Field("spare", "S3", 157)], COMMAND_BYTES)
"""Orders, execution reports, marks, trading days and states. `text` is ClOrdID, ExecID or a name.

NumPy copies fields, not bytes: `spare` covers those of no field, so that they stay zero in every copy.
"""

INSTRUMENT_COMMAND = row_dtype(INSTRUMENT_COMMAND_FIELDS, COMMAND_BYTES)
"""SetInstrument: tick and lot in their own scales, multiplier a whole number, currency as ISO 4217."""

LIMITS_COMMAND = row_dtype(LIMITS_COMMAND_FIELDS, COMMAND_BYTES)
"""SetLimits: quantities in the instrument's scale, notional in 10^-8 of its currency, collar in ppm of mark.

Byte 88 is `subject_ref` elsewhere: limits are about no person.
"""


def command_rows(count: int) -> np.ndarray:
    """`count` zeroed command rows."""
    return np.zeros(count, COMMAND)
