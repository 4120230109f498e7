"""What went wrong while operating, and what to do about it.

A business "no" is an answer, not an error: see `engine.answers`. A broken promise of our own is an
`AssertionError`: the actor stops and folds its log again. What remains is this tree.

OrderfoldError
  + BadRequest       it could never be right: fix the caller; nothing was sent
  |   + ConfigInvalid   a configuration names an unknown key or an impossible value
  + Refused          a refusal that the caller asked to be raised: `.ack` says why
  + Overloaded       a bound is reached, nothing happened: wait `retry_after_s`, send again
  + NotReady         the partition is folding its log, nothing happened: wait and send again
  + Unavailable      nobody owns the partition just now: wait and send again
  + StaleView        the projection's heartbeat is old: read through the actor, or page somebody
  + OutcomeUnknown   sent, no answer: send the very same bytes again, the answer is the truth
  + IntegrityError   the log is not what was written: stop, run `orderfold verify`, page somebody
"""


class OrderfoldError(Exception):
    """Operating trouble of any kind; the subclass says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class BadRequest(OrderfoldError, ValueError):
    """The request could never be right: fix the caller. Nothing was sent."""


class ConfigInvalid(BadRequest):
    """A configuration is wrong: the message names file, key, what was expected and what was found."""


class Refused(OrderfoldError):
    """A command was refused and `raise_for_refusal` was called: `ack` (an `engine.answers.Ack`) says why."""

    def __init__(self, message: str, ack: object = None) -> None:
        super().__init__(message)
        self.args = (message, ack)
        self.ack = ack

    def __str__(self) -> str:
        return str(self.args[0])


class Overloaded(OrderfoldError):
    """A bounded queue is full and nothing happened: wait `retry_after_s` seconds and send again."""

    def __init__(self, message: str, retry_after_s: float = 0.05) -> None:
        super().__init__(message)
        self.args = (message, retry_after_s)
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return f"{self.args[0]} (retry after {self.retry_after_s:g} s)"


class NotReady(OrderfoldError):
    """The partition is still folding its log and nothing happened: wait and send again."""


class Unavailable(OrderfoldError):
    """Nobody owns the partition just now and nothing happened: wait and send again."""


class StaleView(OrderfoldError):
    """The projection stopped publishing: read through the actor, and look at its process."""


class OutcomeUnknown(OrderfoldError):
    """The command was sent and no answer came: send the very same bytes again to learn the truth."""


class IntegrityError(OrderfoldError):
    """The log is not what was written: stop, run `orderfold verify`, and page somebody."""
