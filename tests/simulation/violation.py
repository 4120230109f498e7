"""What ends a simulation: an invariant that does not hold, by the name of the checker that saw it."""


class Violation(AssertionError):
    """An invariant is broken; `checker` saw it, the message says where."""

    def __init__(self, checker: str, what: str) -> None:
        # Exactly what it takes, so that it comes whole out of another process.
        super().__init__(checker, what)
        self.checker = checker
        self.what = what

    def __str__(self) -> str:
        return f"{self.checker}: {self.what}"
