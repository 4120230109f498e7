"""Words of which a row may say several at once: each member is one bit of a byte."""

from enum import IntEnum


class ExecInst(IntEnum):
    """ExecInst (18): one bit each, for an order may have several."""

    PARTICIPATE_DONT_INITIATE = 1
    """FIX's `6`, also called post only: the order rests or is canceled, it never takes."""
    DO_NOT_INCREASE = 2
    """FIX's `E`, also called reduce only: the order can only shrink the position."""
    ALL_OR_NONE = 4
    """FIX's `G`."""


class InstrumentFlag(IntEnum):
    """What an instrument's orders may not do, a bit each."""

    RESTRICTED = 1
    """On the restricted list: no new orders and no replaces."""
    NOT_SHORTABLE = 2
    LOCATE_NEEDED = 4
    """Short sales are marked (Side 5 or 6) and have a locate."""
