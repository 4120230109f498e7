"""Exit codes, which error leads to which, and what is said that is no result."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from actors.cli.children import end_children

FINE = 0
FAILURE = 1
USAGE = 2
INTEGRITY = 3
INTERRUPTED = 130
"""What shells say of a program that Ctrl-C has ended: 128 and the number of the signal."""


class Failure(Exception):
    """A verb can't do what was asked; the message says why and what to do."""


class Interrupted(Exception):
    """Somebody pressed Ctrl-C; the message says what that leaves."""


@contextmanager
def nothing_left() -> Iterator[None]:
    """Around what ends all that it started: Ctrl-C is Interrupted, which says so."""
    try:
        yield
    except KeyboardInterrupt as error:
        # Ray, interrupted in its own start, knows nothing yet of the processes that it has started.
        end_children()
        raise Interrupted("interrupted; nothing is left running") from error


def exit_code_of(error: Exception) -> int | None:
    """The exit code for an error that a user can act on; None for one that is our own mistake."""
    if isinstance(error, Failure):
        return FAILURE
    if isinstance(error, Interrupted):
        return INTERRUPTED
    return _code_of_tree(error)


def _code_of_tree(error: Exception) -> int | None:
    # Only a failure needs the error trees: loading them takes longer than most verbs' help.
    from engine.errors import BadRequest, IntegrityError, OrderfoldError  # noqa: PLC0415
    from storage.errors import IntegrityFault, StorageError  # noqa: PLC0415

    if isinstance(error, IntegrityError | IntegrityFault):
        return INTEGRITY
    if isinstance(error, BadRequest):
        return USAGE
    if isinstance(error, OrderfoldError | StorageError | OSError):
        return FAILURE
    return None


def say(sentence: str) -> None:
    """Tell whoever watches something that is no result: on standard error."""
    print(sentence, file=sys.stderr, flush=True)
