"""What venues report: rather what fits an order that there is, and every way of getting it wrong."""

from dataclasses import replace
from typing import Any

from tests.model.commands import (
    BustTrade,
    CancelReject,
    Command,
    CorrectTrade,
    ExecutionReport,
)
from tests.model.orders import STATUS_CODES, Order
from tests.model.words import ExecType, Lane, Life, ResponseTo
from tests.properties.choices import (
    DAY_1,
    ODD_COMMISSIONS,
    ODD_CURRENCIES,
    ODD_HANDLES,
    ODD_NAMES,
    ODD_PRICES,
    ODD_QTYS,
    Choices,
)


class ReportDraws(Choices):
    """Draws reports on orders, corrections of them, and the refusals of requests."""

    def report(self) -> Command:
        order = self._order()
        exec_type = self._exec_type(order)
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

    def operators_correction(self) -> Command:
        """A bust or correction by an operator, rather of a trade that counts, with somebody's approval."""
        members = self.model.families.members
        booked = [key for key, member in members.items() if member.fill] or [(1, DAY_1, b"E1")]
        ref = self._odd(self.random.choice(booked[-6:]), [*members, None], 0.3)
        member = members.get(ref) if ref else None
        bust = BustTrade(
            request_id=self._old_or_new_request(),
            exec_ref=ref,
            approver=self._odd(1, [2, *ODD_HANDLES], 0.1),
            order_id=self._odd(0, [member.order_id if member and member.order_id else 5], 0.3),
            text=self._odd(b"by phone", [b"", b"seventeen letters", *ODD_NAMES], 0.1),
            ts_event=self.random.choice([0, self.side.now - 10**9]),
        )
        if self.random.random() < 0.5:
            return bust
        qty, price = self._odd(self._fill_qty(10), ODD_QTYS), self._odd(self._price(), ODD_PRICES)
        return CorrectTrade(**vars(bust), qty=qty, price=price)

    def early_report(self) -> Command:
        """A report on an order that may be submitted later."""
        report = self.random.choice([self.report, self.report, self.correction, self.reject_request])()
        if not isinstance(report, ExecutionReport | CancelReject):
            return report
        account = self.model.accounts.rows.get(self.random.choice([1, 1, 2]))
        awaited = [key for key in self.model.held if isinstance(key, tuple)]
        trade_date = self._odd(self._today(report.venue), [DAY_1 - 1, DAY_1 + 1, 0], 0.1)
        order_id = (trade_date, account.name if account else b"ACC-1", b"C%d" % self.random.randint(1, 25))
        if awaited and self.random.random() < 0.8:
            order_id = self.random.choice(awaited)
        return replace(report, order_id=order_id, instrument=self._odd(0, [1, 2, 3, *ODD_HANDLES], 0.2))

    def _today(self, venue: int) -> int:
        row = self.model.venues.rows.get(venue)
        return row.trade_date if row else DAY_1

    def reject_request(self) -> Command:
        """A venue's no to a request, rather to one that is pending."""
        order = self._order(lambda one: one.is_canceling or one.replace is not None)
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

    def _exec_type(self, order: Order | None) -> str:
        """What a venue says of an order: rather the answer that it owes, or a fill that races it."""
        if order is not None and self.random.random() < 0.5:
            if order.life == Life.PENDING_NEW:
                return self.random.choice([ExecType.NEW, ExecType.NEW, ExecType.NEW, ExecType.TRADE])
            if order.replace is not None:
                return self.random.choice([ExecType.REPLACED, ExecType.REPLACED, ExecType.TRADE])
            if order.is_canceling:
                return self.random.choice([ExecType.CANCELED, ExecType.TRADE])
        exec_type: str = self.random.choices(*zip(*EXEC_TYPES, strict=True))[0]
        return exec_type

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
            "ord_status": self.random.choice(["\0", status, *"026E"]) if is_status else "\0",
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


TRADES = (ExecType.TRADE, ExecType.TRADE_CANCEL, ExecType.TRADE_CORRECT)
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
    (ExecType.ORDER_STATUS, 8),
    (ExecType.PENDING_NEW, 1),
    (ExecType.PENDING_CANCEL, 2),
    (ExecType.PENDING_REPLACE, 2),
]
