"""Reports that came before their order: each is done to it as soon as it is there."""

from tests.model.answers import Answer
from tests.model.books import ExecutionKey
from tests.model.commands import CancelReject, ExecutionReport, StartTradingDay
from tests.model.families import CORRECTIONS
from tests.model.orders import Order
from tests.model.reporting import Reporting, position_of, trade_date_of
from tests.model.words import Code, ExecType


class Claims(Reporting):
    """What is held of an order is claimed when it appears, in the order in which it came."""

    def claim_held(self, order: Order, now: int) -> None:
        """Do to a new order what was reported on it before; what is not its own after all is let go."""
        for report in self.held.pop(order.order_id, []):
            key = key_of(report)
            self.claims[self.executions[key][1].offset] = self.next_offset
            if self._is_unclaimable(report, order):
                self.record()
                continue
            self.claimed.add(key)
            if isinstance(report, CancelReject):
                self._refuse_request(report, order)
            else:
                member = self.families.members[key[:3]]
                member.order_id = order.order_id
                self._apply(report, order, member, None, now)
                if report.exec_type in (ExecType.TRADE, *CORRECTIONS):
                    self.watch_account(order.account, now)

    def _is_unclaimable(self, report: ExecutionReport | CancelReject, order: Order) -> bool:
        if self.instruments.rows[order.instrument].venue != report.venue:
            return True
        if isinstance(report, CancelReject):
            return report.instrument not in (0, order.instrument) or self._are_totals_full(order)
        is_correction = report.exec_type in CORRECTIONS
        if is_correction and report.exec_ref:
            about = self._corrected_order(report.exec_ref)
            if about is not None and about is not order:
                return True
        if self._malformed_report(report, order):
            return True
        is_trade = report.exec_type == ExecType.TRADE or is_correction
        return is_trade and not self.fees.has_room(position_of(order), report)

    def start_trading_day(self, command: StartTradingDay) -> Answer:
        """From a new trade date on no order of an earlier one can appear: what is held of them is let go."""
        answer = super().start_trading_day(command)
        if answer.code == Code.ACCEPTED:
            for order_id, reports in list(self.held.items()):
                is_past = trade_date_of(order_id) < command.trade_date
                left = [one for one in reports if not (is_past and one.venue == command.venue)]
                self.held[order_id] = left
        return answer


def key_of(report: ExecutionReport | CancelReject) -> ExecutionKey:
    """What a report is recognised by."""
    if isinstance(report, CancelReject):
        return report.venue, report.trade_date, report.cl_ord_id, report.order_id
    return report.venue, report.trade_date, report.exec_id, 0
