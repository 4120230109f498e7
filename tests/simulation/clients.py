"""Clients of the simulation: a real delivery each, over the simulated network, and what it does next.

A client sends a command again until it knows what became of it, as the guarantees ask of it; where it is told
that nothing happened it may do something else under the same number. Now and then it sends an old one again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from actors.delivery import LAST_ANSWER_S, Delivery, Heard
from actors.parcels import Parcel
from engine.client.session import Session
from engine.errors import BadRequest, OutcomeUnknown, Unavailable
from engine.rows.layout import joined
from engine.vocabulary import AnswerCode
from storage.log_directory import log_name
from tests.model.commands import (
    CancelOrder,
    Command,
    ExecutionReport,
    MassCancel,
    ReplaceOrder,
    SetFirmLimit,
    SetMark,
    StartTradingDay,
    SubmitOrder,
)
from tests.model.words import ExecType, Scope, Side
from tests.properties.leased_firm import LIMIT, LIMITS, order_of
from tests.simulation.history import Asked, check_acknowledged, judge
from tests.simulation.violation import Violation

if TYPE_CHECKING:
    from tests.simulation.world import World

FIRST_REQUEST = 1_000
"""Smaller request ids are those of the definitions at the beginning."""

ORDERS_MAX = 250
"""Orders that one strategy sends: fewer than the tables have rows."""

LAST_DAY = 20261130
"""The last trading day of a history: all lie in one month."""


class Client:
    """Somebody who sends commands to one partition, or to the reference log."""

    def __init__(self, world: World, name: str, number: int) -> None:
        self.world = world
        self.name = name
        self.number = number
        self.asked: list[Asked] = []
        self.unclear: list[list[Asked]] = []
        self.waiting = 0
        self._delivery = self._new_delivery()

    def _new_delivery(self) -> Delivery:
        return Delivery(
            Session(self.world.new_id(), self.number),
            self._carry,
            self.world.config.client,
            later=self.world.later,
            clock=self.world.seconds,
        )

    def _carry(self, frame: np.ndarray, heard: Heard) -> None:
        self.world.network.call(self.name, log_name(self.number), frame, heard)

    @property
    def is_settled(self) -> bool:
        """Whether it knows what became of everything that it has sent."""
        return self.waiting == 0 and not self.unclear

    def ask(self, *commands: Command) -> None:
        """Send new commands together."""
        fresh = [Asked(command) for command in commands]
        self.asked += fresh
        self._send(fresh)

    def _send(self, several: list[Asked]) -> None:
        for asked in several:
            asked.sends += 1
        parcel = self._delivery.offer(joined([asked.row for asked in several]))
        self.waiting += 1
        parcel.future.add_done_callback(lambda _: self._hear(parcel, several))
        patience_s = self.world.config.client.deadline_ms / 1000 + LAST_ANSWER_S
        delivery = self._delivery
        self.world.later(patience_s, lambda: _give_up(delivery, parcel))

    def _hear(self, parcel: Parcel, several: list[Asked]) -> None:
        self.waiting -= 1
        for asked in several:
            asked.is_doubled |= self.world.network.has_doubled(asked.row)
        error = parcel.future.exception()
        if error is None:
            answers, _ = parcel.future.result()
            self._judge(several, answers)
        elif isinstance(error, OutcomeUnknown):
            self.unclear.append(several)
        elif isinstance(error, BadRequest):
            self.world.note_violation(
                Violation("history", f"{self.name}: what it sent can't be read: {error}")
            )
        else:
            self._note_nothing(several)

    def _judge(self, several: list[Asked], answers: np.ndarray) -> None:
        watch = self.world.watches[self.number]
        before: list[Asked] = []
        try:
            for asked, answer in zip(several, answers, strict=True):
                judge(watch, asked, answer, before)
                before.append(asked)
                self.learn(asked)
        except Violation as violation:
            self.world.note_violation(violation)
        except ValueError as error:
            # The future that calls this would swallow it.
            self.world.note_violation(
                Violation("history", f"{self.name}: an answer can't be understood: {error}")
            )

    def _note_nothing(self, several: list[Asked]) -> None:
        """Nothing happened, they say: what it did not send before is free to be something else."""
        if not all(asked.is_alone for asked in several):
            self.unclear.append(several)
            return
        for asked in several:
            asked.is_over = True
            self.learn(asked)

    def learn(self, asked: Asked) -> None:
        """Something is known of a command: its offset, or that it left no event."""

    def act(self) -> None:
        """Do the next thing: ask again what is unclear, send an old command again, or a new one."""
        chance = self.world.random
        if self.unclear and chance.random() < 0.7:
            self._send(self.unclear.pop(chance.randrange(len(self.unclear))))
        elif self.asked and chance.random() < 0.2:
            self.ask_again()
        else:
            self.ask_new()

    def ask_again(self) -> None:
        """Send a command again whose event is known."""
        chance = self.world.random
        asked = chance.choice(chance.choice([self.asked, self.asked[-40:]]))
        if asked.offset >= 0:
            self._send([asked])

    def settle(self) -> None:
        """Ask again whatever is unclear."""
        if self.unclear:
            self._send(self.unclear.pop())

    def ask_new(self) -> None:
        """Send something new."""
        raise NotImplementedError

    def crash(self) -> None:
        """Die and come back: what was under way is unclear, and the session is another."""
        self._delivery.end(Unavailable("the client was closed"))
        self._delivery = self._new_delivery()

    def check(self) -> None:
        """All that it was told is still so."""
        for asked in self.asked:
            check_acknowledged(self.world.watches[self.number], asked)

    def request(self) -> int:
        """A new request id, or a number for a name."""
        return self.world.number()


def _give_up(delivery: Delivery, parcel: Parcel) -> None:
    """What `Delivery.deliver` does for a caller whose patience ends."""
    if not parcel.is_over:
        delivery._give_up(parcel)


class Order:
    """One order as its strategy knows it.

    Attributes:
        submit: how it began.
        last_seq: the number of its last command that has an event, 0 before the first.
        pending: commands of which nobody knows yet what became.
        is_accepted: whether it was sent to its venue.
    """

    def __init__(self, submit: SubmitOrder) -> None:
        self.submit = submit
        self.last_seq = 0
        self.pending = 0
        self.is_accepted = False


class Strategy(Client):
    """Sends orders of one account, replaces and cancels them."""

    def __init__(self, world: World, name: str, number: int) -> None:
        super().__init__(world, name, number)
        self.orders: dict[object, Order] = {}

    def ask_new(self) -> None:
        """A new order, perhaps with a replace right behind it, or a change of one that is settled."""
        chance = self.world.random
        settled = [order for order in self.recent() if not order.pending]
        if settled and chance.random() < 0.5:
            order = chance.choice(settled)
            self._go_on(order)
        elif len(self.orders) < ORDERS_MAX:
            for _ in range(chance.choice([1, 1, 2, 8])):
                order = self._new_order()
                if chance.random() < 0.3:
                    self._ask(order, order.submit, self._change(order, 2))
                else:
                    self._ask(order, order.submit)

    def recent(self) -> list[Order]:
        """The last orders, and mostly only such as were accepted."""
        latest = list(self.orders.values())[-30:]
        accepted = [order for order in latest if order.is_accepted]
        return accepted if accepted and self.world.random.random() < 0.8 else latest

    def _go_on(self, order: Order) -> None:
        """The order's next number; where its first was not taken, that one with another quantity."""
        if order.last_seq:
            self._ask(order, self._change(order, order.last_seq + 1))
        elif order.submit.trade_date == self.world.today:
            order.submit = replace(order.submit, qty=order.submit.qty + 1)
            self._ask(order, order.submit)

    def _ask(self, order: Order, *commands: Command) -> None:
        order.pending += len(commands)
        self.ask(*commands)

    def _new_order(self) -> Order:
        chance, today = self.world.random, self.world.today
        cl_ord_id = b"C%d" % self.request()
        submit = replace(
            order_of(
                self.number,
                cl_ord_id,
                side=chance.choice([Side.BUY, Side.BUY, Side.SELL]),
                qty=chance.choice([1, 1, 2, 10]),
                price=chance.choice([99, 100, 101]),
            ),
            order_id=(today, b"ACC-%d" % self.number, cl_ord_id),
            trade_date=today,
        )
        self.orders[submit.order_id] = order = Order(submit)
        return order

    def _change(self, order: Order, seq: int) -> Command:
        chance, submit = self.world.random, order.submit
        if chance.random() < 0.4:
            return CancelOrder(order_id=submit.order_id, cl_ord_id=b"X%d" % self.request(), seq=seq)
        return ReplaceOrder(
            order_id=submit.order_id,
            account=submit.account,
            instrument=1,
            strategy=submit.strategy,
            cl_ord_id=b"R%d" % self.request(),
            side=submit.side,
            qty=chance.choice([1, 3, 12]),
            price=chance.choice([90, 100, 110]),
            seq=seq,
        )

    def learn(self, asked: Asked) -> None:
        """The order's last number is that of its last command with an event."""
        if asked.was_learned:
            return
        command = asked.command
        assert isinstance(command, SubmitOrder | ReplaceOrder | CancelOrder)
        order = self.orders[command.order_id]
        order.pending -= 1
        if asked.offset >= 0:
            order.last_seq = max(order.last_seq, command.seq)
            order.is_accepted |= isinstance(command, SubmitOrder) and asked.code == AnswerCode.ACCEPTED
        asked.was_learned = True


class Venue(Client):
    """Reports on orders of one partition's strategies, also on such as nobody has submitted yet."""

    def __init__(self, world: World, name: str, number: int, strategies: list[Strategy]) -> None:
        super().__init__(world, name, number)
        self._strategies = strategies

    def ask_new(self) -> None:
        """One report, or a few."""
        chance = self.world.random
        orders = chance.choice(self._strategies).recent()
        if orders:
            several = [self._report(chance.choice(orders)) for _ in range(chance.choice([1, 1, 2, 4]))]
            self.ask(*several)

    def _report(self, order: Order) -> ExecutionReport:
        chance = self.world.random
        exec_type = chance.choice([ExecType.NEW, ExecType.TRADE, ExecType.TRADE, ExecType.CANCELED])
        is_trade = exec_type == ExecType.TRADE
        return ExecutionReport(
            order_id=order.submit.order_id,
            venue=1,
            trade_date=self.world.today,
            exec_id=b"E%d" % self.request(),
            exec_type=exec_type,
            qty=chance.choice([1, 3, order.submit.qty]) if is_trade else 0,
            price=chance.choice([90, 100, 130]) if is_trade else 0,
        )


class Operator(Client):
    """Marks, trading days and mass cancels of one partition."""

    def ask_new(self) -> None:
        """Mostly a mark."""
        chance, number = self.world.random, self.request()
        kind = chance.random()
        if kind < 0.8:
            price = chance.choice([95, 100, 105])
            self.ask(SetMark(request_id=number, instrument=1, price=price, ts_event=self.world.now_ns))
        elif kind < 0.94:
            self.ask(MassCancel(request_id=number, scope=Scope.ACCOUNT, account=self.number + 1))
        elif self.number == 0:
            self.world.begin_day()


class Administrator(Client):
    """Limits of accounts and of the firm, in the reference log."""

    def ask_new(self) -> None:
        """Another limit."""
        chance, number = self.world.random, self.request()
        if chance.random() < 0.6:
            amount = chance.choice([LIMIT // 3, LIMIT, 3 * LIMIT])
            self.ask(SetFirmLimit(request_id=number, currency=b"USD", amount=amount))
        else:
            account = chance.choice([1, 2])
            collar = chance.choice([300_000, 500_000])
            self.ask(replace(LIMITS, request_id=number, account=account, collar_ppm=collar))


def new_day(number: int, trade_date: int) -> StartTradingDay:
    """The command that begins a trading day."""
    return StartTradingDay(request_id=number, venue=1, trade_date=trade_date)
