"""One command at a time, drawn from a number: mostly a sensible one, and every way of getting one wrong.

What exists is looked up in the model; names and numbers come from small sets, so that things collide.
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from tests.model.commands import (
    CancelOrder,
    CancelReject,
    Command,
    ExecutionReport,
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
from tests.model.orders import STATUS_CODES, Order
from tests.model.words import ExecType, Lane, ResponseTo, Scope, Side, State, TimeInForce
from tests.properties.choices import (
    ODD_COMMISSIONS,
    ODD_CURRENCIES,
    ODD_HANDLES,
    ODD_NAMES,
    ODD_PRICES,
    ODD_QTYS,
    Choices,
)
from tests.properties.draw_settings import (
    INSTRUMENTS,
    a_halted_scope,
    flagged,
    instrument_named,
    limited,
    redefined,
    throttled,
)
from tests.properties.draw_terms import odd_replace, priced_by_type, special_order

DAY_1 = 20261120
MILLISECOND_NS = 10**6


class Draws(Choices):
    """Draws commands for a kernel and a model side by side; the same number gives the same choice."""

    def step(self, number: int) -> None:
        """Put the command that a number stands for into the open frame."""
        self.random = Random(number)
        draws, weights = zip(*DRAWS, strict=True)
        self.add(self.random.choices(draws, weights)[0](self))

    def _order_id(self, order: Order | None) -> Any:
        return order.order_id if order else self._odd((DAY_1, b"ACC-1", b"NOBODY"), [0, 2**128 - 1], 0.5)

    # ---- what strategies send

    def submit(self) -> Command:
        strategy = self._odd(self.random.choice([1, 2, 3, 4]), ODD_HANDLES)
        known = self.model.strategies.rows.get(strategy)
        account = self._odd(known.account if known else 1, [1, 2, *ODD_HANDLES])
        instrument = self._odd(self.random.choice([1, 1, 2, 3]), ODD_HANDLES)
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
            qty=self._qty(),
            price=self._price(),
            ord_type=self._odd("2", ["0", "1", "3", "4", "J"], 0.02),
            time_in_force=self._odd(self.random.choice(list(TimeInForce)), ["2", "6"], 0.02),
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
        return special_order(self.random, command, self.side.now)

    def submit_replaced(self) -> Command:
        """A new order under a ClOrdID that a replace has taken."""
        command = self.submit()
        taken = [key for key in self.model.replaced_ids if isinstance(key, tuple)]
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

    def replace(self) -> Command:
        order = self._order()
        if order is None:
            return self.submit()
        asked = {"account": order.account, "instrument": order.instrument, "strategy": order.strategy}
        if self.random.random() < 0.03:
            asked[self.random.choice(list(asked))] = self.random.choice([1, 2, 3, *ODD_HANDLES])
        command = ReplaceOrder(
            order_id=order.order_id,
            cl_ord_id=self._cl_ord_id(),
            side=self._odd(order.side, list(Side), 0.03),
            qty=self._odd(max(1, order.order_qty + self.random.choice([-10, -5, 0, 5, 50])), ODD_QTYS),
            price=self._price(),
            ord_type=self._odd(order.ord_type, ["1"], 0.02),
            time_in_force=self._odd(order.time_in_force, list(TimeInForce), 0.03),
            is_locate=self.random.random() < 0.5,
            seq=self._seq(order),
            expected_version=self._version(order),
            lane=self._odd(Lane.OWNER, [Lane.OPERATOR], 0.01),
            **asked,
        )
        if self.random.random() < 0.02:
            return odd_replace(self.random, command)
        return priced_by_type(self.random, command)

    def cancel(self) -> Command:
        order = self._order()
        return CancelOrder(
            order_id=self._order_id(order),
            seq=self._seq(order),
            cl_ord_id=self._odd(b"", [b"X1", *ODD_NAMES], 0.2),
            expected_version=self._version(order),
        )

    # ---- what venues report

    def report(self) -> Command:
        order = self._order()
        exec_type = self.random.choices(*zip(*EXEC_TYPES, strict=True))[0]
        left = max(order.leaves_qty, 1) if order else 10
        row = self.model.instruments.rows.get(order.instrument) if order else None
        is_trade = exec_type == ExecType.TRADE
        return ExecutionReport(
            order_id=self._order_id(order),
            venue=self._odd(row.venue if row else 1, [1, 2, *ODD_HANDLES], 0.03),
            trade_date=self._odd(DAY_1, [DAY_1 + 1, 0, 20260230, 2**32 - 1], 0.03),
            exec_id=self._odd(b"E%d" % self.random.randint(1, 400), ODD_NAMES, 0.02),
            exec_type=self._odd(exec_type, ["Z"], 0.02),
            qty=self._odd(self._fill_qty(left), [self._any_size(12), *ODD_QTYS], 0.1),
            price=self._odd(self._price() if is_trade else 0, [101, self._any_size(15), *ODD_PRICES], 0.1),
            leaves_qty=self._odd(self.random.choice([0, left, 2 * left]), ODD_QTYS, 0.03),
            lane=self._odd(Lane.VENUE, [Lane.OWNER, Lane.OPERATOR], 0.01),
            ts_event=self.random.choice([0, 0, self.side.now - self.random.choice([1, 10**9, 10**11])]),
            **self._stated(order, exec_type),
            instrument=self._odd(order.instrument if order else 1, [1, 2, 3, *ODD_HANDLES], 0.1),
            **(self._commission() if is_trade else {}),
        )

    def correction(self) -> Command:
        """A report that busts or corrects a trade, or a correction, or a report that may come later."""
        reports = [one for one in self.sent if isinstance(one, ExecutionReport)]
        about = [one for one in reports if one.exec_type in TRADES] if self.random.random() < 0.8 else reports
        report = self.report()
        if not about or not isinstance(report, ExecutionReport):
            return report
        one = self.random.choice(about[-12:])
        later = b"E%d" % self.random.randint(1, 400)
        exec_id = self._odd(one.exec_id, [later, later, report.exec_id], 0.25)
        return replace(
            report,
            order_id=self._odd(one.order_id, [report.order_id], 0.1),
            venue=one.venue,
            exec_type=self.random.choice([ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT]),
            exec_ref=self._odd((one.venue, one.trade_date, exec_id), [None], 0.02),
            qty=self._odd(self.random.choice([1, 5, 10, 25]), ODD_QTYS, 0.03),
            price=self._odd(self._price(), ODD_PRICES, 0.03),
            instrument=0,
            restatement_reason=0,
            ord_status="\0",
            given=frozenset(),
            commission=self.random.choice([0, 0, -40_000_000]),
            commission_currency=b"USD",
        )

    def reject_request(self) -> Command:
        """A venue's no to a request, rather to one that is pending."""
        order = self._order()
        row = self.model.instruments.rows.get(order.instrument) if order else None
        pending = ResponseTo.REPLACE if order and order.replace else ResponseTo.CANCEL
        return CancelReject(
            order_id=self._order_id(order),
            venue=self._odd(row.venue if row else 1, [1, 2, *ODD_HANDLES], 0.03),
            trade_date=self._odd(DAY_1, [DAY_1 + 1, 0], 0.03),
            cl_ord_id=self._odd(b"X%d" % self.random.randint(1, 99), ODD_NAMES, 0.02),
            response_to=self._odd(pending, [*ResponseTo, "0", "3"], 0.1),
            reject_reason=self.random.choice([0, 3, 99]),
            instrument=self._odd(order.instrument if order else 1, [1, 2, 3, *ODD_HANDLES], 0.05),
            lane=self._odd(Lane.VENUE, [Lane.OWNER, Lane.OPERATOR], 0.02),
        )

    def _stated(self, order: Order | None, exec_type: str) -> dict[str, Any]:
        """What a report says besides its numbers: which of them it states, the venue's sums and reasons."""
        ours = (order.cum_qty if order else 0) + self.random.choice([0, 0, 1, 5, 10, 25])
        is_status = exec_type == ExecType.ORDER_STATUS
        names = [
            name for name in ("cum_qty", "leaves_qty", "order_qty", "price") if self.random.random() < 0.2
        ]
        status = STATUS_CODES[order.status] if order else "0"
        return {
            "given": frozenset(names),
            "cum_qty": self._odd(ours if "cum_qty" in names else 0, [5, -1, 2**63 - 1], 0.05),
            "reject_reason": self._odd(0, [99, 255], 0.1),
            "restatement_reason": 0 if is_status else self._odd(0, [1, 99], 0.1),
            "ord_status": self.random.choice(["\0", status, "0"]) if is_status else "\0",
        }

    def _commission(self) -> dict[str, Any]:
        """What a venue charges for a trade: nothing, something, or a rebate, mostly in one currency."""
        return {
            "commission": self.random.choice([0, 0, 1, 250_000_000, -40_000_000, *ODD_COMMISSIONS]),
            "commission_currency": self._odd(self.random.choice([b"USD", b"USD", b"EUR"]), ODD_CURRENCIES),
        }

    def _fill_qty(self, left: int) -> int:
        """Rather all of what is left than a part, now and then too much."""
        return self.random.choice([1, left, left, left // 2 + 1, left + 3])

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
        state = self._odd("", [State.CANCEL_ONLY, State.CANCEL_ONLY, State.REDUCING, "NOBODY"], 0.3)
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
        state = self.random.choice([State.ACTIVE, State.ACTIVE, *State, "NOBODY"])
        text = self._odd(b"looked at it", ODD_NAMES, 0.1)
        wanted = SetTradingState(
            request_id=self._old_or_new_request(), state=state, text=text, **self._scope()
        )
        is_reopening = self.model.trading_state != State.ACTIVE and self.random.random() < 0.7
        return replace(wanted, scope=Scope.ALL, state=State.ACTIVE) if is_reopening else wanted

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


TRADES = (ExecType.TRADE, ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT)
OTHER_CONTENT = {
    "price": 101,
    "state": State.ACTIVE,
    "name": b"OTHER",
    "scope": Scope.ALL,
    "reject_reason": 7,
    "cl_ord_id": b"O",
}
HANDLES = ("account", "strategy", "instrument", "venue")
EXEC_TYPES = [
    (ExecType.NEW, 50),
    (ExecType.TRADE, 40),
    (ExecType.CANCELED, 10),
    (ExecType.REPLACED, 12),
    (ExecType.REJECTED, 4),
    (ExecType.RESTATED, 6),
    (ExecType.EXPIRED, 4),
    (ExecType.SUSPENDED, 4),
    (ExecType.DONE_FOR_DAY, 4),
    (ExecType.STOPPED, 4),
    (ExecType.TRIGGERED, 2),
    (ExecType.CALCULATED, 1),
    (ExecType.ORDER_STATUS, 4),
    (ExecType.PENDING_NEW, 1),
    (ExecType.PENDING_CANCEL, 2),
    (ExecType.PENDING_REPLACE, 2),
]
DRAWS: list[tuple[Callable[[Draws], Command], float]] = [
    (Draws.submit, 14),
    (Draws.submit_special, 14),
    (Draws.submit_replaced, 1),
    (Draws.replace, 12),
    (Draws.cancel, 8),
    (Draws.report, 34),
    (Draws.correction, 8),
    (Draws.reject_request, 4),
    (Draws.operator_cancel, 4),
    (Draws.mass_cancel, 1.5),
    (Draws.lift_halt, 3),
    (Draws.mark_in_doubt, 3),
    (Draws.resolve_in_doubt, 2),
    (Draws.trading_state, 2),
    (Draws.mark, 3),
    (Draws.trading_day, 1),
    (Draws.fx, 1),
    (Draws.limits, 2),
    (Draws.throttles, 2),
    (Draws.definition, 1),
    (Draws.instrument, 1),
    (Draws.flags, 0.5),
    (Draws.repeat, 10),
    (Draws.conflict, 5),
    (Draws.unknown, 1),
]
