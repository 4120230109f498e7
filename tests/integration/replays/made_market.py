"""A made market that writes LOBSTER's two files: a full order book, of which they show the best levels only.

The files tell of an event only where it touches a shown level. Orders that rest further out, or rested before
the first message, are in no message until the window reaches them, as in real files.
"""

import random
from collections import Counter
from pathlib import Path

NO_ASK, NO_BID = 9_999_999_999, -9_999_999_999
TICK = 100
MIDDLE = 5_000_000
OPENING_NS = 34_200 * 10**9


class MadeMarket:
    """Draws events from a seed and keeps what a replay of the files must find.

    Attributes:
        messages, books: the lines of the two files.
        totals: quantities executed, cells shown from row 1 on, and what R2 can check: changes of orders that
            were born in the file and in the window ever since.
    """

    def __init__(
        self, seed: int, levels: int, *, resting: int | None = None, halts: bool = True, order_id: int = 1
    ) -> None:
        self.levels = levels
        self.messages: list[str] = []
        self.books: list[str] = []
        self.totals: Counter[str] = Counter()
        self._draw = random.Random(seed)
        self._orders: dict[int, tuple[int, int, int]] = {}
        self._watched: set[int] = set()
        self._halt_price = 1
        self._next_id = order_id
        self._now_ns = OPENING_NS
        self._halts = halts
        for _ in range(12 * levels if resting is None else resting):
            self._enter(*self._any_order())

    def run(self, messages: int) -> "MadeMarket":
        """Draw events until the files have so many rows."""
        while len(self.messages) < messages:
            self._now_ns += self._draw.randrange(1, 400_000_000)
            draw = self._draw.random()
            if draw < 0.45:
                self._submit()
            elif draw < 0.6:
                self._delete()
            elif draw < 0.7:
                self._cancel_partly()
            elif draw < 0.93:
                self._execute()
            elif draw < 0.98 or not self._halts:
                self._execute_hidden()
            else:
                self._halt()
        return self

    def write(self, folder: Path, name: str = "MADE_2020-02-03_34200000_57600000") -> tuple[Path, Path]:
        """Write both files; gives their paths, the messages first."""
        paths = (
            folder / f"{name}_message_{self.levels}.csv",
            folder / f"{name}_orderbook_{self.levels}.csv",
        )
        for path, lines in zip(paths, (self.messages, self.books), strict=True):
            path.write_text("".join(f"{line}\n" for line in lines))
        return paths

    def _any_order(self) -> tuple[int, int, int]:
        direction = self._draw.choice((1, -1))
        distance = 1 + int(self._draw.expovariate(1 / (4 * self.levels + 4)))
        best = self._best(-direction)
        edge = MIDDLE if best is None else best
        return direction, edge - direction * TICK * distance, self._draw.randrange(1, 500)

    def _enter(self, direction: int, price: int, size: int) -> int:
        self._orders[self._next_id] = (direction, price, size)
        self._next_id += 1
        return self._next_id - 1

    def _shown(self, direction: int) -> list[tuple[int, int]]:
        sizes: Counter[int] = Counter()
        for side, price, size in self._orders.values():
            if side == direction:
                sizes[price] += size
        return sorted(sizes.items(), reverse=direction == 1)[: self.levels]

    def _best(self, direction: int) -> int | None:
        prices = [price for side, price, _ in self._orders.values() if side == direction]
        return (max(prices) if direction == 1 else min(prices)) if prices else None

    def _submit(self) -> None:
        direction, price, size = self._any_order()
        before = dict(self._shown(direction))
        order_id = self._enter(direction, price, size)
        if price in before or price in dict(self._shown(direction)):
            self._watched.add(order_id)
            self._tell(1, order_id, size, price, direction)

    def _change(self, order_id: int, taken: int, kind: int) -> None:
        direction, price, size = self._orders[order_id]
        is_shown = price in dict(self._shown(direction))
        if taken == size:
            del self._orders[order_id]
        else:
            self._orders[order_id] = (direction, price, size - taken)
        if is_shown:
            self.totals["r2_checked"] += order_id in self._watched
            self.totals["r2_deletes"] += order_id in self._watched and kind == 3
            self._tell(kind, order_id, taken, price, direction)

    def _any_id(self) -> int | None:
        return self._draw.choice(list(self._orders)) if self._orders else None

    def _delete(self) -> None:
        order_id = self._any_id()
        if order_id is not None:
            self._change(order_id, self._orders[order_id][2], 3)

    def _cancel_partly(self) -> None:
        order_id = self._any_id()
        if order_id is not None and self._orders[order_id][2] > 1:
            self._change(order_id, self._draw.randrange(1, self._orders[order_id][2]), 2)

    def _execute(self) -> None:
        direction = self._draw.choice((1, -1))
        best = self._best(direction)
        if best is None:
            return
        order_id = next(
            i for i, (side, price, _) in self._orders.items() if side == direction and price == best
        )
        size = self._orders[order_id][2]
        taken = size if self._draw.random() < 0.6 else self._draw.randrange(1, size + 1)
        self.totals["executed_visible"] += taken
        self._change(order_id, taken, 4)

    def _execute_hidden(self) -> None:
        size, direction = self._draw.randrange(1, 300), self._draw.choice((1, -1))
        self.totals["executed_hidden"] += size
        self._tell(5, 0, size, MIDDLE + self._draw.randrange(-TICK, TICK), direction)

    def _halt(self) -> None:
        """Halted, quoting, trading behind a cross: the market goes on meanwhile, as markets do."""
        self._halt_price = {1: -1, -1: 0, 0: 1}[self._halt_price]
        if self._halt_price == 1:
            self._tell(6, -1, self._draw.randrange(1, 10_000), MIDDLE, -1)
        self._tell(7, 0, 0, self._halt_price, -1)

    def _tell(self, kind: int, order_id: int, size: int, price: int, direction: int) -> None:
        seconds = f"{self._now_ns // 10**9}.{self._now_ns % 10**9:09}".rstrip("0").rstrip(".")
        self.messages.append(f"{seconds},{kind},{order_id},{size},{price},{direction}")
        sides = [self._shown(-1), self._shown(1)]
        self._forget_hidden(sides)
        self.totals["cells"] += len(sides[0]) + len(sides[1]) if len(self.messages) > 1 else 0
        blanks = [(NO_ASK, 0), (NO_BID, 0)]
        cells = [
            level
            for at in range(self.levels)
            for side, blank in zip(sides, blanks, strict=True)
            for level in [side[at] if at < len(side) else blank]
        ]
        self.books.append(",".join(f"{price},{size}" for price, size in cells))

    def _forget_hidden(self, sides: list[list[tuple[int, int]]]) -> None:
        """Watch no order whose price is out of the window now."""
        shown = {
            (direction, price) for direction, side in zip((-1, 1), sides, strict=True) for price, _ in side
        }
        self._watched = {i for i in self._watched if i in self._orders and self._orders[i][:2] in shown}
