"""Clients that trade and read at random, each noting all that it asks and is told.

`python -m tests.histories.trader DIR NOTES SEED SECONDS CLIENTS` joins the running engine of directory DIR
with so many clients, each on a thread and a transport of its own, and writes NOTES when they are done.
"""

import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from actors.config_file import load_config
from engine import Ack, Client, VenueFeed
from engine.client.connection import Connection, introduce
from engine.client.conversation import converse
from engine.client.order_entry import NOTHING_HAPPENED
from engine.config import ClientConfig, Config
from engine.errors import OrderfoldError, OutcomeUnknown
from engine.reads.table import Table
from tests.histories.checks import MARK
from tests.histories.operations import NOTHING, UNKNOWN, Operation, Read, Wrote, write_operations
from tests.histories.shaky_transport import ShakyTransport

ACCOUNTS = ("A-1", "A-2")
"""All clients trade for all of them: what one reads, others have done."""

INSTRUMENT, VENUE = "AAPL", "XNAS"
QTY_MAX = 100
"""The largest order that passes; one in a few asks for more."""

DEADLINE_MS = 1_500
"""Shorter than a partition needs to come back: some commands end with an unknown outcome."""

ASKED_SHARE = 0.75
"""How many reads ask for what their client has seen or done; the others take what there is."""


@dataclass
class Order:
    """One that this client has sent: how to send it again, and what has become of it."""

    terms: dict[str, Any]
    ack: Ack | None = None
    left: int = 0


@dataclass
class Trader:
    """One client and its notes."""

    name: str
    client: Client
    chance: random.Random
    notes: list[Operation] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    unclear: set[str] = field(default_factory=set)
    seen: int = -1
    texts: int = 0

    def run(self, until_s: float) -> None:
        """Act until a moment of the monotonic clock, then read everything once more."""
        actions = [self.submit, self.submit, self.trade, self.trade, self.change, self.repeat]
        while time.monotonic() < until_s:
            self.chance.choice([*actions, self.read, self.read, self.read])()
        for _ in range(5):
            self.read()

    def submit(self) -> None:
        """A new order; one in ten is too large."""
        qty = self.chance.randint(1, QTY_MAX) if self.chance.random() < 0.9 else QTY_MAX + 1
        account = self.chance.choice(ACCOUNTS)
        side = self.chance.choice(["BUY", "SELL"])
        terms = {"account": account, "strategy": f"S-{account}", "instrument": INSTRUMENT, "side": side}
        self.orders.append(Order({**terms, "qty": qty, "price": MARK, "cl_ord_id": self._text()}, left=qty))
        self._send(self.orders[-1])

    def repeat(self) -> None:
        """An order that was sent before, with the very same terms."""
        if self.orders:
            self._send(self.chance.choice(self.orders))

    def _send(self, order: Order) -> None:
        text = order.terms["cl_ord_id"]
        ack = self._write(text, lambda: self.client.submit(**order.terms))
        if ack is not None and ack.is_accepted:
            order.ack = ack

    def trade(self) -> None:
        """The venue reports a fill of an order that is there."""
        live = [order for order in self.orders if order.ack is not None and order.left > 0]
        if not live:
            return
        order, text = self.chance.choice(live), self._text()
        qty = self.chance.randint(1, order.left)
        order.left -= qty
        feed = VenueFeed.on(self.client, venue=VENUE)
        report: dict[str, Any] = {"exec_id": text, "last_qty": qty, "last_px": MARK}
        for _ in range(2):
            # A feed sends a report again until it is answered; one that has been answered now and then too.
            self._write(text, lambda: feed.report(_ack(order), "TRADE", **report))

    def change(self) -> None:
        """A replace or a cancel of an order that is there."""
        live = [order for order in self.orders if order.ack is not None and order.left > 0]
        if not live:
            return
        order, text = self.chance.choice(live), self._text()
        if self.chance.random() < 0.5:
            terms = {"qty": order.terms["qty"] + 1, "price": MARK, "cl_ord_id": text}
            self._write(text, lambda: self.client.replace(_ack(order), **terms))
        else:
            self._write(text, lambda: self.client.cancel(_ack(order), cl_ord_id=text))
        if text in self.unclear:
            self._settle(text)

    def _settle(self, text: str) -> None:
        """Learn what became of a request without an answer, as a strategy does before it goes on."""
        begun_ns = time.monotonic_ns()
        try:
            acks = self.client.resend_unanswered()
        except OrderfoldError:
            return
        for ack in acks:
            if ack.cl_ord_id == text:
                self._note(text, begun_ns, ack)

    def _write(self, text: str, send: Callable[[], Ack]) -> Ack | None:
        begun_ns = time.monotonic_ns()
        try:
            ack = send()
        except OutcomeUnknown:
            self.unclear.add(text)
            self._note_without(text, begun_ns, UNKNOWN)
            return None
        except NOTHING_HAPPENED:
            # That is said of this attempt: one before it may have happened all the same.
            self._note_without(text, begun_ns, UNKNOWN if text in self.unclear else NOTHING)
            return None
        self._note(text, begun_ns, ack)
        return ack

    def _note_without(self, text: str, begun_ns: int, outcome: str) -> None:
        self.notes.append(Wrote(self.name, begun_ns, time.monotonic_ns(), text, outcome))

    def _note(self, text: str, begun_ns: int, ack: Ack) -> None:
        self.seen = max(self.seen, ack.position)
        self.notes.append(
            Wrote(
                self.name,
                begun_ns,
                time.monotonic_ns(),
                text,
                ack.outcome.name,
                ack.order_id,
                ack.position,
                ack.version,
                int(ack.cum_qty),
                int(ack.leaves_qty),
            )
        )

    def read(self) -> None:
        """Read an order, a position or an exposure, often as of what was seen before."""
        asked = self.seen if self.chance.random() < ASKED_SHARE else -1
        account = self.chance.choice(ACCOUNTS)
        handle = str(self.client.catalog.account(account).handle)
        sent = [order.ack.order_id for order in self.orders if order.ack is not None]
        subject = self.chance.choice(["position", "exposure", *(["order"] if sent else [])])
        key = self.chance.choice(sent) if subject == "order" else handle
        begun_ns = time.monotonic_ns()
        try:
            table, values = self._read(subject, key, account, asked)
        except OrderfoldError:
            return  # The projector is away: no answer, no anomaly.
        as_of = table.as_of[0]
        self.seen = max(self.seen, as_of)
        ended_ns = time.monotonic_ns()
        self.notes.append(
            Read(self.name, begun_ns, ended_ns, subject, key, asked, as_of, table.lag_events, values)
        )

    def _read(self, subject: str, key: str, account: str, asked: int) -> tuple[Table, dict[str, int]]:
        if subject == "position":
            table = self.client.positions(account=account, min_position=asked)
            return table, {"qty": int(sum(table["qty"]))}
        if subject == "exposure":
            table = self.client.exposure(account=account, min_position=asked)
            return table, {"net": int(sum(table["net"]))}
        table = self.client.orders([key], min_position=asked)
        names = ("version", "cum_qty", "leaves_qty") if len(table) else ()
        return table, {name: int(table[name][0]) for name in names}

    def _text(self) -> str:
        self.texts += 1
        return f"{self.name}.{self.texts}"


def _ack(order: Order) -> Ack:
    assert order.ack is not None, "only an order that is there is traded or changed"
    return order.ack


def patient(config: Config) -> Config:
    """The settings of these clients, who are not patient at all."""
    return msgspec.structs.replace(config, client=ClientConfig(deadline_ms=DEADLINE_MS))


def connected(directory: Path, name: str, chance: random.Random) -> Client:
    """A client on a shaky transport of its own."""
    config = patient(load_config())
    connection = Connection(ShakyTransport(directory, config, time.time_ns, chance), config)
    while True:
        try:
            converse(connection.transport, introduce(connection, name))
        except OrderfoldError:
            continue  # Something was killed already.
        return Client(connection)


def main(directory: Path, notes: Path, seed: int, seconds: float, clients: int) -> None:
    """Let so many clients trade, and write down what they noted."""
    names = [f"{notes.stem}{number}" for number in range(clients)]
    traders = [
        Trader(
            name,
            connected(directory, name, random.Random(f"{seed} {name} frames")),
            random.Random(f"{seed} {name}"),
        )
        for name in names
    ]
    until_s = time.monotonic() + seconds
    threads = [threading.Thread(target=trader.run, args=(until_s,)) for trader in traders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    write_operations(notes, [note for trader in traders for note in trader.notes])
    for trader in traders:
        trader.client.close()


if __name__ == "__main__":
    place, file, seed_of_all, duration, count = sys.argv[1:]
    main(Path(place), Path(file), int(seed_of_all), float(duration), int(count))
