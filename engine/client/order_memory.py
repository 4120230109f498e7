"""What a client remembers of its own orders: whose they are, the next number, and what was not answered.

A new order is remembered when an answer says that it is one, or while nobody knows: a fill is reported in the
scales of the instrument that is remembered, so what nobody took must not be.
"""

import numpy as np

from engine.client.catalog import Instrument
from engine.values import id_text

FIRST_SEQ = 1
"""The number of every SubmitOrder."""

ORDERS_REMEMBERED_MAX = 100_000
"""Orders a client remembers, some 60 MB of them; an older one is looked up again when it is needed."""


class KnownOrder:
    """One order as its owner knows it; handles and codes as in rows.

    `next_seq` is the number of its next command, 0 if only the partition knows. `unanswered` holds the rows
    that were sent and not answered, by number: nobody knows yet what became of them.
    """

    __slots__ = (
        "account",
        "hi",
        "instrument",
        "lo",
        "next_seq",
        "ord_type",
        "partition",
        "side",
        "strategy",
        "time_in_force",
        "unanswered",
    )

    def __init__(  # noqa: PLR0913 - what an order is
        self,
        words: tuple[int, int],
        partition: int,
        instrument: Instrument,
        *,
        account: int,
        strategy: int,
        side: int,
        ord_type: int,
        time_in_force: int,
        next_seq: int,
    ) -> None:
        self.hi, self.lo = words
        self.partition = partition
        self.instrument = instrument
        self.account = account
        self.strategy = strategy
        self.side = side
        self.ord_type = ord_type
        self.time_in_force = time_in_force
        self.next_seq = next_seq
        self.unanswered: dict[int, np.ndarray] = {}

    @property
    def text(self) -> str:
        """The order id as 32 hex digits."""
        return id_text(self.hi, self.lo)

    @property
    def is_proved(self) -> bool:
        """Whether an answer has said that the order is this, and not only this client."""
        return FIRST_SEQ not in self.unanswered

    def become(self, other: "KnownOrder") -> None:
        """Take over what another one says the order is; its numbers and what was not answered stay."""
        self.instrument = other.instrument
        self.strategy = other.strategy
        self.side = other.side
        self.ord_type = other.ord_type
        self.time_in_force = other.time_in_force

    def take_seq(self) -> int:
        """The next number, which is then used."""
        self.next_seq += 1
        return self.next_seq - 1


class OrderMemory:
    """The orders a client has sent or asked about; the oldest is forgotten first, never an unanswered one."""

    def __init__(self, orders_max: int = ORDERS_REMEMBERED_MAX) -> None:
        self._orders_max = orders_max
        self._orders: dict[tuple[int, int], KnownOrder] = {}

    def __len__(self) -> int:
        return len(self._orders)

    def find(self, words: tuple[int, int]) -> KnownOrder | None:
        """The order with this id, if it is remembered."""
        return self._orders.get(words)

    def remember(self, order: KnownOrder) -> KnownOrder:
        """Keep an order; gives the one that is remembered under this id, as it was."""
        known = self.find((order.hi, order.lo))
        if known is not None:
            return known
        if len(self._orders) >= self._orders_max:
            self._forget_oldest()
        self._orders[order.hi, order.lo] = order
        return order

    def learn(self, order: KnownOrder) -> KnownOrder:
        """Keep what an order is as an answer has told it; gives the one that is remembered, corrected."""
        known = self.remember(order)
        known.become(order)
        return known

    def forget(self, order: KnownOrder) -> None:
        """Forget an order, unless something of it was sent and not answered."""
        known = self.find((order.hi, order.lo))
        if known is not None and not known.unanswered:
            del self._orders[order.hi, order.lo]

    def _forget_oldest(self) -> None:
        for words, order in self._orders.items():
            if not order.unanswered:
                del self._orders[words]
                return

    def forget_numbers(self, rows: np.ndarray) -> None:
        """Somebody else numbers the orders of these COMMAND rows: ask before numbering them again."""
        if not self._orders:
            return
        own = np.fromiter((lo for _, lo in self._orders), np.uint64, len(self._orders))
        for row in rows[np.isin(rows["order_id_lo"], own)]:
            order = self.find((int(row["order_id_hi"]), int(row["order_id_lo"])))
            if order is not None:
                order.next_seq = 0

    def unanswered(self) -> list[KnownOrder]:
        """The orders of which a command was sent and not answered."""
        return [order for order in self._orders.values() if order.unanswered]
