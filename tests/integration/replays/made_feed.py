"""A made market that writes a market-by-order file: a snapshot, then every change of every order."""

import gzip
import random
from collections import Counter
from pathlib import Path

NO_PRICE = 2**63 - 1
TICK = 250_000_000
MIDDLE = 5_000 * 10**9
OPENING_NS = 1_580_688_000 * 10**9
COLUMNS = "ts_recv,ts_event,action,side,price,size,order_id,flags,sequence"


class MadeFeed:
    """Draws events from a seed and keeps what a replay of the file must find.

    Attributes:
        rows: the lines of the file below the first.
        columns: the first line.
        totals: cancels, quantity filled, orders and amendments that are none of a fill's echoes.
        live: by instrument and order id: side, price and size that are left.
    """

    def __init__(self, seed: int, *, instruments: tuple[str, ...] = (), order_id: int = 1) -> None:
        self.rows: list[str] = []
        self.columns = COLUMNS + (",symbol" if instruments else "")
        self.totals: Counter[str] = Counter()
        self.live: dict[tuple[str, int], tuple[str, int, int]] = {}
        self._instruments = instruments or ("",)
        self._instrument = self._instruments[0]
        self._draw = random.Random(seed)
        self._next_id = order_id
        self._now_ns = OPENING_NS
        self._tell("R", "N", NO_PRICE, 0, 0)
        for _ in range(12):
            self._add()

    def run(self, rows: int) -> "MadeFeed":
        """Draw events until the file has so many rows or a few more."""
        events = (self._add, self._add, self._amend, self._cancel, self._fill)
        while len(self.rows) < rows:
            self._now_ns += self._draw.randrange(1, 300_000_000)
            self._instrument = self._draw.choice(self._instruments)
            self._draw.choice(events)()
        return self

    def write(self, folder: Path, name: str = "MADE_20200203_mbo.csv.gz") -> Path:
        """Write the file, packed if its name says so; gives its path."""
        path = folder / name
        text = "".join(f"{line}\n" for line in (self.columns, *self.rows)).encode()
        path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
        return path

    def _add(self) -> None:
        side = self._draw.choice("AB")
        price = self._any_price(side)
        size = self._draw.randrange(1, 20)
        self._next_id += 1
        self.live[self._instrument, self._next_id] = (side, price, size)
        self.totals["orders"] += 1
        self._tell("A", side, price, size, self._next_id)

    def _any_price(self, side: str) -> int:
        return MIDDLE + TICK * self._draw.randrange(1, 9) * (1 if side == "A" else -1)

    def _any_order(self) -> tuple[str, int] | None:
        own = [key for key in self.live if key[0] == self._instrument]
        return self._draw.choice(own) if own else None

    def _amend(self) -> None:
        key = self._any_order()
        if key is None:
            return
        side, price, _ = self.live[key]
        price = self._any_price(side) if self._draw.random() < 0.5 else price
        self.live[key] = (side, price, self._draw.randrange(1, 30))
        self.totals["amendments"] += 1
        self._tell("M", side, price, self.live[key][2], key[1])

    def _cancel(self) -> None:
        key = self._any_order()
        if key is None:
            return
        side, price, size = self.live.pop(key)
        self.totals["cancels"] += 1
        self._tell("C", side, price, size, key[1])

    def _fill(self) -> None:
        """A trade, the fill of the order that rested, and what the fill has done to it."""
        key = self._any_order()
        if key is None:
            return
        side, price, size = self.live[key]
        taken = size if self._draw.random() < 0.4 else self._draw.randrange(1, size + 1)
        self.totals["filled"] += taken
        self._tell("T", "B" if side == "A" else "A", price, taken, 0)
        self._tell("F", side, price, taken, key[1])
        if taken == size:
            del self.live[key]
            self.totals["cancels"] += 1
            self._tell("C", side, price, size, key[1])
        else:
            self.live[key] = (side, price, size - taken)
            self._tell("M", side, price, size - taken, key[1])

    def _tell(self, action: str, side: str, price: int, size: int, order_id: int) -> None:
        """Write a row: received a little after the event, one sequence number each."""
        received = self._now_ns + self._draw.randrange(1_000, 90_000)
        row = f"{received},{self._now_ns},{action},{side},{price},{size},{order_id},0,{len(self.rows)}"
        self.rows.append(row + (f",{self._instrument}" if "symbol" in self.columns else ""))
