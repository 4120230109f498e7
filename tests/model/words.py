"""The model's own words. Members are named as in the engine, so that the two can be compared by name.

Codes that FIX defines have FIX's character as their value; everything else has its own name.
"""

from enum import StrEnum, auto
from typing import Any


class Word(StrEnum):
    """A word that stands for itself."""

    @staticmethod
    def _generate_next_value_(name: str, *_: Any) -> str:
        return name


class Code(Word):
    """What became of a command."""

    ACCEPTED = auto()
    REJECTED = auto()
    DUPLICATE = auto()
    CONFLICT = auto()
    VERSION_CONFLICT = auto()
    GAP = auto()
    STALE_TRADE_DATE = auto()
    INVALID = auto()
    RATE_LIMIT = auto()
    LOW_SPACE = auto()


class Check(Word):
    """Which check refused."""

    NONE = auto()
    TRADING_STATE = auto()
    TICK = auto()
    LOT = auto()
    ORDER_QTY = auto()
    ORDER_NOTIONAL = auto()
    MARK = auto()
    COLLAR = auto()
    RATE = auto()
    POSITION = auto()
    RULE = auto()
    SIZE = auto()
    EXPIRY = auto()
    RESTRICTED = auto()
    SHORT_SALE = auto()
    MARK_AGE = auto()
    SELF_TRADE = auto()
    DUPLICATIVE = auto()
    EXECUTIONS = auto()
    OPEN_ORDERS = auto()
    FIRM_BUDGET = auto()
    WORKING_NOTIONAL = auto()
    GROSS = auto()
    NET = auto()
    CREDIT = auto()
    LOSS = auto()
    DRAWDOWN = auto()


class Reason(Word):
    """Why."""

    NONE = auto()
    TRADING_HALTED = auto()
    TRADING_REDUCING = auto()
    NO_LIMITS = auto()
    INVALID_PRICE_INCREMENT = auto()
    INVALID_LOT = auto()
    ORDER_QTY_EXCEEDED = auto()
    ORDER_NOTIONAL_EXCEEDED = auto()
    MARK_NOT_AVAILABLE = auto()
    PRICE_COLLAR = auto()
    RATE_EXCEEDED = auto()
    POSITION_LIMIT = auto()
    DUPLICATE_ORDER = auto()
    DUPLICATE_CL_ORD_ID = auto()
    TOO_LATE = auto()
    NOT_ACKNOWLEDGED = auto()
    ALREADY_PENDING = auto()
    UNKNOWN_ORDER = auto()
    ORDERS_FULL = auto()
    TABLE_FULL = auto()
    BAD_KIND = auto()
    BAD_LANE = auto()
    BAD_SIDE = auto()
    BAD_ORD_TYPE = auto()
    BAD_TIME_IN_FORCE = auto()
    BAD_PRICE = auto()
    BAD_QTY = auto()
    BAD_NOTIONAL = auto()
    BAD_NAME = auto()
    BAD_ORDER_ID = auto()
    BAD_TRADE_DATE = auto()
    BAD_EXEC_TYPE = auto()
    BAD_SCOPE = auto()
    BAD_SEQ = auto()
    BAD_REQUEST_ID = auto()
    BAD_LIMIT = auto()
    BAD_STATE = auto()
    UNKNOWN_ACCOUNT = auto()
    UNKNOWN_INSTRUMENT = auto()
    UNKNOWN_STRATEGY = auto()
    UNKNOWN_VENUE = auto()
    IMMUTABLE = auto()
    BAD_TIME = auto()
    OVERFILL = auto()
    CUM_QTY_GAP = auto()
    CORRECTION_AWAITED = auto()
    BUST_OF_BUST = auto()
    SECOND_CORRECTION = auto()
    LATE_REPORT = auto()
    REJECTION_WITHDRAWN = auto()
    ENDED_TWICE = auto()
    WRONG_LIFE = auto()
    STATUS_DIFFERS = auto()
    PENDING_UNASKED = auto()
    NOT_PENDING = auto()
    APPROVER_NEEDED = auto()
    REASON_NEEDED = auto()
    QTY_TOO_SMALL = auto()
    QTY_TOO_LARGE = auto()
    EXPIRED_ORDER = auto()
    RESTRICTED_INSTRUMENT = auto()
    SHORT_NOT_PERMITTED = auto()
    MARK_STALE = auto()
    SELF_TRADE = auto()
    DUPLICATIVE_ORDER = auto()
    EXECUTION_THROTTLE = auto()
    TOO_MANY_ORDERS = auto()
    EXCHANGE_CLOSED = auto()
    FIRM_BUDGET = auto()
    LEASE_EXPIRED = auto()
    WORKING_NOTIONAL = auto()
    GROSS_EXPOSURE = auto()
    NET_EXPOSURE = auto()
    CREDIT_EXCEEDED = auto()
    LOSS_LIMIT = auto()
    DRAWDOWN_LIMIT = auto()
    FX_NOT_AVAILABLE = auto()


class Life(Word):
    """The stored half of an order's status."""

    PENDING_NEW = auto()
    NEW = auto()
    CANCELED = auto()
    EXPIRED = auto()
    REJECTED = auto()
    SUSPENDED = auto()
    DONE_FOR_DAY = auto()


class Status(Word):
    """OrdStatus (39): derived, never stored."""

    NONE = auto()
    NEW = auto()
    PARTIALLY_FILLED = auto()
    FILLED = auto()
    CANCELED = auto()
    PENDING_CANCEL = auto()
    REJECTED = auto()
    PENDING_NEW = auto()
    EXPIRED = auto()
    PENDING_REPLACE = auto()
    DONE_FOR_DAY = auto()
    CALCULATED = auto()
    STOPPED = auto()
    SUSPENDED = auto()


class State(Word):
    """Trading states, the strictest last."""

    ACTIVE = auto()
    REDUCING = auto()
    CANCEL_ONLY = auto()


class Scope(Word):
    """What a mass cancel or a trading state is about."""

    ALL = auto()
    ACCOUNT = auto()
    STRATEGY = auto()
    INSTRUMENT = auto()
    VENUE = auto()


class Lane(Word):
    """Who numbers a command."""

    OWNER = auto()
    OPERATOR = auto()
    VENUE = auto()


class Side(StrEnum):
    """Side (54)."""

    BUY = "1"
    SELL = "2"
    SELL_SHORT = "5"
    SELL_SHORT_EXEMPT = "6"


class OrdType(StrEnum):
    """OrdType (40)."""

    MARKET = "1"
    LIMIT = "2"
    STOP = "3"
    STOP_LIMIT = "4"


class TimeInForce(StrEnum):
    """TimeInForce (59)."""

    DAY = "0"
    GTC = "1"
    IOC = "3"
    FOK = "4"
    GTD = "6"


class ResponseTo(StrEnum):
    """CxlRejResponseTo (434)."""

    CANCEL = "1"
    REPLACE = "2"


class ExecType(StrEnum):
    """ExecType (150)."""

    NEW = "0"
    CANCELED = "4"
    REPLACED = "5"
    REJECTED = "8"
    EXPIRED = "C"
    RESTATED = "D"
    TRADE = "F"
    TRADE_CORRECT = "G"
    TRADE_CANCEL = "H"
    DONE_FOR_DAY = "3"
    PENDING_CANCEL = "6"
    STOPPED = "7"
    SUSPENDED = "9"
    PENDING_NEW = "A"
    CALCULATED = "B"
    PENDING_REPLACE = "E"
    ORDER_STATUS = "I"
    TRIGGERED = "L"
