"""From market-by-order rows to commands, by the rules of CME's feed.

An add is a SubmitOrder, a modify a ReplaceOrder whose OrderQty is what is filled plus what the row says
remains, a fill a Trade report, a cancel a Canceled report. A cancel or modify of an order filled in the same
event only tells what the fill did: it is checked, and not applied again. Trades, clears and rows that only
carry flags are counted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from actors.replays.command_draft import CommandDraft, OrderRef, Party, Source, cl_ord_id_of
from actors.replays.marks import Marks
from actors.replays.mbo_file import Action, MboRow
from actors.replays.replay_step import OrderCheck, Rule, Step
from engine.vocabulary import ExecType, Side

_SIDES = {"A": Side.SELL, "B": Side.BUY}


@dataclass(slots=True, eq=False)
class LiveOrder:
    """One order of the feed; `event_ns` and `event_filled` are of the event of its last fill."""

    order: OrderRef
    price: int
    leaves: int
    filled: int = 0
    seq: int = 1
    event_ns: int = -1
    event_filled: int = 0


@dataclass(slots=True)
class Listing:
    """One instrument of a file: its source and marks, and its orders, live or filled in the running event."""

    source: Source
    marks: Marks
    orders: dict[int, LiveOrder]
    used_ids: set[int]


class MboOrders:
    """Turns one row after another into commands of a draft.

    `list_instrument` is called when a name occurs for the first time; it gives the instrument's source.
    """

    def __init__(
        self,
        draft: CommandDraft,
        parties: Sequence[Party],
        seed: Party,
        list_instrument: Callable[[str], Source],
        marks_of: Callable[[Source], Marks],
    ) -> None:
        self._draft = draft
        self._parties = parties
        self._seed = seed
        self._list_instrument = list_instrument
        self._marks_of = marks_of
        self._listings: dict[str, Listing] = {}

    def apply(self, row: MboRow) -> Step:
        """Write a row's commands; gives what must hold."""
        listing = self._listing(row.instrument)
        start = len(self._draft)
        self._draft.begin(listing.source, row.row, row.ts_event_ns, row.order_id)
        check = self._apply(listing, row)
        filled = row.size if row.action == Action.FILL else 0
        return Step(
            row.row, row.ts_recv_ns, start, len(self._draft), executed_visible=filled, order_check=check
        )

    def _listing(self, name: str) -> Listing:
        listing = self._listings.get(name)
        if listing is None:
            source = self._list_instrument(name)
            listing = Listing(source, self._marks_of(source), {}, set())
            self._listings[name] = listing
        return listing

    def _apply(self, listing: Listing, row: MboRow) -> OrderCheck | None:
        order = listing.orders.get(row.order_id)
        if row.action in (Action.TRADE, Action.CLEAR, Action.NONE):
            return None
        if row.action == Action.FILL:
            self._fill(listing, row, order)
            return None
        if row.action == Action.CANCEL:
            return None if order is None else self._cancel(listing, row, order)
        if row.action == Action.MODIFY and order is not None and order.event_ns == row.ts_event_ns:
            return _check(Rule.ECHO, order, row)
        if order is None or order.leaves == 0:
            self._open(listing, row, self._parties[row.order_id % len(self._parties)])
        else:
            self._replace(listing, row, order)
        return None

    def _open(self, listing: Listing, row: MboRow, party: Party) -> LiveOrder:
        side = _SIDES[row.side]
        listing.marks.reach(row.ts_recv_ns, row.price, is_buy=side == Side.BUY)
        cl_ord_id = f"AGAIN-{row.row}" if row.order_id in listing.used_ids else cl_ord_id_of(row.order_id)
        listing.used_ids.add(row.order_id)
        order = LiveOrder(
            self._draft.submit(party, side, row.price, row.size, cl_ord_id), row.price, row.size
        )
        listing.orders[row.order_id] = order
        return order

    def _fill(self, listing: Listing, row: MboRow, order: LiveOrder | None) -> None:
        """A trade of this order; one that was not seen before is opened by SEED with what is filled."""
        listing.marks.observe(row.ts_recv_ns, row.price)
        if order is None or order.leaves == 0:
            order = self._open(listing, row, self._seed)
        self._draft.report(order.order, ExecType.TRADE, qty=row.size, price=row.price)
        order.event_filled = row.size + (order.event_filled if order.event_ns == row.ts_event_ns else 0)
        order.event_ns = row.ts_event_ns
        order.filled += row.size
        order.leaves = max(order.leaves - row.size, 0)

    def _cancel(self, listing: Listing, row: MboRow, order: LiveOrder) -> OrderCheck:
        """All that is left goes; what a fill took in the same event is gone already."""
        filled = order.event_filled if order.event_ns == row.ts_event_ns else 0
        if order.leaves:
            self._draft.report(order.order, ExecType.CANCELED)
        del listing.orders[row.order_id]
        return _check(Rule.CANCEL, order, row, filled)

    def _replace(self, listing: Listing, row: MboRow, order: LiveOrder) -> None:
        listing.marks.reach(row.ts_recv_ns, row.price, is_buy=order.order.side == Side.BUY)
        order.seq += 1
        order.price, order.leaves = row.price, row.size
        self._draft.replace(order.order, order.seq, row.price, order.filled + row.size, f"MOD-{row.row}")


def _check(rule: Rule, order: LiveOrder, row: MboRow, filled: int = 0) -> OrderCheck:
    return OrderCheck(rule, order.order, _SIDES[row.side], row.price or order.price, row.size, filled)
