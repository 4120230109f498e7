"""The orders that rest in the file's market, by price level, and the commands that change them.

A level's quantity is that of the orders the file has told of, and of SEED orders that stand for what it has
not told of. Everything here is arithmetic on the file; what the engine makes of the commands is asked of the
engine.
"""

from dataclasses import dataclass, field

from actors.replays.command_draft import CommandDraft, OrderRef, Party
from actors.replays.marks import Marks
from engine.vocabulary import ExecType, Side, TradingState


def side_of(direction: int) -> Side:
    """The side of a direction: 1 buys, -1 sells."""
    return Side.BUY if direction == 1 else Side.SELL


@dataclass(slots=True, eq=False)
class Resting:
    """One live order. `is_watched` while all of its life has been in the file; a seed's `source_id` is 0."""

    order: OrderRef
    source_id: int
    direction: int
    price: int
    leaves: int
    is_watched: bool


@dataclass(slots=True, eq=False)
class PriceLevel:
    """What rests at one price: the orders as they came, and those among them that are seeds."""

    qty: int = 0
    orders: dict[Resting, None] = field(default_factory=dict)
    seeds: list[Resting] = field(default_factory=list)


class RestingOrders:
    """Opens, shrinks and ends orders, in the draft and in its own tally of price levels."""

    def __init__(self, draft: CommandDraft, marks: Marks, seed: Party) -> None:
        self.levels: dict[int, dict[int, PriceLevel]] = {1: {}, -1: {}}
        self._draft = draft
        self._marks = marks
        self._seed = seed
        self._live: dict[int, Resting] = {}
        self._is_halted = False
        self._time_ns = 0

    def begin(self, time_ns: int) -> None:
        """Begin a message; `time_ns` is its time."""
        self._time_ns = time_ns

    def find(self, source_id: int) -> Resting | None:
        """The live order with this id in the file."""
        return self._live.get(source_id)

    def halt(self, state: TradingState) -> None:
        """Set the instrument's trading state."""
        is_halted = state != TradingState.ACTIVE
        if is_halted != self._is_halted:
            self._draft.trading_state(state)
            self._is_halted = is_halted

    def open(
        self, party: Party, direction: int, price: int, qty: int, cl_ord_id: str, *, source_id: int = 0
    ) -> Resting:
        """Submit an order that rests from now on; one with a source id can be found by it.

        An order that the venue took during a halt is a fact: the halt is lifted for it alone.
        """
        side = side_of(direction)
        self._marks.reach(self._time_ns, price, is_buy=side == Side.BUY)
        if self._is_halted:
            self._draft.trading_state(TradingState.ACTIVE)
        order = self._draft.submit(party, side, price, qty, cl_ord_id)
        if self._is_halted:
            self._draft.trading_state(TradingState.CANCEL_ONLY)
        resting = Resting(order, source_id, direction, price, qty, is_watched=source_id != 0)
        if source_id:
            self._replace_in_name(source_id, resting)
        level = self.levels[direction].setdefault(price, PriceLevel())
        level.qty += qty
        level.orders[resting] = None
        return resting

    def open_seed(self, direction: int, price: int, qty: int, cl_ord_id: str) -> None:
        """Open an order of SEED that stands for what rests at a price unnamed."""
        resting = self.open(self._seed, direction, price, qty, cl_ord_id)
        self.levels[direction][price].seeds.append(resting)

    def open_unseen(self, direction: int, price: int, qty: int, cl_ord_id: str) -> Resting:
        """Open an order of SEED for an id that was not seen born, out of what rests at its price unnamed."""
        level = self.levels[direction].get(price)
        if level is not None:
            self._take_from_seeds(level, qty)
        return self.open(self._seed, direction, price, qty, cl_ord_id)

    def trade(self, resting: Resting, qty: int, price: int) -> None:
        """Report an execution."""
        self._draft.report(resting.order, ExecType.TRADE, qty=qty, price=price)
        self._shrink(resting, qty)

    def reduce(self, resting: Resting, qty: int) -> None:
        """Report that so much of an order is gone; the report says what is left of it."""
        if qty >= resting.leaves:
            self.cancel(resting)
            return
        self._draft.report(resting.order, ExecType.RESTATED, leaves_qty=resting.leaves - qty)
        self._shrink(resting, qty)

    def cancel(self, resting: Resting, why: str = "") -> None:
        """Report that all of an order is gone."""
        self._draft.report(resting.order, ExecType.CANCELED, why=why)
        self._shrink(resting, resting.leaves)

    def cancel_level(self, direction: int, price: int, why: str) -> None:
        """Report that every order at a price is gone; the ExecIDs begin with `why`."""
        for resting in list(self.levels[direction][price].orders):
            self.cancel(resting, why)

    def forget_level(self, direction: int, price: int) -> None:
        """Watch the orders at a price no longer: they may change unseen."""
        for resting in self.levels[direction].pop(price).orders:
            resting.is_watched = False

    def _replace_in_name(self, source_id: int, resting: Resting) -> None:
        """Give an id to a new order; an order that still lives under it goes on unnamed, as a seed does."""
        unnamed = self._live.get(source_id)
        if unnamed is not None:
            unnamed.source_id = 0
            level = self.levels[unnamed.direction].get(unnamed.price)
            if level is not None:
                level.seeds.append(unnamed)
        self._live[source_id] = resting

    def _take_from_seeds(self, level: PriceLevel, qty: int) -> None:
        for seed in list(reversed(level.seeds)):
            if qty <= 0:
                return
            taken = min(qty, seed.leaves)
            self.reduce(seed, taken)
            qty -= taken

    def _shrink(self, resting: Resting, qty: int) -> None:
        qty = min(qty, resting.leaves)
        resting.leaves -= qty
        level = self.levels[resting.direction].get(resting.price)
        if level is not None and resting in level.orders:
            level.qty -= qty
            self._leave(level, resting)
        if resting.leaves == 0 and resting.source_id:
            del self._live[resting.source_id]

    def _leave(self, level: PriceLevel, resting: Resting) -> None:
        """Take an order that is over out of its level, and a level that is empty out of its side."""
        if resting.leaves:
            return
        del level.orders[resting]
        if resting in level.seeds:
            level.seeds.remove(resting)
        if not level.orders:
            del self.levels[resting.direction][resting.price]
