"""One command at a time, drawn from a number: mostly a sensible one, and every way of getting one wrong.

What exists is looked up in the model; names and numbers come from small sets, so that things collide.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from tests.model.commands import (
    CancelOrder,
    Command,
    LiftHalt,
    MarkInDoubt,
    MassCancel,
    ReplaceOrder,
    ResolveInDoubt,
    SetAccount,
    SetFx,
    SetLimits,
    SetMark,
    SetPrincipal,
    SetStrategy,
    SetTradingState,
    SetVenue,
    StartTradingDay,
    SubmitOrder,
    UnknownCommand,
)
from tests.model.in_doubt import VERDICTS
from tests.model.orders import Order
from tests.model.words import Lane, Life, Scope, Side, State, TimeInForce
from tests.properties.choices import (
    DAY_1,
    ODD_CURRENCIES,
    ODD_HANDLES,
    ODD_NAMES,
    ODD_PRICES,
    ODD_QTYS,
    ODD_SHARE,
)
from tests.properties.draw_leases import lease_requests
from tests.properties.draw_reports import ReportDraws
from tests.properties.draw_settings import (
    INSTRUMENTS,
    a_halted_scope,
    a_held_scope,
    exposure_limited,
    flagged,
    instrument_named,
    limited,
    redefined,
    throttled,
)
from tests.properties.draw_terms import odd_replace, priced_by_type, special_order

MILLISECOND_NS = 10**6


def is_replaceable(order: Order) -> bool:
    """Whether an order's life and what is pending of it allow a replace."""
    is_settled = order.replace is None and not order.is_canceling
    return is_settled and order.life != Life.PENDING_NEW and order.working_qty > 0


def is_cancelable(order: Order) -> bool:
    """Whether something of an order works and nobody has asked to cancel it."""
    return order.working_qty > 0 and not order.is_canceling


class Draws(ReportDraws):
    """Draws commands for a kernel and a model side by side; the same number gives the same choice."""

    def step(self, number: int) -> None:
        """Put the command that a number stands for into the open frame."""
        self.random = Random(number)
        self.is_odd = self.random.random() < ODD_SHARE
        draws, weights = zip(*DRAWS, strict=True)
        self.add(self.random.choices(draws, weights)[0](self))

    # ---- what strategies send

    def submit(self) -> Command:
        strategy = self._odd(self.random.choice([*[1] * 6, 2, 2, 3, *[4] * 5]), ODD_HANDLES)
        known = self.model.strategies.rows.get(strategy)
        account = self._odd(known.account if known else 1, [1, 2, *ODD_HANDLES])
        instrument = self._odd(self.random.choice([1, 1, 1, 1, 2, 2, 3]), ODD_HANDLES)
        row = self.model.instruments.rows.get(instrument)
        venue = self.model.venues.rows.get(row.venue) if row else None
        today = venue.trade_date if venue else DAY_1
        trade_date = self._odd(today, [0, max(today - 1, 0), today + 1, 20261301, 2**32 - 1], 0.03)
        cl_ord_id = self._cl_ord_id()
        names = self.model.accounts.rows.get(account)
        order_id = (trade_date, names.name if names else b"NOBODY", cl_ord_id)
        return SubmitOrder(
            order_id=self._odd(order_id, [0, 2**128 - 1, (DAY_1, b"ACC-1", b"C1")], 0.02),
            trade_date=trade_date,
            account=account,
            instrument=instrument,
            strategy=strategy,
            cl_ord_id=cl_ord_id,
            side=self._odd(self.random.choice([Side.BUY] * 3 + list(Side)), ["0", "3"], 0.02),
            qty=self._qty(row.lot if row else 1),
            price=self._price(),
            ord_type=self._odd("2", ["0", "1", "3", "4", "J"], 0.02),
            time_in_force=self._odd(self.random.choice(WITHOUT_DATE), ["2", TimeInForce.GTD], 0.03),
            is_locate=self.random.random() < 0.5,
            seq=self._odd(1, [0, 2], 0.02),
            expected_version=self._odd(0, [1], 0.02),
            ts_event=self._odd(0, [self.side.now, -1], 0.1),
            lane=self._odd(Lane.OWNER, [Lane.OPERATOR, Lane.VENUE, "NOBODY"], 0.01),
        )

    def submit_special(self) -> Command:
        """A new order of any type, with what only some orders have."""
        command = self.submit()
        assert isinstance(command, SubmitOrder)
        return special_order(self.random, command, self.side.now, self._odd)

    def submit_replaced(self) -> Command:
        """A new order under a ClOrdID that a replace has taken."""
        return self._submit_as([key for key in self.model.replaced_ids if isinstance(key, tuple)])

    def _submit_as(self, taken: list[tuple[Any, ...]]) -> Command:
        """A new order under one of these ids."""
        command = self.submit()
        if not taken or not isinstance(command, SubmitOrder):
            return command
        trade_date, name, cl_ord_id = self.random.choice(taken)
        account = self.model.accounts.handle(name)
        strategies = self.model.strategies.rows.items()
        return replace(
            command,
            order_id=(trade_date, name, cl_ord_id),
            trade_date=trade_date,
            account=account,
            strategy=next(handle for handle, row in strategies if row.account == account),
            cl_ord_id=cl_ord_id,
        )

    def submit_reported(self) -> Command:
        """A new order on which something was reported before, rather by its venue than by another."""
        held = {
            key: reports for key, reports in self.model.held.items() if isinstance(key, tuple) and reports
        }
        command = self._submit_as(list(held))
        rows = self.model.instruments.rows
        if not isinstance(command, SubmitOrder) or command.order_id not in held:
            return command
        venue = held[command.order_id][0].venue
        listed = [handle for handle, row in rows.items() if row.venue == venue]
        instrument = self._odd(self.random.choice(listed or [command.instrument]), list(rows), 0.1)
        return replace(command, instrument=instrument, qty=self._qty(), price=self._price())

    def replace(self) -> Command:
        order = self._order(is_replaceable)
        if order is None or (not is_replaceable(order) and self.random.random() < 0.5):
            return self.submit()
        asked = {"account": order.account, "instrument": order.instrument, "strategy": order.strategy}
        if self._odd(False, [True], 0.03):
            asked[self.random.choice(list(asked))] = self.random.choice([1, 2, 3, *ODD_HANDLES])
        command = ReplaceOrder(
            order_id=order.order_id,
            cl_ord_id=self._cl_ord_id(),
            side=self._odd(order.side, list(Side), 0.03),
            qty=self._odd(max(5, order.order_qty + self.random.choice([-10, -5, 0, 5, 50])), ODD_QTYS),
            price=self._price(),
            ord_type=self._odd(order.ord_type, ["1"], 0.02),
            time_in_force=self._odd(order.time_in_force, list(TimeInForce), 0.03),
            is_locate=self.random.random() < 0.5,
            seq=self._seq(order),
            expected_version=self._version(order),
            lane=self._odd(Lane.OWNER, [Lane.OPERATOR], 0.01),
            **asked,
        )
        if self._odd(False, [True], 0.02):
            return odd_replace(self.random, command)
        return priced_by_type(self.random, command, self._odd)

    def cancel(self) -> Command:
        order = self._order(is_cancelable)
        return CancelOrder(
            order_id=self._order_id(order),
            seq=self._seq(order),
            cl_ord_id=self._odd(b"", [b"X1", *ODD_NAMES], 0.2),
            expected_version=self._version(order),
        )

    # ---- what operators and administrators send

    def operator_cancel(self) -> Command:
        order = self._order()
        return CancelOrder(
            order_id=self._order_id(order),
            request_id=self._old_or_new_request(),
            expected_version=self._version(order),
            cl_ord_id=self._odd(b"", ODD_NAMES, 0.1),
            lane=Lane.OPERATOR,
        )

    def _scope(self) -> dict[str, Any]:
        handles = {name: self._odd(self.random.choice([1, 2, 3]), ODD_HANDLES) for name in HANDLES}
        return {"scope": self._odd(self.random.choice(list(Scope)), ["NOBODY"], 0.05), **handles}

    def mass_cancel(self) -> Command:
        state = self._odd("", [State.CANCEL_ONLY, State.CANCEL_ONLY, State.REDUCING, "NOBODY"], 0.2)
        return MassCancel(request_id=self._old_or_new_request(), state=state, **self._scope())

    def mark_in_doubt(self) -> Command:
        order = self._order()
        pending = sorted(order.pending_requests) if order else []
        return MarkInDoubt(
            request_id=self._old_or_new_request(),
            order_id=self._order_id(order),
            in_doubt=frozenset(self.random.choice([[], pending, ["SUBMIT"], ["CANCEL", "REPLACE"]])),
            text=self._odd(b"line is down", ODD_NAMES, 0.1),
        )

    def venue_in_doubt(self) -> Command:
        marked = self.mark_in_doubt()
        assert isinstance(marked, MarkInDoubt)
        venue = self._odd(self.random.choice([1, 1, 2]), ODD_HANDLES)
        return replace(marked, order_id=0, scope=self._odd(Scope.VENUE, [Scope.ACCOUNT], 0.1), venue=venue)

    def resolve_in_doubt(self) -> Command:
        """A verdict on a request, rather on one that is in doubt."""
        doubted = [order for order in self.model.orders.values() if order.in_doubt]
        order = self.random.choice(doubted) if doubted else self._order()
        verdicts = [verdict for verdict, of in VERDICTS.items() if order and of in order.in_doubt]
        return ResolveInDoubt(
            request_id=self._old_or_new_request(),
            order_id=self._order_id(order),
            verdict=self._odd(self.random.choice(verdicts or list(VERDICTS)), [*VERDICTS, "NOBODY"], 0.1),
            text=self._odd(b"asked by phone", ODD_NAMES, 0.1),
        )

    def lift_halt(self) -> Command:
        text = self._odd(b"looked at it", ODD_NAMES, 0.1)
        scope = {**self._scope(), **a_halted_scope(self.random, self.model)}
        return LiftHalt(request_id=self._old_or_new_request(), text=text, **scope)

    def trading_state(self) -> Command:
        state = self.random.choice([*[State.ACTIVE] * 6, *State, "NOBODY"])
        text = self._odd(b"looked at it", ODD_NAMES, 0.1)
        wanted = SetTradingState(
            request_id=self._old_or_new_request(), state=state, text=text, **self._scope()
        )
        held = a_held_scope(self.random, self.model)
        is_reopening = held and self.random.random() < 0.8
        return replace(wanted, state=State.ACTIVE, **held) if is_reopening else wanted

    def mark(self) -> Command:
        return SetMark(
            request_id=self._old_or_new_request(),
            instrument=self._odd(self.random.choice([1, 2, 3]), ODD_HANDLES),
            price=self._odd(self.random.randint(90, 110), ODD_PRICES),
            ts_event=self.random.choice(
                [0, 0, *(self.side.now + ahead for ahead in (0, -MILLISECOND_NS, 1, 10**9, 10**9 + 1))]
            ),
        )

    def fx(self) -> Command:
        currencies = [b"USD", b"EUR", b"JPY"]
        return SetFx(
            request_id=self._old_or_new_request(),
            currency=self._odd(self.random.choice(currencies), ODD_CURRENCIES),
            settl_currency=self._odd(self.random.choice(currencies), ODD_CURRENCIES),
            numerator=self._odd(self.random.randint(1, 20_000), [0, -1, 10**15, 10**15 + 1]),
            denominator=self._odd(10_000, [0, -1, 10**15, 10**15 + 1]),
            ts_event=self.random.choice([0, *(self.side.now + ahead for ahead in (0, -1, 10**9, 10**9 + 1))]),
        )

    def trading_day(self) -> Command:
        venue = self._odd(self.random.choice([1, 1, 2]), ODD_HANDLES)
        row = self.model.venues.rows.get(venue)
        today = max(row.trade_date, DAY_1 - 1) if row else DAY_1
        trade_date = self._odd(today + 1, [today, 0, 20261399, 100000101], 0.3)
        return StartTradingDay(request_id=self._old_or_new_request(), venue=venue, trade_date=trade_date)

    def limits(self) -> Command:
        account = self._odd(self.random.choice([1, 2, 3]), ODD_HANDLES)
        instrument = self._odd(self.random.choice([0, 0, 1, 2, 3]), ODD_HANDLES)
        wanted = SetLimits(request_id=self._old_or_new_request(), account=account, instrument=instrument)
        return limited(self._odd, wanted)

    def throttles(self) -> Command:
        return throttled(self.random, self._odd, self._old_or_new_request())

    def lease(self) -> Command:
        """A change of the firm's limits or of a lease; what goes before it is sent at once."""
        *first, last = lease_requests(self.random, self._odd, self._old_or_new_request(), self.model.leases)
        for command in first:
            self.add(command)
        return last

    def exposure_limits(self) -> Command:
        return exposure_limited(self.random, self._odd, self._old_or_new_request())

    def definition(self) -> Command:
        name = self._odd(self.random.choice([b"S1", b"S9", b"ACC-1", b"ACC-9"]), ODD_NAMES, 0.2)
        request_id = self._old_or_new_request()
        draws = [
            SetVenue(request_id=request_id, name=name),
            SetAccount(request_id=request_id, name=name),
            SetPrincipal(request_id=request_id, name=name),
            SetStrategy(request_id=request_id, name=name, account=self.random.choice([1, 2, *ODD_HANDLES])),
        ]
        return self.random.choice(draws)

    def instrument(self) -> Command:
        name, venue, tick = self.random.choice([*INSTRUMENTS, (b"NEW", 2, 1)])
        usual = instrument_named(
            name, self._odd(venue, ODD_HANDLES, 0.1), self._odd(tick, [0, 10**15, -1], 0.2)
        )
        wanted = replace(usual, request_id=self._old_or_new_request())
        return redefined(self._odd, wanted)

    def flags(self) -> Command:
        """What an instrument's orders may not do, and nothing else of it."""
        return replace(flagged(self.random), request_id=self._old_or_new_request())

    # ---- what comes again

    def repeat(self) -> Command:
        """An earlier command, byte for byte but for what a resend may change."""
        command = self.random.choice(self.sent)
        return replace(command, ts_event=self._odd(command.ts_event, [0, self.side.now], 0.2))

    def conflict(self) -> Command:
        """An earlier command's key with other content."""
        command = self.random.choice(self.sent)
        name = next((name for name in OTHER_CONTENT if hasattr(command, name)), None)
        if name is None:
            return command
        changes: dict[str, Any] = {name: OTHER_CONTENT[name]}
        return self._restated(replace(command, **changes))

    def _restated(self, command: Command) -> Command:
        if isinstance(command, SubmitOrder | ReplaceOrder | CancelOrder):
            version = self._version(self.model.orders.get(command.order_id))
            return replace(command, expected_version=version)
        return command

    def unknown(self) -> Command:
        lane = self.random.choice(list(Lane))
        return UnknownCommand(kind=self.random.choice([0, *range(27, 33), 255]), lane=lane)


WITHOUT_DATE = [word for word in TimeInForce if word != TimeInForce.GTD]
OTHER_CONTENT = {
    "price": 101,
    "state": State.ACTIVE,
    "name": b"OTHER",
    "scope": Scope.ALL,
    "reject_reason": 7,
    "cl_ord_id": b"O",
}
HANDLES = ("account", "strategy", "instrument", "venue")
DRAWS: list[tuple[Callable[[Draws], Command], float]] = [
    (Draws.submit, 18),
    (Draws.submit_special, 14),
    (Draws.submit_replaced, 1),
    (Draws.submit_reported, 3),
    (Draws.replace, 16),
    (Draws.cancel, 8),
    (Draws.report, 34),
    (Draws.correction, 8),
    (Draws.early_report, 8),
    (Draws.operators_correction, 3),
    (Draws.reject_request, 4),
    (Draws.operator_cancel, 4),
    (Draws.mass_cancel, 1),
    (Draws.lift_halt, 4),
    (Draws.mark_in_doubt, 3),
    (Draws.venue_in_doubt, 3),
    (Draws.resolve_in_doubt, 3),
    (Draws.trading_state, 3),
    (Draws.mark, 7),
    (Draws.trading_day, 1),
    (Draws.fx, 3),
    (Draws.limits, 2),
    (Draws.throttles, 1.5),
    (Draws.lease, 1.5),
    (Draws.exposure_limits, 1),
    (Draws.definition, 1),
    (Draws.instrument, 1),
    (Draws.flags, 0.5),
    (Draws.repeat, 8),
    (Draws.conflict, 4),
    (Draws.unknown, 1),
]
