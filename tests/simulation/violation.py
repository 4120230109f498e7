"""What ends a simulation: an invariant that does not hold, by the name of the checker that saw it."""


class Violation(AssertionError):
    """An invariant is broken; `checker` saw it, the message says where."""

    def __init__(self, checker: str, what: str) -> None:
        super().__init__(f"{checker}: {what}")
        self.checker = checker
        self.what = what
