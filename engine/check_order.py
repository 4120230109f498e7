"""The order in which the pre-trade checks run, and sets of them as the bits of one number."""

from engine.vocabulary import Check

CHECK_ORDER = (
    Check.TRADING_STATE,
    Check.DUPLICATIVE,
    Check.TICK,
    Check.LOT,
    Check.SIZE,
    Check.EXPIRY,
    Check.RESTRICTED,
    Check.SHORT_SALE,
    Check.ORDER_QTY,
    Check.ORDER_NOTIONAL,
    Check.MARK,
    Check.MARK_AGE,
    Check.COLLAR,
    Check.RATE,
    Check.EXECUTIONS,
    Check.SELF_TRADE,
    Check.OPEN_ORDERS,
    Check.WORKING_NOTIONAL,
    Check.POSITION,
    Check.GROSS,
    Check.NET,
    Check.CREDIT,
    Check.FIRM_BUDGET,
    Check.LOSS,
    Check.DRAWDOWN,
    Check.RULE,
)
"""All of them run; the first that fails gives the reason. Source: SEC 15c3-5 (c)(1), RTS 6 article 15."""


def checks_of(bits: int) -> tuple[Check, ...]:
    """The checks whose bits are set (bit n is the check with number n), in the order in which they run."""
    return tuple(check for check in CHECK_ORDER if bits >> check & 1)
