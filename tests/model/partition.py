"""The model of one partition: commands in, answers out, one at a time. Read it as the specification.

A command is recognised first (the same again gets the same answer), then ordered, then checked, then judged
by the rules of the order's life. What it changes is written where it is decided.
"""

from dataclasses import replace
from typing import Any

from tests.model.answers import Answer, invalid, low_space, repeated
from tests.model.asked_terms import AskedTerms
from tests.model.checks import Breach, breaches_of, to_cancel, warnings_of
from tests.model.commands import (
    BustTrade,
    CancelOrder,
    CancelReject,
    Command,
    ExecutionReport,
    GrantLease,
    LiftHalt,
    MarkInDoubt,
    MassCancel,
    OrderId,
    ReplaceOrder,
    Request,
    ResolveInDoubt,
    ReturnLease,
    SetExposureLimits,
    SetFirmLimit,
    SetFx,
    SetMark,
    SetTradingState,
    StartTradingDay,
    SubmitOrder,
    UnknownCommand,
)
from tests.model.orders import Order, Replace
from tests.model.reference_data import is_name
from tests.model.terms import (
    foreign_conditions,
    malformed_conditions,
)
from tests.model.words import (
    Check,
    Code,
    Lane,
    Life,
    Reason,
    Scope,
    State,
)


class Partition(AskedTerms):
    """Every order, position and limit of some accounts, and the rules that change them."""

    def decide(self, command: Command, now: int) -> Answer:
        """The answer to one command, and all that it changes; `now` is the block's time in ns."""
        answer = self._decided_by_lane(command, now)
        self.follow(command, answer, now)
        return answer

    def _decided_by_lane(self, command: Command, now: int) -> Answer:
        match command:
            case ExecutionReport(lane=Lane.VENUE):
                return self.report(command, now)
            case CancelReject(lane=Lane.VENUE):
                return self.reject_request(command)
            case SubmitOrder(lane=Lane.OWNER) | ReplaceOrder(lane=Lane.OWNER) | CancelOrder(lane=Lane.OWNER):
                return self._owner(command, now)
            case Request(lane=Lane.OPERATOR) | CancelOrder(lane=Lane.OPERATOR):
                return self._operator(command, now)
            case UnknownCommand():
                return invalid(Reason.BAD_KIND)
        return invalid(Reason.BAD_LANE)

    # ---- the owner's lane: numbers 1, 2, 3 … of each order

    def _owner(self, command: SubmitOrder | ReplaceOrder | CancelOrder, now: int) -> Answer:
        order = self.orders.get(command.order_id)
        if order is None:
            return self._first(command, now)
        if command.seq == 0:
            return invalid(Reason.BAD_SEQ)
        if command.seq <= order.last_seq:
            return self._owner_again(command, order)
        if command.seq > order.last_seq + 1:
            return Answer(code=Code.GAP, expected_seq=order.last_seq + 1)
        if _is_stale(command, order):
            return Answer(code=Code.VERSION_CONFLICT, version=order.version)
        match command:
            case ReplaceOrder():
                return self._replace(command, order, now)
            case CancelOrder():
                return self._owner_cancel(command, order, now)
        return invalid(Reason.BAD_SEQ)

    def _first(self, command: SubmitOrder | ReplaceOrder | CancelOrder, now: int) -> Answer:
        """An order that nobody has seen: only a submit with number 1 may begin it."""
        if command.seq > 1:
            return Answer(code=Code.GAP, expected_seq=1)
        if command.seq == 0 or not isinstance(command, SubmitOrder):
            return invalid(Reason.BAD_SEQ)
        if command.expected_version:
            return Answer(code=Code.VERSION_CONFLICT)
        return self._submit(command, now)

    def _owner_again(self, command: SubmitOrder | ReplaceOrder | CancelOrder, order: Order) -> Answer:
        """A number that was used: the same content gets the same answer, other content gets nothing."""
        original, answer = order.outcomes[command.seq]
        if command == original:
            return repeated(answer)
        if _is_stale(command, order):
            return Answer(code=Code.VERSION_CONFLICT, version=order.version)
        offset = -1 if order.has_conflict else self.record()
        order.has_conflict = True
        is_submit = isinstance(command, SubmitOrder)
        return Answer(
            code=Code.CONFLICT,
            reason=Reason.DUPLICATE_ORDER if is_submit else Reason.DUPLICATE_CL_ORD_ID,
            version=order.version,
            status=order.status,
            cum_qty=order.cum_qty,
            leaves_qty=order.leaves_qty,
            offset=offset,
        )

    def _submit(self, command: SubmitOrder, now: int) -> Answer:
        reason = (
            self._malformed_terms(command) or malformed_conditions(command) or self._malformed_id(command)
        )
        if reason:
            return invalid(reason)
        trade_date = self.trade_date(command.instrument)
        if trade_date == 0:
            return invalid(Reason.EXCHANGE_CLOSED)
        if command.trade_date < trade_date:
            return Answer(code=Code.STALE_TRADE_DATE, reason=Reason.BAD_TRADE_DATE)
        if command.trade_date > trade_date:
            return invalid(Reason.BAD_TRADE_DATE)
        reason = self._no_room_for_order()
        if reason:
            return low_space(reason)
        judged = self._judged(command, command.qty, now)
        breaches = breaches_of(judged)
        if command.order_id in self.replaced_ids:
            breaches.append(Breach(Check.RULE, Reason.DUPLICATE_ORDER, 0, 0))
        if breaches and breaches[0].check == Check.RATE:
            return self._rate_answer(command, breaches)
        warnings = frozenset() if breaches else warnings_of(judged)
        order = Order(
            order_id=command.order_id,
            account=command.account,
            instrument=command.instrument,
            strategy=command.strategy,
            side=command.side,
            ord_type=command.ord_type,
            time_in_force=command.time_in_force,
            price=judged.price,
            order_qty=command.qty,
            stop_px=0 if breaches else command.stop_px,
            min_qty=0 if breaches else command.min_qty,
            display_qty=0 if breaches else command.display_qty,
            expire_s=0 if breaches else command.expire_s,
            exec_inst=0 if breaches else command.exec_inst,
            life=Life.REJECTED if breaches else Life.PENDING_NEW,
            has_books=not breaches,
        )
        self.orders[order.order_id] = order
        if not breaches:
            self.open_books(order)
            self.count_repeat(order, now)
            self.spend_rate(order.account, order.instrument, now)
            self.strategies.rows[order.strategy].send(now)
        answer = self._outcome(command, order, breaches, warnings)
        self._cancel_all(to_cancel(judged, breaches))
        self.claim_held(order, now)
        return answer

    def _replace(self, command: ReplaceOrder, order: Order, now: int) -> Answer:
        reason = (
            self._malformed_terms(command)
            or self._foreign_terms(command, order)
            or foreign_conditions(command)
        )
        if reason:
            return invalid(reason)
        if len(self.replaced_ids) >= self.capacity.bound(self.capacity.orders):
            return low_space(Reason.TABLE_FULL)
        judged = self._judged(command, command.qty - order.cum_qty - order.working_qty, now, order)
        breaches = breaches_of(judged)
        new_id = (
            self.trade_date(order.instrument),
            self.accounts.rows[order.account].name,
            command.cl_ord_id,
        )
        reason = self._replace_rule(command, order, new_id)
        if reason:
            breaches.append(Breach(Check.RULE, reason, 0, 0))
        if breaches and breaches[0].check == Check.RATE:
            return self._rate_answer(command, breaches)
        warnings = frozenset() if breaches else warnings_of(judged)
        if not breaches:
            order.replace = Replace(judged.price, command.qty, command.stop_px)
            self.replaced_ids[new_id] = order.order_id
            self.spend_rate(order.account, order.instrument, now)
            self.strategies.rows[order.strategy].send(now)
        order.version += 1
        answer = self._outcome(command, order, breaches, warnings)
        self._cancel_all(to_cancel(judged, breaches))
        return answer

    def _replace_rule(self, command: ReplaceOrder, order: Order, new_id: OrderId) -> Reason | None:
        if order.life == Life.PENDING_NEW:
            return Reason.NOT_ACKNOWLEDGED
        if order.working_qty == 0 and not self._may_reopen(order, command.qty):
            return Reason.TOO_LATE
        if order.replace or order.is_canceling:
            return Reason.ALREADY_PENDING
        is_used = new_id in self.orders or new_id in self.replaced_ids
        return Reason.DUPLICATE_CL_ORD_ID if is_used else None

    def _outcome(
        self,
        command: SubmitOrder | ReplaceOrder,
        order: Order,
        breaches: list[Breach],
        warnings: frozenset[Check],
    ) -> Answer:
        """Record what became of a submit or replace, and remember it under its number."""
        answer = self.order_answer(order, breaches[0].reason if breaches else Reason.NONE)
        answer = replace(answer, **self._findings(command, breaches), warnings=warnings)
        order.outcomes[command.seq] = (command, answer)
        return answer

    def _findings(self, command: SubmitOrder | ReplaceOrder, breaches: list[Breach]) -> dict[str, Any]:
        """What the checks found and what they measured by; the first breach gives the numbers."""
        first = breaches[0] if breaches else Breach(Check.NONE, Reason.NONE, 0, 0)
        return {
            "check": first.check,
            "limit": first.limit,
            "observed": first.observed,
            "violations": frozenset(breach.check for breach in breaches),
            "mark": self.instruments.rows[command.instrument].mark,
            "limits_version": self.limits_version(command.account, command.instrument),
        }

    def _rate_answer(self, command: SubmitOrder | ReplaceOrder, breaches: list[Breach]) -> Answer:
        """Too fast: nothing is kept and no number consumed."""
        found = self._findings(command, breaches)
        return Answer(code=Code.RATE_LIMIT, reason=Reason.RATE_EXCEEDED, **found)

    def _owner_cancel(self, command: CancelOrder, order: Order, now: int) -> Answer:
        if command.cl_ord_id and not is_name(command.cl_ord_id, 20):
            return invalid(Reason.BAD_NAME)
        answer = self._cancel(order)
        if answer.code == Code.ACCEPTED:
            self.strategies.rows[order.strategy].send(now)
        order.outcomes[command.seq] = (command, answer)
        return answer

    def _cancel(self, order: Order) -> Answer:
        """Ask the venue to cancel; risk never stands in the way."""
        reason = _cancel_rule(order)
        order.is_canceling = order.is_canceling or not reason
        order.version += 1
        answer = self.order_answer(order, reason or Reason.NONE)
        return replace(answer, check=Check.RULE if reason else Check.NONE)

    def _cancel_all(self, orders: list[Order]) -> None:
        for order in orders:
            self._cancel(order)

    # ---- the operators' lane: what is about orders, marks and days

    def _operator(self, command: Request | CancelOrder, now: int) -> Answer:
        if isinstance(command, GrantLease | ReturnLease) and command.serial:
            return self.change_lease(command, now)
        if command.request_id == 0:
            return invalid(Reason.BAD_REQUEST_ID)
        if isinstance(command, SetMark):
            return self.set_mark(command, now)
        if command.request_id in self.requests:
            return self.request_again(command)
        is_urgent = isinstance(command, CancelOrder | MassCancel)
        if len(self.requests) >= self.most_requests(is_urgent=is_urgent):
            return low_space(Reason.TABLE_FULL)
        answer = self._set(command, now) or self._first_request(command, now)
        if answer.code in (Code.ACCEPTED, Code.REJECTED) and answer.offset >= 0:
            self.requests[command.request_id] = (command, answer)
        return answer

    def _set(self, command: Request | CancelOrder, now: int) -> Answer | None:
        """What the whole partition goes by, apart from definitions."""
        match command:
            case SetFx():
                return self.set_fx(command, now)
            case SetExposureLimits():
                return self.set_exposure_limits(command)
            case SetFirmLimit() | GrantLease() | ReturnLease():
                return self.change_lease(command, now)
            case SetTradingState():
                return self.set_trading_state(command)
            case LiftHalt():
                return self.lift_halt(command)
            case StartTradingDay():
                return self.start_trading_day(command)
        return None

    def _first_request(self, command: Request | CancelOrder, now: int) -> Answer:
        match command:
            case CancelOrder():
                return self._operator_cancel(command)
            case MassCancel():
                return self._mass_cancel(command)
            case MarkInDoubt():
                return self.mark_in_doubt(command)
            case ResolveInDoubt():
                return self.resolve_in_doubt(command)
            case BustTrade():
                return self.correct_trade(command, now)
        return self.define(command)

    def _operator_cancel(self, command: CancelOrder) -> Answer:
        if command.cl_ord_id and not is_name(command.cl_ord_id, 20):
            return invalid(Reason.BAD_NAME)
        order = self.orders.get(command.order_id)
        if order is None:
            reason = Reason.UNKNOWN_ORDER
            return Answer(code=Code.REJECTED, reason=reason, check=Check.RULE, offset=self.record())
        if _is_stale(command, order):
            return Answer(code=Code.VERSION_CONFLICT, version=order.version)
        return self._cancel(order)

    def _is_in_scope(self, command: MassCancel, order: Order) -> bool:
        match command.scope:
            case Scope.ACCOUNT:
                return order.account == command.account
            case Scope.STRATEGY:
                return order.strategy == command.strategy
            case Scope.INSTRUMENT:
                return order.instrument == command.instrument
            case Scope.VENUE:
                return self.instruments.rows[order.instrument].venue == command.venue
        return True

    def _mass_cancel(self, command: MassCancel) -> Answer:
        reason = self.unknown_scope(command)
        if not reason and command.state not in ("", State.CANCEL_ONLY):
            reason = Reason.BAD_STATE
        if reason:
            return invalid(reason)
        self.next_scope_version()
        self.record()
        if command.state:
            self.scoped(command).halt_state = State(command.state)
        orders = [o for o in self.orders.values() if self._is_in_scope(command, o) and not _cancel_rule(o)]
        for order in orders:
            self._cancel(order)
        version = self.next_scope_version()
        return Answer(code=Code.ACCEPTED, offset=self.record(), version=version, cum_qty=len(orders))


def _is_stale(command: SubmitOrder | ReplaceOrder | CancelOrder, order: Order) -> bool:
    """Whether the caller expected another version of the order; 0 expects nothing."""
    return command.expected_version not in (0, order.version)


def _cancel_rule(order: Order) -> Reason | None:
    """Why an order can't be canceled: nothing of it works, or a cancel is under way."""
    if order.working_qty == 0:
        return Reason.TOO_LATE
    return Reason.ALREADY_PENDING if order.is_canceling else None
