"""What the replay of one message leaves to be checked, once the engine has answered its commands."""

from enum import Enum, auto
from typing import NamedTuple

from actors.replays.command_draft import OrderRef
from actors.replays.lobster_file import BookRow
from engine.vocabulary import Side


class Rule(Enum):
    """Which rule an order's leaves must keep just before a message."""

    R2_CHANGE = auto()
    """A partial cancel or an execution takes at most what is left."""
    R2_DELETE = auto()
    """A deletion takes exactly what is left."""
    CANCEL = auto()
    """A cancel names exactly what is left, a fill in the same event counted in."""
    ECHO = auto()
    """A modify that follows a fill names exactly what the fill left."""


class OrderCheck(NamedTuple):
    """What the engine must answer about an order just before a message: these terms, and leaves by the rule.

    `filled` is what the engine has taken off the leaves in the running event, and the rule counts in.
    """

    rule: Rule
    order: OrderRef
    side: Side
    price: int
    size: int
    filled: int = 0


class BookCheck(NamedTuple):
    """What the engine's book must be after a message: this row. `revealed` levels were taken from it."""

    instrument: int
    row: BookRow
    revealed: int


class Step(NamedTuple):
    """One message: its time, which of the draft's commands are its own, what it executed, what must hold.

    Its commands are those from `start` up to before `end`; commands behind `end` mend what the file
    contradicts.
    """

    row: int
    time_ns: int
    start: int
    end: int
    executed_visible: int = 0
    executed_hidden: int = 0
    order_check: OrderCheck | None = None
    book_check: BookCheck | None = None
