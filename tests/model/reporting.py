"""The venues' lane: execution reports. What a venue reports has happened; it is never refused."""

from dataclasses import replace

from tests.model.answers import Answer, invalid, low_space, repeated
from tests.model.books import Books, ExecutionKey
from tests.model.commands import CancelReject, ExecutionReport
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


class Reporting(Books):
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
        is_trade = report.exec_type == ExecType.TRADE
        reason = self._malformed_report(report, order)
        if not reason and "cum_qty" in report.given and not 0 <= report.cum_qty <= TOTAL_QTY_MAX:
            reason = Reason.BAD_QTY
        if not reason and is_trade:
            reason = self.fees.malformed(report)
        if reason:
            return invalid(reason)
        if len(self.executions) >= self.capacity.executions or self._no_room_for_books(order):
            return low_space(Reason.TABLE_FULL)
        if is_trade and not self.fees.has_room(_position_of(order), report):
            return low_space(Reason.TABLE_FULL)
        answer = self._apply(report, order, now) if order else self._orphan(report.cum_qty, report.leaves_qty)
        self.executions[key] = (report, answer)
        return answer

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
        if len(self.executions) >= self.capacity.executions or self._no_room_for_books(order):
            return low_space(Reason.TABLE_FULL)
        answer = self._refuse_request(reject, order) if order else self._orphan()
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
        if report.exec_type == ExecType.TRADE:
            return malformed_fill(report.qty, report.price, factor)
        if not 0 <= report.price <= PRICE_MAX:
            return Reason.BAD_PRICE
        if not 0 <= report.qty <= QTY_MAX:
            return Reason.BAD_QTY
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

    def _apply(self, report: ExecutionReport, order: Order, now: int) -> Answer:
        """Fold a report on a known order into it and its position: history is never refused."""
        self.open_books(order)
        cum_qty, had_gap, was_overfilled = order.cum_qty, order.has_gap, order.is_overfilled
        oddity = order.apply(report)
        position = self.positions[order.account, order.strategy, order.instrument]
        is_restated = False
        if report.exec_type == ExecType.TRADE:
            factor = self.instruments.rows[order.instrument].factor
            fill = Fill(report.ts_event or now, order.signed(report.qty), report.price)
            is_restated = position.book(fill, factor)
            self.fees.charge((order.account, order.strategy, order.instrument), report)
            self.strategies.rows[order.strategy].trade(now)
        order.hear(report, report.ts_event or now, order.cum_qty - cum_qty)
        is_over = order.cum_qty > order.order_qty
        order.is_overfilled = is_over and (was_overfilled or not order.has_gap)
        answer = replace(self.order_answer(order, Reason.NONE), reason=oddity)
        if is_restated:
            self.record()
        return self._with_breaks(answer, order, had_gap, was_overfilled)

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

    def _orphan(self, cum_qty: int = 0, leaves_qty: int = 0) -> Answer:
        """A report on an order that nobody knows is kept as it came."""
        return Answer(
            code=Code.REJECTED,
            reason=Reason.UNKNOWN_ORDER,
            check=Check.RULE,
            offset=self.record(),
            cum_qty=cum_qty,
            leaves_qty=leaves_qty,
        )


def _position_of(order: Order | None) -> tuple[int, int, int] | None:
    return (order.account, order.strategy, order.instrument) if order else None


def malformed_fill(qty: int, price: int, factor: int) -> Reason | None:
    """Whether price, quantity or their money leave the bounds that keep all sums exact."""
    if not 0 < price <= PRICE_MAX:
        return Reason.BAD_PRICE
    if not 0 < qty <= QTY_MAX:
        return Reason.BAD_QTY
    return Reason.BAD_NOTIONAL if qty * price * factor >= NOTIONAL_MAX else None
