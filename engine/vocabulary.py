"""The words of orders, in FIX's spelling, with the codes that rows carry.

Where FIX has a field the member's value is the ASCII code of FIX's own character, so that a row can be read
beside the specification: `OrdStatus.FILLED == ord("2")`. Source: FIX 4.4 and 5.0 SP2, tags in parentheses.
"""

from enum import IntEnum


class CommandKind(IntEnum):
    """What a command row asks for."""

    SUBMIT_ORDER = 1
    REPLACE_ORDER = 2
    CANCEL_ORDER = 3
    MASS_CANCEL = 4
    EXECUTION_REPORT = 5
    SET_VENUE = 6
    SET_INSTRUMENT = 7
    SET_ACCOUNT = 8
    SET_STRATEGY = 9
    SET_PRINCIPAL = 10
    SET_LIMITS = 11
    SET_TRADING_STATE = 12
    SET_MARK = 13
    START_TRADING_DAY = 14
    CANCEL_REJECT = 15
    """A venue's no to a cancel or replace: OrderCancelReject (35=9)."""
    SET_EXPOSURE_LIMITS = 16
    SET_THROTTLES = 17
    SET_FX = 18
    MARK_IN_DOUBT = 19
    RESOLVE_IN_DOUBT = 20
    LIFT_HALT = 21
    GRANT_LEASE = 22
    RETURN_LEASE = 23
    SET_FIRM_LIMIT = 24
    BUST_TRADE = 25
    CORRECT_TRADE = 26


class EventKind(IntEnum):
    """What an event row records."""

    ORDER_SUBMITTED = 1
    ORDER_DENIED = 2
    REPLACE_REQUESTED = 3
    REPLACE_DENIED = 4
    CANCEL_REQUESTED = 5
    CANCEL_DENIED = 6
    ORDER_ACCEPTED = 7
    ORDER_REJECTED = 8
    TRADE_EXECUTED = 9
    ORDER_CANCELED = 10
    ORDER_REPLACED = 11
    ORDER_RESTATED = 12
    ORDER_EXPIRED = 13
    ORPHAN_REPORTED = 14
    CONFLICT_DETECTED = 15
    MASS_CANCEL_REQUESTED = 16
    MASS_CANCEL_COMPLETED = 17
    CANCEL_REJECTED = 18
    REPLACE_REJECTED = 19
    TRADE_CORRECTED = 20
    TRADE_BUSTED = 21
    ORDER_TRIGGERED = 22
    ORDER_DONE_FOR_DAY = 23
    ORDER_SUSPENDED = 24
    ORDER_RESUMED = 25
    ORDER_STATUS_REPORTED = 26
    """A report that changes nothing: what the venue holds an order to be."""
    REQUEST_IN_DOUBT = 27
    IN_DOUBT_RESOLVED = 28
    OVERFILL_DETECTED = 30
    CUM_QTY_GAP_DETECTED = 31
    """The venue's CumQty (14) is not ours: a report is missing, or was counted twice."""
    VENUE_DEFINED = 32
    INSTRUMENT_DEFINED = 33
    ACCOUNT_DEFINED = 34
    STRATEGY_DEFINED = 35
    PRINCIPAL_DEFINED = 36
    LIMITS_CHANGED = 37
    TRADING_STATE_CHANGED = 38
    MARK_CHANGED = 39
    TRADING_DAY_STARTED = 40
    CUM_QTY_GAP_CLOSED = 48
    POSITION_RESTATED = 49
    ORDERS_RETIRED = 50
    """Closed orders leave memory; they stay findable on disk."""
    ORDER_RECALLED = 51
    EXECUTION_RECALLED = 52
    EXPOSURE_LIMITS_CHANGED = 53
    THROTTLES_CHANGED = 54
    FX_CHANGED = 55
    HALT_LATCHED = 56
    """Trading stopped by a limit; it stays stopped until somebody lifts it."""
    HALT_LIFTED = 57
    LEASE_GRANTED = 58
    """A partition may use so much of the firm's limit, until the lease ends."""
    LEASE_RETURNED = 59
    FIRM_LIMIT_CHANGED = 60


class Lane(IntEnum):
    """Who numbers a command, and by which key it is recognised when it comes again."""

    OWNER = 1
    """The order's owner: key (order id, seq), contiguous from 1."""
    OPERATOR = 2
    """Operators and administrators: key request id, no gap rule."""
    VENUE = 3
    """Venues: key (venue, trade date, ExecID)."""
    REFERENCE = 4
    """Copies of the reference log: key its offset."""
    ENGINE = 5
    """What the engine does by itself: it answers nobody and consumes no number."""


class AnswerCode(IntEnum):
    """What became of a command."""

    ACCEPTED = 1
    REJECTED = 2
    DUPLICATE = 3
    CONFLICT = 4
    VERSION_CONFLICT = 5
    GAP = 6
    STALE_TRADE_DATE = 7
    INVALID = 8
    RATE_LIMIT = 9
    OVERLOADED = 10
    NOT_READY = 11
    LOW_SPACE = 12
    FENCED = 13


class Side(IntEnum):
    """Side (54)."""

    BUY = ord("1")
    SELL = ord("2")
    SELL_SHORT = ord("5")
    SELL_SHORT_EXEMPT = ord("6")


class OrdType(IntEnum):
    """OrdType (40)."""

    MARKET = ord("1")
    LIMIT = ord("2")
    STOP = ord("3")
    STOP_LIMIT = ord("4")


class TimeInForce(IntEnum):
    """TimeInForce (59)."""

    DAY = ord("0")
    GTC = ord("1")
    IOC = ord("3")
    FOK = ord("4")
    GTD = ord("6")


class ExecType(IntEnum):
    """ExecType (150)."""

    NEW = ord("0")
    DONE_FOR_DAY = ord("3")
    CANCELED = ord("4")
    REPLACED = ord("5")
    PENDING_CANCEL = ord("6")
    STOPPED = ord("7")
    REJECTED = ord("8")
    SUSPENDED = ord("9")
    PENDING_NEW = ord("A")
    CALCULATED = ord("B")
    EXPIRED = ord("C")
    RESTATED = ord("D")
    PENDING_REPLACE = ord("E")
    TRADE = ord("F")
    TRADE_CORRECT = ord("G")
    TRADE_CANCEL = ord("H")
    ORDER_STATUS = ord("I")
    TRIGGERED = ord("L")


class CxlRejResponseTo(IntEnum):
    """CxlRejResponseTo (434): which request an OrderCancelReject (35=9) is about."""

    NONE = 0
    CANCEL = ord("1")
    REPLACE = ord("2")


class OrdStatus(IntEnum):
    """OrdStatus (39): derived from an order's facts, never stored."""

    NONE = 0
    NEW = ord("0")
    PARTIALLY_FILLED = ord("1")
    FILLED = ord("2")
    DONE_FOR_DAY = ord("3")
    CANCELED = ord("4")
    PENDING_CANCEL = ord("6")
    STOPPED = ord("7")
    REJECTED = ord("8")
    SUSPENDED = ord("9")
    PENDING_NEW = ord("A")
    CALCULATED = ord("B")
    EXPIRED = ord("C")
    PENDING_REPLACE = ord("E")


class Life(IntEnum):
    """The stored half of an order's status; being filled is not a life but a sum."""

    NONE = 0
    PENDING_NEW = 1
    NEW = 2
    CANCELED = 3
    EXPIRED = 4
    REJECTED = 5
    SUSPENDED = 6
    DONE_FOR_DAY = 7


class TradingState(IntEnum):
    """What a firm, account, strategy or instrument may do."""

    ACTIVE = 1
    REDUCING = 2
    """Only what can only shrink the position."""
    CANCEL_ONLY = 3


class SelfMatchPrevention(IntEnum):
    """SelfMatchPreventionInstruction (2964)."""

    NONE = 0
    CANCEL_AGGRESSIVE = ord("1")
    """The newer order is refused; what works stays."""
    CANCEL_PASSIVE = ord("2")
    """The newer order is accepted; what it crosses is asked to be canceled."""
    CANCEL_BOTH = ord("3")
    """The newer order is refused, and what it crosses is asked to be canceled."""


class Scope(IntEnum):
    """What a mass cancel or a trading state is about."""

    ALL = 1
    ACCOUNT = 2
    STRATEGY = 3
    INSTRUMENT = 4
    VENUE = 5


class Namespace(IntEnum):
    """The upper half of an aggregate's id where it is not an order; an order's starts with its trade date."""

    ACCOUNT = 2
    STRATEGY = 3
    INSTRUMENT = 4
    VENUE = 5
    PRINCIPAL = 6
    SCOPE = 7
    POSITION = 8
    CURRENCY = 9
    LEASE = 10


class AuthMethod(IntEnum):
    """How the principal on a row was authenticated."""

    NONE = 0
    DECLARED = 1
    """Declared by a caller that holds the engine's token."""


class Check(IntEnum):
    """Which pre-trade check refused; new ones have the next number, wherever they run."""

    NONE = 0
    TRADING_STATE = 1
    TICK = 2
    LOT = 3
    ORDER_QTY = 4
    ORDER_NOTIONAL = 5
    MARK = 6
    COLLAR = 7
    RATE = 8
    POSITION = 9
    RULE = 10
    """Not a risk check: a rule of the order's life."""
    DUPLICATIVE = 11
    SIZE = 12
    EXPIRY = 13
    RESTRICTED = 14
    SHORT_SALE = 15
    MARK_AGE = 16
    EXECUTIONS = 17
    SELF_TRADE = 18
    OPEN_ORDERS = 19
    WORKING_NOTIONAL = 20
    GROSS = 21
    NET = 22
    CREDIT = 23
    LOSS = 24
    FIRM_BUDGET = 25
    DRAWDOWN = 26


class Reason(IntEnum):
    """Why: our code; `fix_reason` gives FIX's OrdRejReason (103) or CxlRejReason (102)."""

    NONE = 0
    TRADING_HALTED = 1
    TRADING_REDUCING = 2
    NO_LIMITS = 3
    INVALID_PRICE_INCREMENT = 4
    INVALID_LOT = 5
    ORDER_QTY_EXCEEDED = 6
    ORDER_NOTIONAL_EXCEEDED = 7
    MARK_NOT_AVAILABLE = 8
    PRICE_COLLAR = 9
    RATE_EXCEEDED = 10
    POSITION_LIMIT = 11
    DUPLICATE_ORDER = 12
    DUPLICATE_CL_ORD_ID = 13
    TOO_LATE = 14
    NOT_ACKNOWLEDGED = 15
    ALREADY_PENDING = 16
    UNKNOWN_ORDER = 17
    ORDERS_FULL = 20
    """The order table is nearly full: new orders wait, cancels pass."""
    TABLE_FULL = 21
    BAD_KIND = 32
    BAD_LANE = 33
    BAD_SIDE = 34
    BAD_ORD_TYPE = 35
    BAD_TIME_IN_FORCE = 36
    BAD_PRICE = 37
    BAD_QTY = 38
    BAD_NOTIONAL = 39
    BAD_NAME = 40
    BAD_ORDER_ID = 41
    BAD_TRADE_DATE = 42
    BAD_EXEC_TYPE = 43
    BAD_SCOPE = 44
    BAD_SEQ = 45
    BAD_REQUEST_ID = 46
    BAD_LIMIT = 47
    BAD_STATE = 48
    UNKNOWN_ACCOUNT = 49
    UNKNOWN_INSTRUMENT = 50
    UNKNOWN_STRATEGY = 51
    UNKNOWN_VENUE = 52
    IMMUTABLE = 53
    """An instrument's scales, multiplier, venue and currency, a strategy's account: fixed for good."""
    BAD_TIME = 54
    """A mark is dated too far ahead of the partition's clock."""
    DUPLICATIVE_ORDER = 55
    QTY_TOO_SMALL = 56
    QTY_TOO_LARGE = 57
    EXPIRED_ORDER = 58
    RESTRICTED_INSTRUMENT = 59
    SHORT_NOT_PERMITTED = 60
    MARK_STALE = 61
    EXECUTION_THROTTLE = 62
    SELF_TRADE = 63
    TOO_MANY_ORDERS = 64
    WORKING_NOTIONAL = 65
    GROSS_EXPOSURE = 66
    NET_EXPOSURE = 67
    CREDIT_EXCEEDED = 68
    LOSS_LIMIT = 69
    FIRM_BUDGET = 70
    LEASE_EXPIRED = 71
    EXCHANGE_CLOSED = 72
    FX_NOT_AVAILABLE = 73
    REASON_NEEDED = 74
    """What lifts a restriction says why."""
    LATE_REPORT = 75
    """From here to PENDING_UNASKED: a report that was accepted, and what is odd about it."""
    REJECTION_WITHDRAWN = 76
    ENDED_TWICE = 77
    WRONG_LIFE = 78
    OVERFILL = 79
    CUM_QTY_GAP = 80
    CORRECTION_AWAITED = 81
    BUST_OF_BUST = 82
    SECOND_CORRECTION = 83
    STATUS_DIFFERS = 84
    PENDING_UNASKED = 85
    NOT_PENDING = 86
    """Nothing of the kind is pending, or none of it is in doubt."""
    APPROVER_NEEDED = 87
    """What takes back money is approved by somebody else than who asks for it."""
    DRAWDOWN_LIMIT = 88
