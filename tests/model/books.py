"""The model's orders and positions, and the sums over them. No sum is kept: each is added up anew."""

from tests.model.answers import Answer
from tests.model.commands import CancelReject, ExecutionReport, OrderId
from tests.model.definitions import Definitions
from tests.model.families import Families
from tests.model.fees import Fees
from tests.model.orders import Order
from tests.model.positions import Position
from tests.model.reference_data import MILLISECOND_NS, Capacity
from tests.model.throttles import Repeated
from tests.model.words import Code, Reason, Side

PositionKey = tuple[int, int, int]
"""(account, strategy, instrument)."""
ExecutionKey = tuple[int, int, bytes, OrderId]
"""(venue, trade date, ExecID, 0), or of a 35=9 (venue, trade date, ClOrdID, order id)."""


class Books(Definitions):
    """Every order, execution and position of some accounts."""

    def __init__(self, capacity: Capacity) -> None:
        super().__init__(capacity)
        self.orders: dict[OrderId, Order] = {}
        self.replaced_ids: dict[OrderId, OrderId] = {}
        self.executions: dict[ExecutionKey, tuple[ExecutionReport | CancelReject, Answer]] = {}
        self.execution_conflicts: set[ExecutionKey] = set()
        self.families = Families()
        self.held: dict[OrderId, list[ExecutionReport | CancelReject]] = {}
        """Reports on orders that nobody has seen, by the order, in the order in which they came."""
        self.claims: dict[int, int] = {}
        """Where in the log a report was held, and where it was claimed or let go."""
        self.claimed: set[ExecutionKey] = set()
        """The claimed ones."""
        self.positions: dict[PositionKey, Position] = {}
        self.repeated: dict[tuple[int, int, bool], Repeated] = {}
        self.fees = Fees(capacity.positions)

    def held_qty(self, account: int, instrument: int) -> int:
        """What an account holds of an instrument over all its strategies."""
        return sum(
            row.qty for key, row in self.positions.items() if key[0] == account and key[2] == instrument
        )

    def own_qty(self, key: tuple[int, int, int]) -> int:
        """What one strategy of an account holds of an instrument."""
        return self.positions[key].qty if key in self.positions else 0

    def working(
        self, side: str, account: int, instrument: int, strategy: int | None = None
    ) -> tuple[int, int]:
        """(quantity, money) that the orders of one side may still fill, over all strategies or for one."""
        factor = self.instruments.rows[instrument].factor
        orders = [
            order
            for order in self.orders.values()
            if (order.account, order.instrument) == (account, instrument)
            and (order.side == Side.BUY) == (side == Side.BUY)
            and strategy in (None, order.strategy)
        ]
        return sum(o.working_qty for o in orders), sum(o.working_value(factor) for o in orders)

    def opposing(self, account: int, instrument: int, side: str) -> list[Order]:
        """The orders of an account that work against a side."""
        return [
            order
            for order in self.orders.values()
            if (order.account, order.instrument) == (account, instrument)
            and (order.side == Side.BUY) != (side == Side.BUY)
            and order.working_qty > 0
        ]

    def open_orders(self, account: int) -> int:
        """How many orders of an account are open."""
        return sum(order.account == account and order.leaves_qty > 0 for order in self.orders.values())

    def count_repeat(self, order: Order, now: int) -> None:
        """Count a new order that repeats the last one of its side within the window, or begin with it."""
        account = self.accounts.rows[order.account]
        if not account.repeats_max:
            return
        key = (order.account, order.instrument, order.side == Side.BUY)
        last = self.repeated.get(key)
        is_same = last is not None and (last.qty, last.price) == (order.order_qty, order.price)
        if last and is_same and now - last.since <= account.repeat_window_ms * MILLISECOND_NS:
            last.count += 1
        else:
            self.repeated[key] = Repeated(order.order_qty, order.price, since=now, count=1)

    @property
    def execution_rows(self) -> int:
        """How many reports are known, or awaited by a correction."""
        return len(self.executions) + len(self.families.awaited())

    @property
    def holdings(self) -> set[tuple[int, int]]:
        """Every (account, instrument) that has a position."""
        return {(account, instrument) for account, _, instrument in self.positions}

    def open_books(self, order: Order) -> None:
        order.has_books = True
        if (order.account, order.instrument) not in self.holdings:
            self.look_at_new(order.account, order.instrument)
        self.positions.setdefault((order.account, order.strategy, order.instrument), Position())

    def look_at_new(self, account: int, instrument: int) -> None:
        """An account begins to trade an instrument."""

    def order_answer(self, order: Order, reason: Reason) -> Answer:
        """The answer that an order's newest event gives."""
        return Answer(
            code=Code.REJECTED if reason != Reason.NONE else Code.ACCEPTED,
            reason=reason,
            offset=self.record(),
            version=order.version,
            status=order.status,
            cum_qty=order.cum_qty,
            leaves_qty=order.leaves_qty,
        )
