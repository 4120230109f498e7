"""The command row: 160 bytes that say what somebody asks for.

All kinds share bytes 0-55 and 96-151. Bytes 56-95 and 152-159 are the kind's own: orders and reports read
them as COMMAND says, definitions and limits as their own dtype over the same bytes. Orders and reports have
no request id and use bytes 16-31 as well.
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
    Field("min_lots", "<u4", 88),
    Field("max_lots", "<u4", 92),
    Field("flags", "u1", 157),
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
    Field("soft_percent", "u1", 156),
    Field("self_match", "u1", 157, 2964),
    Field("mark_age_s", "<u2", 158),
]

_WITHOUT_REQUEST = [field for field in _HEAD if not field.name.startswith("request_")]
_ORDER_TERMS = [
    Field("price", "<i8", 56, 44),
    Field("qty", "<i8", 64, 38),
    Field("subject_ref", "<u8", 88),
    Field("side", "u1", 152, 54),
    Field("ord_type", "u1", 153, 40),
    Field("time_in_force", "u1", 154, 59),
]
ORDER_COMMAND_FIELDS = [
    *_WITHOUT_REQUEST,
    *_ORDER_TERMS,
    Field("min_qty", "<i8", 16, 110),
    Field("display_qty", "<i8", 24, 1138),
    Field("stop_px", "<i8", 72, 99),
    Field("expire_s", "<u4", 80, 126),
    Field("exec_inst", "u1", 155, 18),
    Field("is_locate", "u1", 156, 114),
]

REPORT_COMMAND_FIELDS = [
    *_WITHOUT_REQUEST,
    Field("price", "<i8", 56, 44),
    Field("qty", "<i8", 64, 38),
    Field("cum_qty", "<i8", 72, 14),
    Field("leaves_qty", "<i8", 80, 151),
    Field("exec_type", "u1", 155, 150),
    Field("exec_ref_hi", "<u8", 16, 19),
    Field("exec_ref_lo", "<u8", 24, 19),
    Field("commission", "<i8", 88, 12),
    Field("reject_reason", "u1", 152, 103),
    Field("response_to", "u1", 153, 434),
    Field("restatement_reason", "u1", 154, 378),
    Field("liquidity", "u1", 154, 851),
    Field("ord_status", "u1", 154, 39),
    Field("given", "u1", 156),
    Field("commission_currency", "S3", 157, 479),
    Field("commission_currency_w0", "<u4", 156),
]

CORRECTION_COMMAND_FIELDS = [
    *_HEAD,
    Field("price", "<i8", 56, 31),
    Field("qty", "<i8", 64, 32),
    Field("exec_ref_hi", "<u8", 72, 19),
    Field("exec_ref_lo", "<u8", 80, 19),
    Field("approver", "<u4", 88),
]

DOUBT_COMMAND_FIELDS = [*_HEAD, Field("in_doubt", "u1", 152), Field("verdict", "u1", 153)]

EXPOSURE_LIMITS_COMMAND_FIELDS = [
    *(field for field in _HEAD if field.name not in {"venue", "trade_date", "scope"}),
    Field("max_gross", "<i8", 56),
    Field("max_net", "<i8", 64),
    Field("max_credit", "<i8", 72),
    Field("max_working_notional", "<i8", 80),
    Field("max_loss", "<i8", 88),
    Field("max_drawdown", "<i8", 120),
    Field("has_max_drawdown", "u1", 151),
    Field("fx_age_s", "<u4", 152),
    Field("soft_percent", "u1", 156),
    Field("currency", "S3", 157),
    Field("currency_w0", "<u4", 156),
]

THROTTLES_COMMAND_FIELDS = [
    *_HEAD,
    Field("orders_per_second", "<u4", 56),
    Field("burst", "<u4", 60),
    Field("repeat_window_ms", "<u4", 64),
    Field("repeats_max", "<u4", 68),
    Field("execution_window_ms", "<u4", 72),
    Field("executions_max", "<u4", 76),
    Field("open_orders_max", "<u4", 88),
]

FX_COMMAND_FIELDS = [
    *_HEAD,
    Field("numerator", "<i8", 56),
    Field("denominator", "<i8", 64),
    Field("currency", "S3", 152, 15),
    Field("currency_w0", "<u4", 152),
    Field("settl_currency", "S3", 157, 120),
    Field("settl_currency_w0", "<u4", 156),
]

LEASE_COMMAND_FIELDS = [
    *_HEAD,
    Field("amount", "<i8", 56),
    Field("source_offset", "<i8", 64),
    Field("ttl_ms", "<u4", 72),
    Field("partition", "<u4", 76),
    Field("serial", "<u4", 80),
    Field("currency", "S3", 152, 15),
    Field("currency_w0", "<u4", 152),
]

SPARE_FIELDS = [Field(f"spare_{i}", "u1", 157 + i) for i in range(3)]
"""The last bytes of a row, which only some kinds have a field for; they are content like any other."""

COMMAND = row_dtype([*COMMAND_FIELDS, *SPARE_FIELDS], COMMAND_BYTES)
"""Orders, execution reports, marks, trading days and states. `text` is ClOrdID, ExecID or a name.

NumPy copies fields, not bytes: the spare ones cover those of no other field, so that every copy has them.
"""

INSTRUMENT_COMMAND = row_dtype(INSTRUMENT_COMMAND_FIELDS, COMMAND_BYTES)
"""SetInstrument: tick and lot in their own scales, multiplier a whole number, currency as ISO 4217.

`min_lots` and `max_lots` bound an order's quantity, 0 does not; `flags` has a bit for each `InstrumentFlag`.
Byte 88 is `subject_ref` elsewhere: instruments and limits are about no person.
"""

LIMITS_COMMAND = row_dtype(LIMITS_COMMAND_FIELDS, COMMAND_BYTES)
"""SetLimits: quantities in the instrument's scale, notional in 10^-8 of its currency, collar in ppm of mark.

From `soft_percent` of a limit on an accepted order has a warning; a mark older than `mark_age_s` measures
nothing. 0 is neither.
"""

ORDER_COMMAND = row_dtype(ORDER_COMMAND_FIELDS, COMMAND_BYTES)
"""SubmitOrder and ReplaceOrder by what only orders have; 0 is "not given" in each field.

MinQty and DisplayQty are in the instrument's quantity scale, StopPx in that of its price, `expire_s` is
ExpireTime in Unix seconds. `exec_inst` has a bit for each ExecInst: 1 post only (`6`), 2 reduce only (`E`),
4 all or none (`G`). `is_locate` says that the stock to sell short has been found.
"""

REPORT_COMMAND = row_dtype(REPORT_COMMAND_FIELDS, COMMAND_BYTES)
"""ExecutionReport and OrderCancelReject by what only venues say.

`exec_ref_*` is the execution key of ExecRefID, `commission` is signed, in 10^-8 of its currency.
`reject_reason` is OrdRejReason (103) or CxlRejReason (102); `response_to` says of which request a 35=9 is.
A restatement's reason, a trade's liquidity and an order status's OrdStatus share a byte. `given` has a bit
for each number that the report states, as `Given` names them, so that 0 can be told from nothing.
"""

CORRECTION_COMMAND = row_dtype(CORRECTION_COMMAND_FIELDS, COMMAND_BYTES)
"""BustTrade and CorrectTrade: the execution key of what it is about, the new numbers, and who approves it.

The `text` is the reason, at most 16 characters; `approver` is a principal's handle.
"""

DOUBT_COMMAND = row_dtype(DOUBT_COMMAND_FIELDS, COMMAND_BYTES)
"""MarkInDoubt and ResolveInDoubt: `InDoubt` bits of requests (0: all), or a verdict's `EventKind`."""

EXPOSURE_LIMITS_COMMAND = row_dtype(EXPOSURE_LIMITS_COMMAND_FIELDS, COMMAND_BYTES)
"""SetExposureLimits of an account: money in 10^-8 of `currency`.

From `soft_percent` of a limit on an accepted order has a warning; a rate of exchange older than `fx_age_s`
converts nothing. 0 is neither. `max_drawdown` is a limit only with `has_max_drawdown`: 0 would allow nothing.
"""

THROTTLES_COMMAND = row_dtype(THROTTLES_COMMAND_FIELDS, COMMAND_BYTES)
"""SetThrottles of an account or strategy: how many in which window."""

FX_COMMAND = row_dtype(FX_COMMAND_FIELDS, COMMAND_BYTES)
"""SetFx: one unit of `currency` is `numerator` / `denominator` units of `settl_currency`."""

LEASE_COMMAND = row_dtype(LEASE_COMMAND_FIELDS, COMMAND_BYTES)
"""SetFirmLimit, GrantLease, ReturnLease: `amount` in 10^-8 of the currency.

A grant lasts for `ttl_ms` from its block on. `serial` says which change of the lease this is to be, counted
from 1; 0 does not say. What a partition gave back at `source_offset` of its log the reference log records.
"""


def command_rows(count: int) -> np.ndarray:
    """`count` zeroed command rows."""
    return np.zeros(count, COMMAND)
