"""The words of venues' reports that are codes and bits of their rows, beside those of `engine.vocabulary`."""

from enum import IntEnum


class CxlRejResponseTo(IntEnum):
    """CxlRejResponseTo (434): which request an OrderCancelReject (35=9) is about."""

    NONE = 0
    CANCEL = ord("1")
    REPLACE = ord("2")


class Notice(IntEnum):
    """What a venue has told of an order beside its life: a bit each."""

    ACKNOWLEDGED = 1
    """It accepted the order; a life may change before it says so."""
    STOPPED = 2
    """It guarantees a price, and has not traded yet."""
    TRIGGERED = 4
    CALCULATED = 8
    """It has done the day's sums."""


class Given(IntEnum):
    """Which numbers a report states, so that 0 can be told from nothing: a bit each."""

    CUM_QTY = 1
    LEAVES_QTY = 2
    ORDER_QTY = 4
    PRICE = 8
