"""The venues' lane: execution reports. What a venue reports has happened; it is never refused."""

from dataclasses import replace

from tests.model.answers import Answer, invalid, low_space, repeated
from tests.model.books import ExecutionKey
from tests.model.commands import CancelReject, ExecutionReport, OrderId
from tests.model.exposure import Exposure
from tests.model.families import CORRECTIONS, Member
from tests.model.families import Key as FamilyKey
from tests.model.orders import Order
from tests.model.positions import Fill
from tests.model.reference_data import (
    LIMIT_MAX,
    NOTIONAL_MAX,
    PRICE_MAX,
    QTY_MAX,
    TOTAL_QTY_MAX,
    is_date,
    is_name,
)
from tests.model.words import Check, Code, ExecType, Life, Reason, ResponseTo, Side


class Reporting(Exposure):
    """Reports are recognised by venue, trade date and ExecID, and folded into order and position."""

    def report(self, report: ExecutionReport, now: int) -> Answer:
        """The answer to one execution report, and all that it changes; `now` is the block's time in ns."""
        reason = self._malformed_key(report)
        if reason:
            return invalid(reason)
        key = (report.venue, report.trade_date, report.exec_id, 0)
        if key in self.executions:
            return self._report_again(report, key)
        order = self._order_at(report)
        is_correction = report.exec_type in CORRECTIONS
        if is_correction and report.exec_ref:
            order = self._corrected_order(report.exec_ref) or order
        is_trade = report.exec_type == ExecType.TRADE or is_correction
        reason = self._malformed_report(report, order)
        if not reason and "cum_qty" in report.given and not 0 <= report.cum_qty <= TOTAL_QTY_MAX:
            reason = Reason.BAD_QTY
        if not reason and is_trade:
            reason = self.fees.malformed(report)
        if reason:
            return invalid(reason)
        if self.execution_rows + is_correction >= self.capacity.executions or self._no_room_for_books(order):
            return low_space(Reason.TABLE_FULL)
        if is_trade and not self.fees.has_room(position_of(order), report):
            return low_space(Reason.TABLE_FULL)
        answer = self._decided(report, order, key[:3], now)
        self.executions[key] = (report, answer)
        return answer

    def _corrected_order(self, key: FamilyKey) -> Order | None:
        """The order of the trade that a correction of `key` is about, where that is known."""
        top = self.families.members.get(self.families.path(key)[-1])
        return self.orders.get(top.order_id) if top else None

    def _decided(self, report: ExecutionReport, order: Order | None, key: FamilyKey, now: int) -> Answer:
        """Put the report where it belongs, and answer it."""
        member = Member(report, report.ts_event or now)
        if report.exec_type not in CORRECTIONS:
            is_awaited = key in self.families.awaited()
            self.families.members[key] = member
            if order is None:
                return self._orphan(report, report.cum_qty, report.leaves_qty)
            member.order_id = order.order_id
            reason = Reason.CORRECTION_AWAITED if is_awaited and report.exec_type == ExecType.TRADE else None
            return self._apply(report, order, member, reason, now)
        assert report.exec_ref
        reason = self.families.oddity(key, report.exec_ref)
        member.is_linked = key not in self.families.path(report.exec_ref)
        self.families.members[key] = member
        if order is None:
            reason = self._hold(report) or reason
            return Answer(code=Code.ACCEPTED, reason=reason, offset=self.record())
        member.order_id = order.order_id
        return self._apply(report, order, member, reason, now)

    def reject_request(self, reject: CancelReject) -> Answer:
        """The answer to a venue's no to a cancel or replace, and all that it changes."""
        if reject.response_to not in list(ResponseTo):
            return invalid(Reason.BAD_EXEC_TYPE)
        reason = self._malformed_name(reject, reject.cl_ord_id)
        if reason:
            return invalid(reason)
        key = (reject.venue, reject.trade_date, reject.cl_ord_id, reject.order_id)
        if key in self.executions:
            return self._report_again(reject, key)
        order = self._order_at(reject)
        if order and reject.instrument not in (0, order.instrument):
            return invalid(Reason.UNKNOWN_INSTRUMENT)
        if order and self._are_totals_full(order):
            return invalid(Reason.BAD_QTY)
        if self.execution_rows >= self.capacity.executions or self._no_room_for_books(order):
            return low_space(Reason.TABLE_FULL)
        answer = self._refuse_request(reject, order) if order else self._orphan(reject)
        self.executions[key] = (reject, answer)
        return answer

    def _refuse_request(self, reject: CancelReject, order: Order) -> Answer:
        self.open_books(order)
        oddity = order.reject_request(reject)
        is_over = order.cum_qty > order.order_qty
        order.is_overfilled = is_over and (order.is_overfilled or not order.has_gap)
        return replace(self.order_answer(order, Reason.NONE), reason=oddity)

    def _may_reopen(self, order: Order, qty: int) -> bool:
        """Whether an order that is filled may ask for so much: where its venue takes that."""
        is_allowed = self.instruments.rows[order.instrument].is_reopening_allowed
        return is_allowed and order.life == Life.NEW and qty > order.cum_qty

    def _order_at(self, report: ExecutionReport | CancelReject) -> Order | None:
        """The order that a report is about, if it lives at the venue that reports."""
        order = self.orders.get(report.order_id)
        return order if order and self.instruments.rows[order.instrument].venue == report.venue else None

    def _malformed_key(self, report: ExecutionReport) -> Reason | None:
        if report.exec_type not in list(ExecType):
            return Reason.BAD_EXEC_TYPE
        return self._malformed_name(report, report.exec_id)

    def _malformed_name(self, report: ExecutionReport | CancelReject, name: bytes) -> Reason | None:
        if report.venue not in self.venues.rows:
            return Reason.UNKNOWN_VENUE
        if not is_date(report.trade_date):
            return Reason.BAD_TRADE_DATE
        return None if is_name(name, 20) else Reason.BAD_NAME

    def _malformed_report(self, report: ExecutionReport, order: Order | None) -> Reason | None:
        factor = self.instruments.rows[order.instrument].factor if order else 1
        if order and report.instrument not in (0, order.instrument):
            return Reason.UNKNOWN_INSTRUMENT
        if order and self._are_totals_full(order):
            return Reason.BAD_QTY
        if report.exec_type in CORRECTIONS and report.exec_ref is None:
            return Reason.BAD_NAME
        if report.exec_type in (ExecType.TRADE, ExecType.TRADE_CORRECT):
            return malformed_fill(report.qty, report.price, factor)
        reason = malformed_numbers(report)
        if reason:
            return reason
        if report.exec_type == ExecType.RESTATED and not 0 <= report.leaves_qty <= QTY_MAX:
            return Reason.BAD_QTY
        if report.exec_type not in (ExecType.RESTATED, ExecType.REPLACED):
            return None
        rest = report.leaves_qty if report.exec_type == ExecType.RESTATED else report.qty
        price = report.price
        if order:
            order_qty, price = order.terms_after(report)
            rest = order_qty - order.cum_qty
        return Reason.BAD_NOTIONAL if rest * price * factor >= NOTIONAL_MAX else None

    def _are_totals_full(self, order: Order) -> bool:
        """Whether a sum that the next report adds to has come within one report of its bound."""
        if not order.has_books:
            return False
        position = self.positions[order.account, order.strategy, order.instrument]
        held_qty = self.held_qty(order.account, order.instrument)
        sides = (Side.BUY, Side.SELL)
        working = [self.working(side, order.account, order.instrument)[0] for side in sides]
        traded_qty = position.buy_qty + position.sell_qty
        return max(traded_qty, abs(held_qty)) > TOTAL_QTY_MAX or max(working) > LIMIT_MAX

    def _no_room_for_books(self, order: Order | None) -> bool:
        is_new = order is not None and not order.has_books
        return is_new and len(self.positions) >= self.capacity.positions

    def _report_again(self, report: ExecutionReport | CancelReject, key: ExecutionKey) -> Answer:
        original, answer = self.executions[key]
        if report == original:
            return repeated(answer)
        offset = -1 if key in self.execution_conflicts else self.record()
        self.execution_conflicts.add(key)
        return Answer(code=Code.CONFLICT, offset=offset)

    def _apply(
        self, report: ExecutionReport, order: Order, member: Member, reason: Reason | None, now: int
    ) -> Answer:
        """Fold a report on a known order into it and its position: history is never refused."""
        self.open_books(order)
        cum_qty, had_gap, was_overfilled = order.cum_qty, order.has_gap, order.is_overfilled
        oddity = order.apply(report)
        if reason and oddity == Reason.NONE:
            oddity = reason
        key = (report.venue, report.trade_date, report.exec_id)
        is_restated = False
        if report.exec_type == ExecType.TRADE:
            is_restated = self._trade(order, member, key)
        elif report.exec_type in CORRECTIONS:
            is_restated = self._correct(order, self.families.path(key)[-1])
        if report.exec_type in (ExecType.TRADE, *CORRECTIONS):
            self.fees.charge((order.account, order.strategy, order.instrument), report)
        if report.exec_type == ExecType.TRADE:
            self.strategies.rows[order.strategy].trade(now)
        order.hear(report, member.at_ns, order.cum_qty - cum_qty)
        is_over = order.cum_qty > order.order_qty
        order.is_overfilled = is_over and (was_overfilled or not order.has_gap)
        answer = replace(self.order_answer(order, Reason.NONE), reason=oddity)
        if is_restated:
            self.record()
        return self._with_breaks(answer, order, had_gap, was_overfilled)

    def _trade(self, order: Order, member: Member, key: FamilyKey) -> bool:
        """Book a trade for what its family says; whether later ones had to be booked anew."""
        qty, price = self.families.counts_for(key, member.report.qty, member.report.price)
        order.count(qty, price)
        member.fill = Fill(member.at_ns, order.signed(qty), price)
        position = self.positions[order.account, order.strategy, order.instrument]
        return position.book(member.fill, self.instruments.rows[order.instrument].factor)

    def _correct(self, order: Order, top: FamilyKey) -> bool:
        """Let a booked trade count for what its family says now; whether it is another."""
        trade = self.families.members.get(top)
        if trade is None or trade.fill is None:
            return False
        qty, price = self.families.counts_for(top, trade.report.qty, trade.report.price)
        order.count(-abs(trade.fill.qty), trade.fill.price)
        order.count(qty, price)
        position = self.positions[order.account, order.strategy, order.instrument]
        factor = self.instruments.rows[order.instrument].factor
        return position.change(trade.fill, order.signed(qty), price, factor)

    def _with_breaks(self, answer: Answer, order: Order, had_gap: bool, was_overfilled: bool) -> Answer:
        """The report's answer; behind its event, one for each alarm that it raises or ends."""
        is_news = order.is_overfilled and not was_overfilled
        if order.has_gap != had_gap:
            self.record()
        if is_news:
            self.record()
        if answer.reason != Reason.NONE:
            return answer
        if is_news:
            return replace(answer, reason=Reason.OVERFILL)
        return replace(answer, reason=Reason.CUM_QTY_GAP) if order.has_gap and not had_gap else answer

    def _hold(self, report: ExecutionReport | CancelReject) -> Reason | None:
        """Hold a report whose order may still come; else why not, where that is not plain."""
        if report.instrument and report.instrument not in self.instruments.rows:
            return Reason.UNKNOWN_INSTRUMENT
        if not self._may_appear(report):
            return None
        if sum(map(len, self.held.values())) >= self.capacity.orphans:
            return Reason.TABLE_FULL
        self.held.setdefault(report.order_id, []).append(report)
        return None

    def _may_appear(self, report: ExecutionReport | CancelReject) -> bool:
        """Whether an order that nobody has seen can still be submitted: its day is not past at the venue."""
        if report.order_id in self.orders:
            return False
        trade_date = trade_date_of(report.order_id)
        return is_date(trade_date) and trade_date >= self.venues.rows[report.venue].trade_date

    def _orphan(
        self, report: ExecutionReport | CancelReject, cum_qty: int = 0, leaves_qty: int = 0
    ) -> Answer:
        """A report on an order that nobody knows is kept as it came, and held until the order comes."""
        return Answer(
            code=Code.REJECTED,
            reason=self._hold(report) or Reason.UNKNOWN_ORDER,
            check=Check.RULE,
            offset=self.record(),
            cum_qty=cum_qty,
            leaves_qty=leaves_qty,
        )


def trade_date_of(order_id: OrderId) -> int:
    """The trade date that an order id begins with."""
    return int(order_id[0] if isinstance(order_id, tuple) else int(str(order_id)) >> 96)


def position_of(order: Order | None) -> tuple[int, int, int] | None:
    """The parties of an order's position."""
    return (order.account, order.strategy, order.instrument) if order else None


def malformed_numbers(report: ExecutionReport) -> Reason | None:
    """Whether the numbers of a report that trades nothing are past their bounds."""
    if not 0 <= report.price <= PRICE_MAX:
        return Reason.BAD_PRICE
    return None if 0 <= report.qty <= QTY_MAX else Reason.BAD_QTY


def malformed_fill(qty: int, price: int, factor: int) -> Reason | None:
    """Whether price, quantity or their money leave the bounds that keep all sums exact."""
    if not 0 < price <= PRICE_MAX:
        return Reason.BAD_PRICE
    if not 0 < qty <= QTY_MAX:
        return Reason.BAD_QTY
    return Reason.BAD_NOTIONAL if qty * price * factor >= NOTIONAL_MAX else None
