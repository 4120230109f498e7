"""Words of the vocabulary that no rule says yet: a rule that says one takes it off this list."""

from engine import vocabulary
from engine.kernel.kinds import FOLLOW_UPS
from engine.vocabulary import Check, CommandKind, EventKind, Reason

_REPORTS_SAID = {
    EventKind.CANCEL_REJECTED,
    EventKind.REPLACE_REJECTED,
    EventKind.REQUEST_IN_DOUBT,
    EventKind.IN_DOUBT_RESOLVED,
    EventKind.ORDER_TRIGGERED,
    EventKind.ORDER_DONE_FOR_DAY,
    EventKind.ORDER_SUSPENDED,
    EventKind.ORDER_RESUMED,
    EventKind.ORDER_STATUS_REPORTED,
}
_ODDITIES_SAID = {
    Reason.LATE_REPORT,
    Reason.REJECTION_WITHDRAWN,
    Reason.ENDED_TWICE,
    Reason.WRONG_LIFE,
    Reason.STATUS_DIFFERS,
    Reason.PENDING_UNASKED,
    Reason.NOT_PENDING,
}

NOT_YET: dict[str, set[str]] = {
    "CommandKind": {kind.name for kind in CommandKind if kind > CommandKind.CANCEL_REJECT}
    - {"LIFT_HALT", "SET_THROTTLES", "SET_FX", "MARK_IN_DOUBT", "RESOLVE_IN_DOUBT"},
    "EventKind": {
        kind.name
        for kind in EventKind
        if kind not in FOLLOW_UPS
        if EventKind.CANCEL_REJECTED <= kind <= EventKind.CUM_QTY_GAP_DETECTED
        or kind >= EventKind.CUM_QTY_GAP_CLOSED
    }
    - {kind.name for kind in _REPORTS_SAID}
    - {"HALT_LIFTED", "TRADE_CORRECTED", "TRADE_BUSTED", "ORDERS_RETIRED", "THROTTLES_CHANGED", "FX_CHANGED"},
    "Reason": {reason.name for reason in Reason if reason >= Reason.DUPLICATIVE_ORDER}
    - {reason.name for reason in _ODDITIES_SAID}
    - {
        "QTY_TOO_SMALL",
        "QTY_TOO_LARGE",
        "EXPIRED_ORDER",
        "RESTRICTED_INSTRUMENT",
        "SHORT_NOT_PERMITTED",
        "MARK_STALE",
        "REASON_NEEDED",
        "OVERFILL",
        "CUM_QTY_GAP",
        "CORRECTION_AWAITED",
        "BUST_OF_BUST",
        "SECOND_CORRECTION",
        "SELF_TRADE",
        "DUPLICATIVE_ORDER",
        "EXECUTION_THROTTLE",
        "TOO_MANY_ORDERS",
    },
    "Check": {check.name for check in Check if check >= Check.DUPLICATIVE}
    - {
        "SIZE",
        "EXPIRY",
        "RESTRICTED",
        "SHORT_SALE",
        "MARK_AGE",
        "SELF_TRADE",
        "DUPLICATIVE",
        "EXECUTIONS",
        "OPEN_ORDERS",
    },
}
"""The names of such members, by the name of their enum."""


def unused_words() -> set[str]:
    """The same for what an answer says, as `words_of` spells it."""
    spellings = {"reason": "Reason", "check": "Check", "status": "OrdStatus"}
    return {f"{word} {name}" for word, kind in spellings.items() for name in NOT_YET.get(kind, ())}


def known_names(kind: str) -> set[str]:
    """The members of an enum of the vocabulary that some rule knows."""
    return set(getattr(vocabulary, kind).__members__) - NOT_YET.get(kind, set())
