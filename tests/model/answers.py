"""What a command is answered."""

from dataclasses import dataclass, replace

from tests.model.words import Check, Code, Reason, Status


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One answer; `offset` is the event's place in the log, -1 where nothing is kept."""

    code: Code
    reason: Reason = Reason.NONE
    check: Check = Check.NONE
    offset: int = -1
    version: int = 0
    status: Status = Status.NONE
    cum_qty: int = 0
    leaves_qty: int = 0
    limit: int = 0
    observed: int = 0
    mark: int = 0
    limits_version: int = 0
    expected_seq: int = 0
    handle: int = 0
    violations: frozenset[Check] = frozenset()
    warnings: frozenset[Check] = frozenset()
    original_code: Code | None = None


def invalid(reason: Reason) -> Answer:
    """Malformed: nothing is kept."""
    return Answer(code=Code.INVALID, reason=reason)


def low_space(reason: Reason) -> Answer:
    """No room: nothing is kept, the same bytes may come again."""
    return Answer(code=Code.LOW_SPACE, reason=reason)


def repeated(answer: Answer) -> Answer:
    """The original outcome, marked as a repetition."""
    return replace(answer, code=Code.DUPLICATE, original_code=answer.code)
