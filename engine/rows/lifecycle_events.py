"""Event rows of the order lifecycle: what its kinds keep in the bytes that an order's first events left free.

The rule that writes one enters it in the set of schemas, under a version of its own where bytes change their
meaning.
"""

from engine.rows.events import (
    DENIAL_FIELDS,
    EVENT_BYTES,
    HEAD_FIELDS,
    ORDER_FIELDS,
    REPORT_FIELDS,
    REQUEST_FIELDS,
)
from engine.rows.layout import Field, row_dtype, words


def _without(fields: list[Field], *names: str) -> list[Field]:
    """The fields whose bytes a kind needs for nothing else."""
    return [field for field in fields if field.name not in names]


_STATED = [
    Field("reject_reason", "u1", 185, 103),
    Field("response_to", "u1", 186, 434),
    Field("restatement_reason", "u1", 187, 378),
    Field("liquidity", "u1", 188, 851),
    Field("given", "u1", 189),
]

SUBMITTED_FIELDS = [
    *_without(ORDER_FIELDS, "cum_qty", "leaves_qty"),
    Field("min_qty", "<i8", 104, 110),
    Field("display_qty", "<i8", 112, 1138),
    Field("stop_px", "<i8", 168, 99),
    Field("expire_s", "<u4", 176, 126),
    Field("warnings", "<u4", 180),
    Field("exec_inst", "u1", 187, 18),
]
REPLACE_FIELDS = [*ORDER_FIELDS, Field("stop_px", "<i8", 168, 99), Field("warnings", "<u4", 180)]
ORDER_DENIAL_FIELDS = [*_without(DENIAL_FIELDS, "cum_qty", "leaves_qty"), Field("violations", "<u4", 104)]
REPLACE_DENIAL_FIELDS = [
    *_without(DENIAL_FIELDS, "side", "ord_type", "time_in_force"),
    Field("violations", "<u4", 184),
]
_COMMISSION = [
    Field("commission", "<i8", 176, 12),
    Field("commission_currency", "S3", 173, 479),
    Field("commission_currency_w0", "<u4", 172),
]
STATED_TRADE_FIELDS = [
    *_without(REPORT_FIELDS, "order_qty"),
    *_STATED,
    Field("venue_cum_qty", "<i8", 136, 14),
    *_COMMISSION,
]
STATED_CHANGE_FIELDS = [
    *REPORT_FIELDS,
    *_without(_STATED, "liquidity"),
    Field("ord_status", "u1", 188, 39),
    Field("venue_cum_qty", "<i8", 176, 14),
]
ORPHAN_FIELDS = [*_without(STATED_TRADE_FIELDS, "liquidity"), Field("ord_status", "u1", 188, 39)]
CORRECTION_FIELDS = [
    *_without(REPORT_FIELDS, "order_qty", "side"),
    Field("commission", "<i8", 136, 12),
    Field("commission_currency", "S3", 173, 479),
    Field("commission_currency_w0", "<u4", 172),
    Field("exec_ref_hi", "<u8", 176, 19),
    Field("exec_ref_lo", "<u8", 184, 19),
]
OPERATORS_CORRECTION_FIELDS = [
    *HEAD_FIELDS,
    Field("cum_qty", "<i8", 104, 14),
    Field("leaves_qty", "<i8", 112, 151),
    Field("request_hi", "<u8", 120),
    Field("request_lo", "<u8", 128),
    Field("last_px", "<i8", 136, 31),
    Field("note", "S16", 144),
    *words("note", 144, 16),
    Field("last_qty", "<i8", 160, 32),
    Field("approver", "<u4", 168),
    Field("exec_type", "u1", 172, 150),
    Field("exec_ref_hi", "<u8", 176, 19),
    Field("exec_ref_lo", "<u8", 184, 19),
]
RESTATEMENT_FIELDS = [
    *HEAD_FIELDS,
    Field("qty_before", "<i8", 104),
    Field("qty_after", "<i8", 112),
    Field("cash_before_hi", "<i8", 120),
    Field("cash_before_lo", "<u8", 128),
    Field("cash_after_hi", "<i8", 136),
    Field("cash_after_lo", "<u8", 144),
    Field("realized_before_hi", "<i8", 152),
    Field("realized_before_lo", "<u8", 160),
    Field("realized_after_hi", "<i8", 168),
    Field("realized_after_lo", "<u8", 176),
]
INTEGRITY_FIELDS = [
    *HEAD_FIELDS,
    Field("cum_qty", "<i8", 104, 14),
    Field("leaves_qty", "<i8", 112, 151),
    Field("venue_cum_qty", "<i8", 120, 14),
    Field("order_qty", "<i8", 136, 38),
]
IN_DOUBT_FIELDS = [*REQUEST_FIELDS, Field("in_doubt", "u1", 174), Field("verdict", "u1", 175)]
RETIREMENT_FIELDS = [
    *HEAD_FIELDS,
    Field("first_slot", "<i8", 104),
    Field("last_slot", "<i8", 112),
]
RECALLED_ORDER_FIELDS = [
    *HEAD_FIELDS,
    Field("cum_qty", "<i8", 104, 14),
    Field("order_qty", "<i8", 112, 38),
    Field("price", "<i8", 120, 44),
    Field("cum_value_hi", "<i8", 128),
    Field("cum_value_lo", "<u8", 136),
    Field("venue_cum_ns", "<i8", 144),
    Field("stop_px", "<i8", 152, 99),
    Field("min_qty", "<i8", 160, 110),
    Field("display_qty", "<i8", 168, 1138),
    Field("expire_s", "<u4", 176, 126),
    Field("executions", "<u2", 180),
    Field("life", "u1", 182),
    Field("notices", "u1", 183),
    Field("side", "u1", 184, 54),
    Field("ord_type", "u1", 185, 40),
    Field("time_in_force", "u1", 186, 59),
    Field("exec_inst", "u1", 187, 18),
    Field("breaks", "u1", 188),
    Field("has_conflict", "u1", 189),
    Field("has_books", "u1", 190),
]
RECALLED_EXECUTION_FIELDS = [
    *HEAD_FIELDS,
    Field("exec_key_hi", "<u8", 104, 17),
    Field("exec_key_lo", "<u8", 112, 17),
    Field("report_offset", "<i8", 120),
    Field("fill", "<u4", 128),
    Field("has_conflict", "u1", 132),
    Field("exec_type", "u1", 172, 150),
]
EXPOSURE_LIMITS_FIELDS = [
    *HEAD_FIELDS,
    Field("max_gross", "<i8", 104),
    Field("max_net", "<i8", 112),
    Field("request_hi", "<u8", 120),
    Field("request_lo", "<u8", 128),
    Field("max_credit", "<i8", 136),
    Field("max_working_notional", "<i8", 144),
    Field("max_loss", "<i8", 152),
    Field("fx_age_s", "<u4", 160),
    Field("limits_version", "<u4", 164),
    Field("currency", "S3", 168),
    Field("soft_percent", "u1", 171),
    Field("currency_w0", "<u4", 168),
    Field("reference_offset", "<u4", 188),
]
DRAWDOWN_LIMITS_FIELDS = [
    *EXPOSURE_LIMITS_FIELDS,
    Field("has_max_drawdown", "u1", 172),
    Field("max_drawdown", "<i8", 176),
]
HALT_FIELDS = [
    *HEAD_FIELDS,
    Field("limit", "<i8", 120),
    Field("observed", "<i8", 136),
    Field("currency", "S3", 168),
    Field("currency_w0", "<u4", 168),
    Field("scope", "u1", 172),
    Field("trading_state", "u1", 173),
]
THROTTLES_FIELDS = [
    *HEAD_FIELDS,
    Field("orders_per_second", "<u4", 104),
    Field("burst", "<u4", 108),
    Field("repeat_window_ms", "<u4", 112),
    Field("repeats_max", "<u4", 116),
    Field("request_hi", "<u8", 120),
    Field("request_lo", "<u8", 128),
    Field("execution_window_ms", "<u4", 136),
    Field("executions_max", "<u4", 140),
    Field("open_orders_max", "<u4", 144),
    Field("scope", "u1", 172),
    Field("reference_offset", "<u4", 188),
]
FX_FIELDS = [
    *HEAD_FIELDS,
    Field("numerator", "<i8", 104),
    Field("denominator", "<i8", 112),
    Field("request_hi", "<u8", 120),
    Field("request_lo", "<u8", 128),
    Field("currency", "S3", 144, 15),
    Field("currency_w0", "<u4", 144),
    Field("settl_currency", "S3", 148, 120),
    Field("settl_currency_w0", "<u4", 148),
    Field("handle", "<u4", 164),
    Field("reference_offset", "<u4", 188),
]

LEASE_FIELDS = [
    *HEAD_FIELDS,
    Field("amount", "<i8", 104),
    Field("granted", "<i8", 112),
    Field("request_hi", "<u8", 120),
    Field("request_lo", "<u8", 128),
    Field("expires_ns", "<i8", 136),
    Field("currency", "S3", 144, 15),
    Field("currency_w0", "<u4", 144),
    Field("partition", "<u4", 148),
    Field("source_offset", "<i8", 152),
    Field("serial", "<u4", 160),
    Field("handle", "<u4", 164),
    Field("is_recorded", "u1", 172),
    Field("reference_offset", "<u4", 188),
]

SUBMITTED_EVENT = row_dtype(SUBMITTED_FIELDS, EVENT_BYTES)
"""OrderSubmitted: CumQty of a new order is 0 and LeavesQty its OrderQty, so their bytes have other terms.

`expire_s` is ExpireTime in Unix seconds, `warnings` has a bit for every `Check` that passed only just.
"""
REPLACE_EVENT = row_dtype(REPLACE_FIELDS, EVENT_BYTES)
"""ReplaceRequested: MinQty, DisplayQty and ExpireTime cannot be replaced."""
ORDER_DENIAL_EVENT = row_dtype(ORDER_DENIAL_FIELDS, EVENT_BYTES)
"""OrderDenied: `violations` has a bit for every `Check` that the order broke."""
REPLACE_DENIAL_EVENT = row_dtype(REPLACE_DENIAL_FIELDS, EVENT_BYTES)
"""ReplaceDenied: side, type and time in force are the order's own, else it would be malformed."""
STATED_TRADE_EVENT = row_dtype(STATED_TRADE_FIELDS, EVENT_BYTES)
"""TradeExecuted with what the venue charged, in 10^-8 of that currency; what it sends back is negative.

A trade leaves OrderQty as it is: its bytes are `venue_cum_qty`, the venue's CumQty where `given` says so.
"""
STATED_CHANGE_EVENT = row_dtype(STATED_CHANGE_FIELDS, EVENT_BYTES)
"""Any other report on an order; `venue_cum_qty` is the venue's CumQty where `given` says so, beside ours.

`ord_status` is what the venue holds the order to be, where it was asked; the head's `status` what we do.
"""
ORPHAN_EVENT = row_dtype(ORPHAN_FIELDS, EVENT_BYTES)
"""OrphanReported: all that a report says, its CumQty and LeavesQty as the venue has them."""
CORRECTION_EVENT = row_dtype(CORRECTION_FIELDS, EVENT_BYTES)
"""TradeCorrected, TradeBusted: `exec_ref_*` is the execution key of the report that it is about."""
OPERATORS_CORRECTION_EVENT = row_dtype(OPERATORS_CORRECTION_FIELDS, EVENT_BYTES)
"""TradeCorrected, TradeBusted by an operator: the reason, and the handle of the principal who approved it."""
RESTATEMENT_EVENT = row_dtype(RESTATEMENT_FIELDS, EVENT_BYTES)
"""PositionRestated: a position's quantity and money before and after, money as 128-bit numbers."""
INTEGRITY_EVENT = row_dtype(INTEGRITY_FIELDS, EVENT_BYTES)
"""OverfillDetected, CumQtyGapDetected and -Closed: our sums and the venue's; `causation` is the report."""
IN_DOUBT_EVENT = row_dtype(IN_DOUBT_FIELDS, EVENT_BYTES)
"""RequestInDoubt, InDoubtResolved: which requests, as `InDoubt` bits, and the `EventKind` of the verdict."""
RETIREMENT_EVENT = row_dtype(RETIREMENT_FIELDS, EVENT_BYTES)
"""OrdersRetired: between which slots of the order table closed orders leave memory."""
RECALLED_ORDER_EVENT = row_dtype(RECALLED_ORDER_FIELDS, EVENT_BYTES)
"""OrderRecalled: a closed order as it left memory; `executions` says how many of its reports follow.

Nothing is left of it or pending. `seq` is the last of its owner's lane, `version` and `status` are its own;
the next OrdersRetired may take it out again.
"""
RECALLED_EXECUTION_EVENT = row_dtype(RECALLED_EXECUTION_FIELDS, EVENT_BYTES)
"""ExecutionRecalled: a report of such an order, whose event lies at `report_offset`; `fill` is its slot."""
EXPOSURE_LIMITS_EVENT = row_dtype(EXPOSURE_LIMITS_FIELDS, EVENT_BYTES)
"""ExposureLimitsChanged: money in 10^-8 of `currency`, the age of rates in seconds, 0 where any will do."""
DRAWDOWN_LIMITS_EVENT = row_dtype(DRAWDOWN_LIMITS_FIELDS, EVENT_BYTES)
"""ExposureLimitsChanged from its second version on: with a limit on drawdown where `has_max_drawdown`."""
HALT_EVENT = row_dtype(HALT_FIELDS, EVENT_BYTES)
"""HaltLatched: what was observed of which limit, in 10^-8 of `currency`, and what the scope may still do."""
THROTTLES_EVENT = row_dtype(THROTTLES_FIELDS, EVENT_BYTES)
"""ThrottlesChanged of an account or strategy: how many in which window, 0 where there is no throttle."""
FX_EVENT = row_dtype(FX_FIELDS, EVENT_BYTES)
"""FxChanged: one unit of `currency` is `numerator` / `denominator` of `settl_currency`, pair `handle`."""
LEASE_EVENT = row_dtype(LEASE_FIELDS, EVENT_BYTES)
"""FirmLimitChanged, LeaseGranted, LeaseReturned: money in 10^-8 of `currency`.

`amount` is the limit, or what was granted or returned; `granted` what the partition, or for a limit the whole
firm, has from then on. `handle` is the row of the lease or limit; `serial` counts the changes of a lease in
the reference log. A return says whether it is one of those (`is_recorded`), and at which offset of the
partition's log it began.
"""
