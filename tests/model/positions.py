"""Position and profit by average cost, in exact integers of 10^-8 of the currency."""

from bisect import insort
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class Fill:
    """A signed quantity at a price, and when."""

    at_ns: int
    qty: int
    price: int


@dataclass
class Position:
    """What one strategy holds of one instrument. There is no average price: it is `open_cost / qty`."""

    qty: int = 0
    open_cost: int = 0
    realized: int = 0
    cash: int = 0
    buy_qty: int = 0
    sell_qty: int = 0
    version: int = 0
    fills: list[Fill] = field(default_factory=list)

    def book(self, fill: Fill, factor: int) -> bool:
        """Book a fill at its time; whether later ones were there, so that all were booked anew."""
        is_late = any(other.at_ns > fill.at_ns for other in self.fills)
        insort(self.fills, fill, key=lambda other: other.at_ns)
        if is_late:
            self.restate(factor)
        else:
            self.fill(fill.qty, fill.price, factor)
        return is_late

    def change(self, fill: Fill, qty: int, price: int, factor: int) -> bool:
        """Let a booked fill be another; whether it was."""
        is_other = (fill.qty, fill.price) != (qty, price)
        if is_other:
            fill.qty, fill.price = qty, price
            self.restate(factor)
        return is_other

    def restate(self, factor: int) -> None:
        """Book all fills anew, in the order of their time."""
        self.qty = self.open_cost = self.realized = self.cash = self.buy_qty = self.sell_qty = 0
        self.version += 1
        for fill in self.fills:
            self.fill(fill.qty, fill.price, factor)

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
