"""From LOBSTER messages to commands: who submits what, and what the venue reports about it.

A new limit order is a SubmitOrder and the venue's New report; partial cancels, deletions and executions are
reports; a hidden execution is an order of its own that is filled at once; a halt is a trading state.
"""

from collections.abc import Sequence

from actors.replays.command_draft import CommandDraft, Party, Source, cl_ord_id_of
from actors.replays.lobster_file import BookRow, HaltPrice, Message, MessageType
from actors.replays.lobster_window import Window
from actors.replays.marks import Marks
from actors.replays.replay_step import OrderCheck, Rule, Step
from actors.replays.resting_orders import Resting, RestingOrders, side_of
from engine.vocabulary import TradingState


class LobsterOrders:
    """Turns one message after another into commands of a draft."""

    def __init__(
        self,
        draft: CommandDraft,
        source: Source,
        parties: Sequence[Party],
        resting: RestingOrders,
        window: Window,
        marks: Marks,
        midnight_ns: int,
    ) -> None:
        self._draft = draft
        self._source = source
        self._parties = parties
        self._resting = resting
        self._window = window
        self._marks = marks
        self._midnight_ns = midnight_ns
        self._used_ids: set[int] = set()

    def apply(self, message: Message, book: BookRow | None) -> Step:
        """Write a message's commands, then those by which the window follows to its row of the orderbook."""
        time_ns, start = self._midnight_ns + message.time_ns, len(self._draft)
        self._draft.begin(self._source, message.row, time_ns, max(message.order_id, 0))
        self._resting.begin(time_ns)
        self._mark(message, book, time_ns)
        self._window.before(message)
        order_check = self._apply(message)
        book_check = self._window.after(message, book)
        step = Step(
            row=message.row,
            time_ns=time_ns,
            start=start,
            end=len(self._draft),
            executed_visible=message.size if message.type == MessageType.EXECUTION else 0,
            executed_hidden=message.size if message.type == MessageType.HIDDEN_EXECUTION else 0,
            order_check=order_check,
            book_check=book_check,
        )
        self._window.mend()
        return step

    def _mark(self, message: Message, book: BookRow | None, time_ns: int) -> None:
        """The mark follows the middle of the book, or the last execution where there is no book."""
        if book is not None and book.asks and book.bids:
            self._marks.observe(time_ns, (book.asks[0][0] + book.bids[0][0]) // 2)
        elif book is None and message.type in (MessageType.EXECUTION, MessageType.HIDDEN_EXECUTION):
            self._marks.observe(time_ns, message.price)

    def _apply(self, message: Message) -> OrderCheck | None:
        if message.type == MessageType.SUBMISSION:
            self._submit(message)
        elif message.type == MessageType.HIDDEN_EXECUTION:
            hidden = self._open(message, f"HIDDEN-{message.row}")
            self._resting.trade(hidden, message.size, message.price)
        elif message.type == MessageType.TRADING_HALT:
            is_halted = message.price == HaltPrice.HALTED
            self._resting.halt(TradingState.CANCEL_ONLY if is_halted else TradingState.ACTIVE)
        elif message.type != MessageType.CROSS_TRADE:
            return self._change(message)
        return None

    def _submit(self, message: Message) -> None:
        is_used = message.order_id in self._used_ids
        self._used_ids.add(message.order_id)
        cl_ord_id = f"AGAIN-{message.row}" if is_used else cl_ord_id_of(message.order_id)
        self._open(message, cl_ord_id, source_id=message.order_id)

    def _open(self, message: Message, cl_ord_id: str, source_id: int = 0) -> Resting:
        party = self._parties[message.order_id % len(self._parties)]
        return self._resting.open(
            party, message.direction, message.price, message.size, cl_ord_id, source_id=source_id
        )

    def _change(self, message: Message) -> OrderCheck | None:
        """A partial cancel, a deletion or an execution of a visible order; gives what must hold before it."""
        resting = self._resting.find(message.order_id)
        check = None
        if resting is None:
            cl_ord_id = f"UNSEEN-{message.row}"
            resting = self._resting.open_unseen(message.direction, message.price, message.size, cl_ord_id)
        elif resting.is_watched:
            rule = Rule.R2_DELETE if message.type == MessageType.DELETION else Rule.R2_CHANGE
            side = side_of(message.direction)
            check = OrderCheck(rule, resting.order, side, message.price, message.size)
        if message.type == MessageType.DELETION:
            self._resting.cancel(resting)
        elif message.type == MessageType.CANCELLATION:
            self._resting.reduce(resting, message.size)
        else:
            self._resting.trade(resting, message.size, message.price)
        return check
