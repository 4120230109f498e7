"""From our reasons to FIX's, for whoever passes an answer on. Source: FIX 5.0 SP2, tags 103 and 102."""

from engine.vocabulary import Reason

FIX_REASON = {
    Reason.TRADING_HALTED: 0,
    Reason.TRADING_REDUCING: 0,
    Reason.NO_LIMITS: 3,
    Reason.INVALID_PRICE_INCREMENT: 18,
    Reason.INVALID_LOT: 13,
    Reason.ORDER_QTY_EXCEEDED: 26,
    Reason.ORDER_NOTIONAL_EXCEEDED: 27,
    Reason.MARK_NOT_AVAILABLE: 19,
    Reason.PRICE_COLLAR: 16,
    Reason.RATE_EXCEEDED: 21,
    Reason.POSITION_LIMIT: 3,
    Reason.DUPLICATE_ORDER: 6,
    Reason.DUPLICATE_CL_ORD_ID: 6,
    Reason.TOO_LATE: 0,
    Reason.NOT_ACKNOWLEDGED: 99,
    Reason.ALREADY_PENDING: 3,
    Reason.UNKNOWN_ORDER: 1,
    Reason.DUPLICATIVE_ORDER: 6,
    Reason.QTY_TOO_SMALL: 13,
    Reason.QTY_TOO_LARGE: 13,
    Reason.EXPIRED_ORDER: 99,
    Reason.RESTRICTED_INSTRUMENT: 0,
    Reason.SHORT_NOT_PERMITTED: 22,
    Reason.MARK_STALE: 19,
    Reason.EXECUTION_THROTTLE: 21,
    Reason.SELF_TRADE: 0,
    Reason.TOO_MANY_ORDERS: 3,
    Reason.WORKING_NOTIONAL: 20,
    Reason.GROSS_EXPOSURE: 25,
    Reason.NET_EXPOSURE: 25,
    Reason.CREDIT_EXCEEDED: 25,
    Reason.LOSS_LIMIT: 21,
    Reason.DRAWDOWN_LIMIT: 21,
    Reason.FIRM_BUDGET: 25,
    Reason.LEASE_EXPIRED: 25,
    Reason.EXCHANGE_CLOSED: 2,
    Reason.FX_NOT_AVAILABLE: 19,
}
"""FIX's OrdRejReason (103) on a new order, CxlRejReason (102) on a cancel or replace."""

_OF_REQUESTS = frozenset(
    {
        Reason.DUPLICATE_CL_ORD_ID,
        Reason.TOO_LATE,
        Reason.NOT_ACKNOWLEDGED,
        Reason.ALREADY_PENDING,
        Reason.UNKNOWN_ORDER,
    }
)
"""Reasons that only a cancel or a replace is refused for."""


def fix_field(reason: Reason) -> int:
    """The field that `FIX_REASON` has the number for: CxlRejReason (102) or OrdRejReason (103)."""
    return 102 if reason in _OF_REQUESTS else 103
