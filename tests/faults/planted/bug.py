"""A planted bug: a text of one file that is replaced by another, and what must notice."""

from typing import NamedTuple


class Bug(NamedTuple):
    """One mistake.

    Attributes:
        name: what is then wrong, in a sentence's words.
        file: which file of the repository has it.
        text: what is replaced; the file has it exactly once, or the bug can't be planted any more.
        replacement: what stands there instead.
        command: arguments of Python that find it, run from the root with the rules as plain Python.
        message: a part of what the command must print: found for another reason is not found.
    """

    name: str
    file: str
    text: str
    replacement: str
    command: str
    message: str


def tests(*names: str) -> str:
    """The command that runs these tests, and stops at the first that fails."""
    return " ".join(("-m pytest -q -x", *names))


def history(seed: int) -> str:
    """The command that simulates the history of a seed."""
    return f"-m tests.simulation.run --seed {seed}"


def flow(number: int) -> str:
    """The command that compares the rules with the reference model over one flow, by its number."""
    return f"-m tests.mutants.flows_in_child {number} 1"
