"""Small choices, drawn from a number: names and quantities from small sets, now and then an odd one."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.model.commands import Command
from tests.model.orders import Order
from tests.properties.side_by_side import SideBySide

DAY_1 = 20261120
ODD_QTYS = [0, -1, 7, 10**6, 10**12, 10**12 + 1, 2**63 - 1, -(2**63)]
ODD_PRICES = [0, -5, 3, 10**9, 10**15, 10**15 + 1, 2**63 - 1]
ODD_COMMISSIONS = [10**18, -(10**18), 10**18 + 1, -(2**63), 2**63 - 1]
ODD_CURRENCIES = [b"", b"\x01", b"us", b"GBP", b"U\x00D", b"\x7f"]
ODD_HANDLES = [0, 9, 99, 2**32 - 1]
ODD_NAMES = [b"", b"\x01", b"caf\xc3\xa9", b"A\x00B", b"TWENTY-CHARACTERS-EX", b"A B", b"\x7f"]


def is_live(order: Order) -> bool:
    """Whether something of an order is left to fill."""
    return order.leaves_qty > 0


ODD_SHARE = 0.2
"""How many commands may have something odd about them: the others are what a sensible sender sends."""
ODDER = 2
"""How much more often than is said at each choice it is odd in those."""


class Choices:
    """What a flow's commands are made of; the same number gives the same choice."""

    def __init__(self, side: SideBySide) -> None:
        self.random = Random(0)
        self.is_odd = False
        self.side = side
        self.model = side.model
        self.sent: list[Command] = []
        self.requests = 0
        self.names = 0

    def add(self, command: Command) -> None:
        """Put a command into the open frame."""
        self.side.add(command)
        self.sent.append(command)

    def _odd(self, sensible: Any, odd: list[Any], often: float = 0.04) -> Any:
        """A sensible value, in some commands now and then an odd one."""
        is_odd = self.is_odd and self.random.random() < often * ODDER
        return self.random.choice(odd) if is_odd else sensible

    def new_request(self) -> int:
        """A request id that nobody has used."""
        self.requests += 1
        return self.requests << 32 | self.requests

    def _old_or_new_request(self) -> int:
        return self._odd(self.new_request(), [0, 1 << 32 | 1, 5 << 32 | 5, 2**128 - 1], 0.05)  # type: ignore[no-any-return]

    def _qty(self, lot: int = 1) -> int:
        """A quantity, rather a whole number of lots."""
        qtys = [1, 5, 10, 10, 25, 100] if lot == 1 else [lot, 2 * lot, 2 * lot, 4 * lot, 25]
        return self._odd(self.random.choice(qtys), ODD_QTYS)  # type: ignore[no-any-return]

    def _price(self) -> int:
        price = 5 * self.random.randint(17, 24)
        return self._odd(price, [price + 1, 60, 140, *ODD_PRICES], 0.12)  # type: ignore[no-any-return]

    def _any_size(self, digits: int) -> int:
        """A number of any size up to so many digits: sums of such fills need all 128 bits."""
        return self.random.randint(1, 10 ** self.random.randint(1, digits))

    def _cl_ord_id(self) -> bytes:
        self.names += 1
        used = b"C%d" % self.random.randint(1, 25)
        fresh = b"N%d" % self.names if self.random.random() < 0.9 else used
        return self._odd(fresh, ODD_NAMES, 0.03)  # type: ignore[no-any-return]

    def _order(self, fits: Callable[[Order], bool] = is_live) -> Order | None:
        """A known order, rather one that fits: a live one, if nothing else is said."""
        orders = list(self.model.orders.values())
        if not orders or self._odd(False, [True], 0.02):
            return None
        fitting = [order for order in orders if fits(order)]
        return self.random.choice(fitting if fitting and self.random.random() < 0.85 else orders)

    def _seq(self, order: Order | None) -> int:
        """The next number of an order, now and then one that is used or too high."""
        following = order.last_seq + 1 if order else 1
        return self._odd(following, [0, 1, max(following - 1, 0), following + 1, 2**32 - 1], 0.06)  # type: ignore[no-any-return]

    def _version(self, order: Order | None) -> int:
        actual = order.version if order else 0
        return self._odd(0, [actual, actual, max(actual - 1, 0), 2**32 - 1], 0.2)  # type: ignore[no-any-return]

    def _order_id(self, order: Order | None) -> Any:
        return order.order_id if order else self._odd((DAY_1, b"ACC-1", b"NOBODY"), [0, 2**128 - 1], 0.5)
