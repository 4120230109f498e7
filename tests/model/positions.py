"""Position and profit by average cost, in exact integers of 10^-8 of the currency."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass
class Position:
    """What one strategy holds of one instrument. There is no average price: it is `open_cost / qty`."""

    qty: int = 0
    open_cost: int = 0
    realized: int = 0
    cash: int = 0
    buy_qty: int = 0
    sell_qty: int = 0

    def fill(self, qty: int, price: int, factor: int) -> None:
        """Book a fill; `qty` is negative where it sells, `factor` turns price x quantity into money."""
        self.cash -= qty * price * factor
        self.buy_qty += max(qty, 0)
        self.sell_qty += max(-qty, 0)
        closed = min(abs(self.qty), abs(qty)) if self.qty * qty < 0 else 0
        if closed:
            self._close(closed, price, factor)
        opened = qty + closed if qty < 0 else qty - closed
        self.qty += opened
        self.open_cost += opened * price * factor

    def _close(self, closed: int, price: int, factor: int) -> None:
        """Take `closed` units out at their average cost, rounded half to even, and realise the difference."""
        sign = 1 if self.qty > 0 else -1
        relief = round(Fraction(self.open_cost * closed, abs(self.qty)))
        self.realized += sign * closed * price * factor - relief
        self.open_cost -= relief
        self.qty -= sign * closed

    def unrealized(self, mark: int, factor: int) -> int:
        """What closing everything at the mark would realise."""
        return self.qty * mark * factor - self.open_cost
