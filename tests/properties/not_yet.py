"""Words of the vocabulary that no rule says yet: a rule that says one takes it off this list."""

from engine import vocabulary

NOT_YET: dict[str, set[str]] = {}
"""The names of such members, by the name of their enum."""


def unused_words() -> set[str]:
    """The same for what an answer says, as `words_of` spells it."""
    spellings = {"reason": "Reason", "check": "Check", "status": "OrdStatus"}
    return {f"{word} {name}" for word, kind in spellings.items() for name in NOT_YET.get(kind, ())}


def known_names(kind: str) -> set[str]:
    """The members of an enum of the vocabulary that some rule knows."""
    return set(getattr(vocabulary, kind).__members__) - NOT_YET.get(kind, set())
