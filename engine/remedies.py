"""What to do about a refusal, one sentence a reason; `docs/refusals.md` shows them beside the refusals."""

from engine.fix_reasons import FIX_REASON
from engine.vocabulary import AnswerCode, Reason

REMARKS = frozenset(
    {
        Reason.LATE_REPORT,
        Reason.REJECTION_WITHDRAWN,
        Reason.ENDED_TWICE,
        Reason.WRONG_LIFE,
        Reason.OVERFILL,
        Reason.CUM_QTY_GAP,
        Reason.CORRECTION_AWAITED,
        Reason.BUST_OF_BUST,
        Reason.SECOND_CORRECTION,
        Reason.STATUS_DIFFERS,
        Reason.PENDING_UNASKED,
    }
)
"""What is odd about a venue's report that was accepted."""

_SEVERAL = {
    Reason.UNKNOWN_ORDER: (AnswerCode.REJECTED, AnswerCode.INVALID),
    Reason.DUPLICATE_ORDER: (AnswerCode.REJECTED, AnswerCode.CONFLICT),
    Reason.DUPLICATE_CL_ORD_ID: (AnswerCode.REJECTED, AnswerCode.CONFLICT),
    Reason.RATE_EXCEEDED: (AnswerCode.RATE_LIMIT, AnswerCode.REJECTED),
    Reason.EXCHANGE_CLOSED: (AnswerCode.REJECTED, AnswerCode.INVALID),
    Reason.BAD_TRADE_DATE: (AnswerCode.INVALID, AnswerCode.STALE_TRADE_DATE),
    Reason.ORDERS_FULL: (AnswerCode.LOW_SPACE,),
    Reason.TABLE_FULL: (AnswerCode.LOW_SPACE, AnswerCode.REJECTED, AnswerCode.ACCEPTED),
    Reason.UNKNOWN_INSTRUMENT: (AnswerCode.INVALID, AnswerCode.REJECTED, AnswerCode.ACCEPTED),
    Reason.CORRECTION_AWAITED: (AnswerCode.ACCEPTED, AnswerCode.INVALID),
    Reason.BUST_OF_BUST: (AnswerCode.ACCEPTED, AnswerCode.INVALID),
    Reason.SECOND_CORRECTION: (AnswerCode.ACCEPTED, AnswerCode.INVALID),
}
"""Reasons that come with other answers than their neighbours: some with reports, which are recorded."""

_LIMIT = "ask for less, or have the limit raised"
_WHERE_DEFINED = "spell it as it was defined, or have it defined first"
_CORRECT = "correct the command; nothing was kept and its number is still free"

REMEDIES = {
    Reason.TRADING_HALTED: "look at client.halts(); cancel what works, submit once the halt is lifted",
    Reason.TRADING_REDUCING: "send only what closes the position, or have the state set to ACTIVE",
    Reason.NO_LIMITS: "have limits set for the account",
    Reason.INVALID_PRICE_INCREMENT: "round the price to the instrument's tick",
    Reason.INVALID_LOT: "round the quantity to the instrument's lot",
    Reason.MARK_NOT_AVAILABLE: "have a mark set for the instrument",
    Reason.MARK_STALE: "send a fresh mark, or look why none comes",
    Reason.PRICE_COLLAR: "move the price toward the mark, after a look at whether the mark is right",
    Reason.RATE_EXCEEDED: "after RATE_LIMIT send the same bytes again later; nothing was kept",
    Reason.DUPLICATE_ORDER: "use a ClOrdID of its own; the order that has this one is found by it",
    Reason.DUPLICATE_CL_ORD_ID: "use a ClOrdID of its own for every replace",
    Reason.TOO_LATE: "look at the order; to trade more submit a new one",
    Reason.NOT_ACKNOWLEDGED: "wait for the venue's New, or cancel",
    Reason.ALREADY_PENDING: "wait for the venue's answer to the request that is pending",
    Reason.UNKNOWN_ORDER: "look at the order id, and at which venue the order is",
    Reason.ORDERS_FULL: "cancel what is not needed, let a trading day roll, or raise orders_max",
    Reason.TABLE_FULL: "raise the capacity that orderfold status shows; a report is recorded, but not held",
    Reason.DUPLICATIVE_ORDER: "look whether a program repeats itself; the next window counts anew",
    Reason.QTY_TOO_SMALL: "order more, or by another route",
    Reason.QTY_TOO_LARGE: "order less at a time",
    Reason.EXPIRED_ORDER: "give an ExpireTime that is to come",
    Reason.RESTRICTED_INSTRUMENT: "do not trade it; what works there can be canceled",
    Reason.SHORT_NOT_PERMITTED: "sell what is held, or mark the sale as short, with a locate if asked",
    Reason.EXECUTION_THROTTLE: "find out what was filled so often, then Admin.lift_halt of the strategy",
    Reason.SELF_TRADE: "cancel the own order first; set_limits(self_match=...) says which one goes",
    Reason.TOO_MANY_ORDERS: "cancel what is not needed",
    Reason.LOSS_LIMIT: "send only what closes positions, until the loss is less or its limit is raised",
    Reason.DRAWDOWN_LIMIT: "send only what closes positions, until profit is back or the limit is raised",
    Reason.FIRM_BUDGET: "ask for less, or have this partition's share raised",
    Reason.LEASE_EXPIRED: "find out why the share is not renewed; what closes positions passes",
    Reason.EXCHANGE_CLOSED: "submit once the venue's state is ACTIVE and its trading day has started",
    Reason.FX_NOT_AVAILABLE: "have the rate set with Admin.set_fx",
    Reason.UNKNOWN_ACCOUNT: _WHERE_DEFINED,
    Reason.UNKNOWN_INSTRUMENT: f"{_WHERE_DEFINED}; a report is recorded, but not held",
    Reason.UNKNOWN_STRATEGY: _WHERE_DEFINED,
    Reason.UNKNOWN_VENUE: _WHERE_DEFINED,
    Reason.BAD_ORDER_ID: "compute the id as docs/identity.md says, or let the client do it",
    Reason.BAD_TRADE_DATE: "use the venue's date; after STALE_TRADE_DATE submit anew on the new one",
    Reason.BAD_SEQ: "ask last_seqs for the order's numbers and go on with the next",
    Reason.BAD_TIME: "set the sender's clock",
    Reason.IMMUTABLE: "define another instrument or strategy under a name of its own",
    Reason.REASON_NEEDED: "send it again with text=",
    Reason.APPROVER_NEEDED: "name a principal that has connected once and is not the sender",
    Reason.NOT_PENDING: "look at the order: the request was answered, or never made",
    Reason.LATE_REPORT: "none: the report is kept, the order stays as it ended",
    Reason.REJECTION_WITHDRAWN: "the order works again: ask the venue which of its words counts",
    Reason.ENDED_TWICE: "none: the first end stays",
    Reason.WRONG_LIFE: "ask the venue what the order is",
    Reason.OVERFILL: "the fill counts; hedge it or ask the venue for a bust",
    Reason.CUM_QTY_GAP: "ask the venue for the reports that are missing",
    Reason.CORRECTION_AWAITED: "have the venue send the report that it corrects, if it does not come",
    Reason.BUST_OF_BUST: "none, or ask the venue: to reinstate a trade it reports a new one",
    Reason.SECOND_CORRECTION: "ask the venue which correction stands",
    Reason.STATUS_DIFFERS: "compare the order with the venue's and ask for what is missing",
    Reason.PENDING_UNASKED: "find out who made the request at the venue",
}
"""What to do, where it is not the same for all of a kind."""


def answers_with(reason: Reason) -> tuple[AnswerCode, ...]:
    """The answers that a reason comes with."""
    if reason in _SEVERAL:
        return _SEVERAL[reason]
    if reason in REMARKS:
        return (AnswerCode.ACCEPTED,)
    return (AnswerCode.REJECTED if reason in FIX_REASON else AnswerCode.INVALID,)


def remedy_of(reason: Reason) -> str:
    """What to do about a refusal for this reason."""
    usual = _LIMIT if reason in FIX_REASON else _CORRECT
    return REMEDIES.get(reason, usual)
