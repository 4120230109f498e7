"""Words that go together: each is a bit, and a field of a row is the sum of those that hold."""

from enum import IntEnum


class ExecInst(IntEnum):
    """ExecInst (18): one bit each, for an order may have several."""

    PARTICIPATE_DONT_INITIATE = 1
    """FIX's `6`, also called post only: the order rests or is canceled, it never takes."""
    DO_NOT_INCREASE = 2
    """FIX's `E`, also called reduce only: the order can only shrink the position."""
    ALL_OR_NONE = 4
    """FIX's `G`."""


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


class InDoubt(IntEnum):
    """Which requests of an order the venue may not have seen: a bit each."""

    SUBMIT = 1
    CANCEL = 2
    REPLACE = 4


class InstrumentFlag(IntEnum):
    """What an instrument's orders may and may not do, a bit each."""

    RESTRICTED = 1
    """On the restricted list: no new orders and no replaces."""
    NOT_SHORTABLE = 2
    LOCATE_NEEDED = 4
    """Short sales are marked (Side 5 or 6) and have a locate."""
    REOPENING = 8
    """Its venue takes a replace to more of an order that is filled."""
