"""The window of price levels that a LOBSTER file shows: what comes into it, what leaves it.

Messages tell only what happens inside the window. Orders further out come into sight when a better level
disappears, and orders inside go out of sight when a better level appears; both are taken from the orderbook
file. Their ids say so: ClOrdIDs begin with SEED-, REVEAL- or MEND-, ExecIDs of cancels with OUT- or MEND-.
"""

from typing import Protocol

from actors.replays.lobster_file import BookRow, Message, MessageType
from actors.replays.replay_step import BookCheck
from actors.replays.resting_orders import RestingOrders

_ON_THE_BOOK = (
    MessageType.SUBMISSION,
    MessageType.CANCELLATION,
    MessageType.DELETION,
    MessageType.EXECUTION,
)


class Window(Protocol):
    """Follows the window; `seeded`, `revealed` and `slid_out` count price levels."""

    seeded: int
    revealed: int
    slid_out: int

    def before(self, message: Message) -> None:
        """Look at a message before its commands."""

    def after(self, message: Message, book: BookRow | None) -> BookCheck | None:
        """Follow the window to a message's row of the orderbook; gives what must hold from row 1 on."""

    def mend(self) -> None:
        """Where the row contradicts the messages, go on from the row."""


def _is_worse(direction: int, price: int, than: int) -> bool:
    return price < than if direction == 1 else price > than


def _is_about(message: Message, direction: int) -> bool:
    """Whether a message changes what rests on this side."""
    return message.direction == direction and message.type in _ON_THE_BOOK


class BookWindow:
    """The window as the orderbook file shows it."""

    def __init__(self, resting: RestingOrders, instrument: int) -> None:
        self.seeded = 0
        self.revealed = 0
        self.slid_out = 0
        self._resting = resting
        self._instrument = instrument
        self._last: BookRow | None = None
        self._wrong: list[tuple[int, int, int]] = []
        self._row = 0
        self._seeds_of_row = 0

    def before(self, message: Message) -> None:
        """The window moves after the message alone."""

    def after(self, message: Message, book: BookRow | None) -> BookCheck | None:
        """Seed what comes into sight, cancel what goes out of it."""
        assert book is not None, "a window by the orderbook needs its rows"
        last, self._last = self._last, book
        self._row, self._seeds_of_row = message.row, 0
        revealed = self.revealed
        for direction in (1, -1):
            if last is None:
                self._seed(direction, book)
            elif book.side(direction) != last.side(direction) or _is_about(message, direction):
                self._reveal(direction, book, last)
                self._slide_out(direction, book)
        return None if last is None else BookCheck(self._instrument, book, self.revealed - revealed)

    def mend(self) -> None:
        """Replace every level that differs from the row by one order of SEED."""
        for direction, price, size in self._wrong:
            if price in self._resting.levels[direction]:
                self._resting.cancel_level(direction, price, "MEND-")
            if size:
                self._open(direction, price, size, "MEND")
        self._wrong.clear()

    def _seed(self, direction: int, book: BookRow) -> None:
        """Fill the levels of the first row: its message has been applied already."""
        for price, size in book.side(direction):
            level = self._resting.levels[direction].get(price)
            missing = size - (level.qty if level else 0)
            if missing > 0:
                self._open(direction, price, missing, "SEED")
                self.seeded += 1
            elif missing < 0:
                self._wrong.append((direction, price, size))
        self._slide_out(direction, book)

    def _reveal(self, direction: int, book: BookRow, last: BookRow) -> None:
        shown_before = last.side(direction)
        was_full = len(shown_before) == last.depth
        for price, size in book.side(direction):
            level = self._resting.levels[direction].get(price)
            if level is None and was_full and _is_worse(direction, price, shown_before[-1][0]):
                self._open(direction, price, size, "REVEAL")
                self.revealed += 1
            elif level is None or level.qty != size:
                self._wrong.append((direction, price, size))

    def _slide_out(self, direction: int, book: BookRow) -> None:
        shown = book.side(direction)
        prices = {price for price, _ in shown}
        is_full = len(shown) == book.depth
        for price in [price for price in self._resting.levels[direction] if price not in prices]:
            if is_full and _is_worse(direction, price, shown[-1][0]):
                self._resting.cancel_level(direction, price, "OUT-")
                self.slid_out += 1
            else:
                self._wrong.append((direction, price, 0))

    def _open(self, direction: int, price: int, size: int, why: str) -> None:
        self._seeds_of_row += 1
        self._resting.open_seed(direction, price, size, f"{why}-{self._row}.{self._seeds_of_row}")


class MessageWindow:
    """The window as far as messages alone tell it.

    Only a new order can push a level out, and every new order in the window is in the file. A better price at
    which no watched order rests may therefore push out anything behind it: nothing there is watched any
    longer.
    """

    def __init__(self, resting: RestingOrders) -> None:
        self.seeded = 0
        self.revealed = 0
        self.slid_out = 0
        self._resting = resting

    def before(self, message: Message) -> None:
        """Stop watching what a new order may have pushed out of the window."""
        levels = self._resting.levels[message.direction]
        if message.type != MessageType.SUBMISSION or message.price in levels:
            return
        for price in [price for price in levels if _is_worse(message.direction, price, message.price)]:
            self._resting.forget_level(message.direction, price)

    def after(self, message: Message, book: BookRow | None) -> BookCheck | None:
        """Without a row nothing can be compared."""
        return None

    def mend(self) -> None:
        """Without a row nothing can be mended."""
