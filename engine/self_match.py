"""What becomes of two orders of one account that could trade with each other: FIX's words for it."""

from enum import IntEnum


class SelfMatchPrevention(IntEnum):
    """SelfMatchPreventionInstruction (2964)."""

    NONE = 0
    CANCEL_AGGRESSIVE = ord("1")
    """The newer order is refused; what works stays."""
