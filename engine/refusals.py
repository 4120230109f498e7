"""Refusals in words: one sentence a reason, with the limit, what was observed, and what to do about it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from engine.limits import MONEY_SCALE, NS_PER_SECOND, PPM
from engine.values import unscaled
from engine.vocabulary import AnswerCode, Check, Reason, TradingState

Quantity = Decimal | TradingState | None
"""A limit or an observed value in the unit of its check: price, quantity, money, share, seconds, state."""


class Scales(NamedTuple):
    """Decimal places of an instrument's prices and quantities."""

    price: int
    qty: int


class Breach(NamedTuple):
    """What a check compared: prices and quantities in whole units, money in its currency.

    The collar's limit is a fraction of the mark (0.05 is 5 %); the rate's values are seconds.
    """

    limit: Quantity
    observed: Quantity


_OF_MONEY = {
    Check.ORDER_NOTIONAL,
    Check.WORKING_NOTIONAL,
    Check.GROSS,
    Check.NET,
    Check.CREDIT,
    Check.FIRM_BUDGET,
    Check.LOSS,
    Check.DRAWDOWN,
}
"""Checks that compare money: an account's exposure in the currency of its limits."""


def breach_of(check: Check, limit: int, observed: int, scales: Scales) -> Breach:
    """The two numbers of a check, which travel as integers, in their units."""
    if check in {Check.TICK, Check.MARK, Check.SELF_TRADE}:
        return Breach(unscaled(limit, scales.price), unscaled(observed, scales.price))
    if check in {Check.LOT, Check.SIZE, Check.SHORT_SALE, Check.ORDER_QTY, Check.POSITION}:
        return Breach(unscaled(limit, scales.qty), unscaled(observed, scales.qty))
    if check == Check.COLLAR:
        return Breach(_plain(Decimal(limit) / PPM), unscaled(observed, scales.price))
    if check in _OF_MONEY:
        return Breach(_plain(unscaled(limit, MONEY_SCALE)), _plain(unscaled(observed, MONEY_SCALE)))
    if check in {Check.RATE, Check.MARK_AGE, Check.EXPIRY}:
        return Breach(Decimal(limit) / NS_PER_SECOND, Decimal(observed) / NS_PER_SECOND)
    if check in {Check.DUPLICATIVE, Check.EXECUTIONS, Check.OPEN_ORDERS}:
        return Breach(Decimal(limit), Decimal(observed))
    if check == Check.TRADING_STATE:
        return Breach(None, TradingState(observed))
    return Breach(None, None)


def _plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros behind the point."""
    return number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize()


CODES = {
    AnswerCode.CONFLICT: "this number or id was used for another command; nothing was executed",
    AnswerCode.VERSION_CONFLICT: "the order is at version {version}; look at it and decide again",
    AnswerCode.GAP: "the order's next number is {expected_seq}; nothing happened",
    AnswerCode.STALE_TRADE_DATE: "the trade date has moved on; nothing happened, submit again on the new one",
    AnswerCode.OVERLOADED: "the partition's queue is full; nothing happened, send again later",
    AnswerCode.NOT_READY: "the partition is folding its log; nothing happened, send again later",
    AnswerCode.LOW_SPACE: "there is no room for it; nothing happened, cancels still pass",
    AnswerCode.FENCED: "another process owns the partition; nothing happened, send again",
}
"""A sentence for every answer that says no without a reason, or says more than its reason."""

REASONS = {
    Reason.TRADING_HALTED: "trading is halted, only cancels pass (state {observed})",
    Reason.TRADING_REDUCING: "only orders that shrink the position pass (state {observed})",
    Reason.NO_LIMITS: "the account has no limits, Admin.set_limits gives it some",
    Reason.INVALID_PRICE_INCREMENT: "price {observed} is off the tick of {limit}",
    Reason.INVALID_LOT: "quantity {observed} is off the lot of {limit}",
    Reason.ORDER_QTY_EXCEEDED: "quantity {observed} is above the limit of {limit} an order",
    Reason.ORDER_NOTIONAL_EXCEEDED: "notional {observed} is above the limit of {limit} an order",
    Reason.MARK_NOT_AVAILABLE: "there is no mark to measure by, Admin.set_mark gives one",
    Reason.PRICE_COLLAR: "price {observed} is beyond {limit} of the mark {mark}",
    Reason.RATE_EXCEEDED: "account or strategy sends faster than its limit, wait {observed} s and send again",
    Reason.POSITION_LIMIT: "the position could reach {observed}, its limit is {limit}",
    Reason.DUPLICATE_ORDER: "the account has used this ClOrdID on this trade date",
    Reason.DUPLICATE_CL_ORD_ID: "the account has used this ClOrdID on this trade date",
    Reason.TOO_LATE: "nothing of the order is left to change",
    Reason.NOT_ACKNOWLEDGED: "the venue has not acknowledged the order yet, wait for it or cancel",
    Reason.ALREADY_PENDING: "a request of this kind is pending",
    Reason.UNKNOWN_ORDER: "nobody has submitted this order",
    Reason.ORDERS_FULL: "the order table is nearly full; new orders wait, cancels pass",
    Reason.TABLE_FULL: "a table is nearly full; new orders wait, cancels pass",
    Reason.UNKNOWN_INSTRUMENT: "nobody has defined this instrument, or it is not the one of the order",
    Reason.BAD_TIME: "the mark is dated ahead of the partition's clock; look at the sender's",
    Reason.IMMUTABLE: "scales, multiplier, venue, currency and a strategy's account are fixed for good",
    Reason.DUPLICATIVE_ORDER: "the same order came {observed} times in a row, {limit} are allowed",
    Reason.QTY_TOO_SMALL: "quantity {observed} is below the instrument's least of {limit}",
    Reason.QTY_TOO_LARGE: "quantity {observed} is above the instrument's most of {limit}",
    Reason.EXPIRED_ORDER: "the order's ExpireTime, {observed} s, is not after {limit} s (Unix time)",
    Reason.RESTRICTED_INSTRUMENT: "the instrument is restricted",
    Reason.SHORT_NOT_PERMITTED: "it could leave {observed} sold short, which the instrument does not permit"
    " or only with a locate",
    Reason.MARK_STALE: "the mark is {observed} s old, {limit} s are allowed; Admin.set_mark gives a new one",
    Reason.EXECUTION_THROTTLE: "the strategy had {observed} fills in a short time, {limit} are allowed;"
    " Admin.lift_halt lets it go on",
    Reason.SELF_TRADE: "at {observed} it could trade with an order of the same account at {limit}",
    Reason.TOO_MANY_ORDERS: "the account has {observed} open orders, its limit is {limit}",
    Reason.WORKING_NOTIONAL: "working orders could reach {observed}, their limit is {limit}",
    Reason.GROSS_EXPOSURE: "gross exposure could reach {observed}, its limit is {limit}",
    Reason.NET_EXPOSURE: "net exposure could reach {observed}, its limit is {limit}",
    Reason.CREDIT_EXCEEDED: "credit used could reach {observed}, its limit is {limit}",
    Reason.LOSS_LIMIT: "the day's loss is {observed}, its limit is {limit}",
    Reason.DRAWDOWN_LIMIT: "the day's profit is {observed} below its highest, the limit is {limit}",
    Reason.FIRM_BUDGET: "the firm's limit, or what is leased here, is {limit}; this would take {observed}",
    Reason.LEASE_EXPIRED: "the lease on the firm's limit of {limit} has ended and is not renewed",
    Reason.EXCHANGE_CLOSED: "the venue is closed, or no trading day of it has started; cancels pass",
    Reason.FX_NOT_AVAILABLE: "there is no recent rate of exchange to measure exposure by",
    Reason.REASON_NEEDED: "what lifts a restriction needs a reason, as text",
    Reason.LATE_REPORT: "the order had ended when the venue's report came",
    Reason.REJECTION_WITHDRAWN: "the venue accepts an order that it had rejected",
    Reason.ENDED_TWICE: "the order had ended in another way before",
    Reason.WRONG_LIFE: "an order in this state should have no such report",
    Reason.OVERFILL: "more was filled than was ordered",
    Reason.CUM_QTY_GAP: "the venue's sum of fills is not the sum of its reports",
    Reason.CORRECTION_AWAITED: "the report that it corrects has not come yet",
    Reason.BUST_OF_BUST: "it busts a bust and changes nothing",
    Reason.SECOND_CORRECTION: "another report had corrected the same trade before; this one changes nothing",
    Reason.STATUS_DIFFERS: "the venue holds the order to be in another state",
    Reason.NOT_PENDING: "no such request is pending, or none is in doubt",
    Reason.APPROVER_NEEDED: "a principal other than the sender has to approve it",
    Reason.PENDING_UNASKED: "the venue names a request that nobody made here",
    Reason.BAD_KIND: "there is no command of this kind",
    Reason.BAD_LANE: "this lane does not bring commands of this kind",
    Reason.BAD_SIDE: "Side is none of BUY, SELL, SELL_SHORT, SELL_SHORT_EXEMPT, or not the order's",
    Reason.BAD_ORD_TYPE: "OrdType is unknown, not the order's, or does not go with its conditions",
    Reason.BAD_TIME_IN_FORCE: "TimeInForce is unknown, not the order's, or does not go with its ExpireTime",
    Reason.BAD_PRICE: "a price is missing, out of bounds, or one that this OrdType does not have",
    Reason.BAD_QTY: "a quantity is missing, out of bounds, or larger than the one it is a part of",
    Reason.BAD_NOTIONAL: "quantity x price, or a commission, is more money than a sum could hold exactly",
    Reason.BAD_NAME: "a name, ClOrdID, ExecID or text is empty, too long, or not printable ASCII",
    Reason.BAD_ORDER_ID: "the order id is not the published function of trade date, account and ClOrdID",
    Reason.BAD_TRADE_DATE: "the trade date is no date, or not the venue's",
    Reason.BAD_EXEC_TYPE: "ExecType is unknown, or does not say which request it answers",
    Reason.BAD_SCOPE: "the scope is unknown, or not one that this command can be about",
    Reason.BAD_SEQ: "the number is 0, or not this command's: only SubmitOrder begins an order, with 1",
    Reason.BAD_REQUEST_ID: "the request id is 0",
    Reason.BAD_LIMIT: "a limit, scale, tick, lot or share is out of its bounds",
    Reason.BAD_STATE: "the trading state is unknown, or not one that this command can set",
    Reason.UNKNOWN_ACCOUNT: "nobody has defined this account, or it is not the one of the order",
    Reason.UNKNOWN_STRATEGY: "nobody has defined this strategy, or it is of another account",
    Reason.UNKNOWN_VENUE: "nobody has defined this venue",
}
"""A sentence for every reason."""

_SAID_BY_CODE = (AnswerCode.CONFLICT, AnswerCode.STALE_TRADE_DATE)
"""Answers whose code says more than the reason that comes with it."""


def refusal_text(
    code: AnswerCode,
    reason: Reason,
    breach: Breach,
    *,
    mark: Decimal | None,
    version: int,
    limits_version: int | None,
    expected_seq: int,
    others: Sequence[Check] = (),
) -> str:
    """Why a command was refused, one sentence without the code's own name, and which other checks failed."""
    sentence = CODES[code] if code in _SAID_BY_CODE or reason not in REASONS else REASONS[reason]
    text = sentence.format(
        limit=_share(breach.limit) if reason == Reason.PRICE_COLLAR else _shown(breach.limit),
        observed=_shown(breach.observed),
        mark=mark,
        version=version,
        expected_seq=expected_seq,
    )
    if limits_version:
        text += f" (limits version {limits_version})"
    return f"{text}; also refused by {named(others)}" if others else text


def named(checks: Sequence[Check]) -> str:
    """The names of some checks, in their order."""
    return ", ".join(check.name for check in checks)


def _share(value: Quantity) -> str:
    return f"{_plain(value * 100)} %" if isinstance(value, Decimal) else ""


def _shown(value: Quantity) -> str:
    if isinstance(value, TradingState):
        return value.name
    return "" if value is None else f"{value:f}"
