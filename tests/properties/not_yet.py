"""Words of the vocabulary that no rule says yet: a rule that says one takes it off this list."""

from engine import vocabulary

NOT_YET: dict[str, set[str]] = {
    "CommandKind": {
        "GRANT_LEASE",
        "RETURN_LEASE",
        "SET_EXPOSURE_LIMITS",
        "SET_FIRM_LIMIT",
    },
    "EventKind": {
        "EXECUTION_RECALLED",
        "EXPOSURE_LIMITS_CHANGED",
        "FIRM_LIMIT_CHANGED",
        "HALT_LATCHED",
        "LEASE_GRANTED",
        "LEASE_RETURNED",
        "ORDER_RECALLED",
    },
    "Reason": {
        "CREDIT_EXCEEDED",
        "EXCHANGE_CLOSED",
        "FIRM_BUDGET",
        "FX_NOT_AVAILABLE",
        "GROSS_EXPOSURE",
        "LEASE_EXPIRED",
        "LOSS_LIMIT",
        "NET_EXPOSURE",
        "WORKING_NOTIONAL",
    },
    "Check": {"CREDIT", "FIRM_BUDGET", "GROSS", "LOSS", "NET", "WORKING_NOTIONAL"},
}
"""The names of such members, by the name of their enum."""


def unused_words() -> set[str]:
    """The same for what an answer says, as `words_of` spells it."""
    spellings = {"reason": "Reason", "check": "Check", "status": "OrdStatus"}
    return {f"{word} {name}" for word, kind in spellings.items() for name in NOT_YET.get(kind, ())}


def known_names(kind: str) -> set[str]:
    """The members of an enum of the vocabulary that some rule knows."""
    return set(getattr(vocabulary, kind).__members__) - NOT_YET.get(kind, set())
