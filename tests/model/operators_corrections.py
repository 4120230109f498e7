"""Busts and corrections by operators: members of a trade's family like a venue's, but refused where odd."""

from collections.abc import Iterable

from tests.model.answers import Answer, invalid, low_space
from tests.model.claims import Claims
from tests.model.commands import BustTrade, Command, CorrectTrade, ExecutionReport
from tests.model.definitions import malformed_text
from tests.model.families import Key, Member
from tests.model.orders import Order
from tests.model.reporting import malformed_fill
from tests.model.words import ExecType, Reason

NOTE_BYTES = 16


def operators_key(request_id: int) -> Key:
    """The key of an operator's correction: a report of nobody's venue, whose ExecID is the request id."""
    words = (request_id >> 64, request_id & (2**64 - 1))
    return 0, 0, b"".join(word.to_bytes(8, "little") for word in words)


class OperatorsCorrections(Claims):
    """Somebody asks, gives a reason, and somebody else has approved it."""

    sender: int = 0
    """The principal that sends the open frame."""

    def correct_trade(self, command: BustTrade, now: int) -> Answer:
        """Take a trade back, or let it count for other numbers."""
        order = self._corrected_order(command.exec_ref) if command.exec_ref else None
        reason = self._malformed_correction(command, order)
        key = operators_key(command.request_id)
        if not reason:
            oddity = self.families.oddity(key, command.exec_ref) if command.exec_ref else None
            reason = Reason.CORRECTION_AWAITED if command.exec_ref is None else oddity
        if reason and reason != Reason.NONE:
            return invalid(reason)
        assert order is not None
        if self.execution_rows + 1 >= self.capacity.executions:
            return low_space(Reason.TABLE_FULL)
        report = _as_report(command, key)
        member = Member(report, command.ts_event or now, order.order_id)
        self.families.members[key] = member
        answer = self._apply(report, order, member, None, now)
        self.executions[*key, 0] = (report, answer)
        self.watch_account(order.account, now)
        return answer

    def watched(self, command: Command) -> Iterable[int]:
        """The accounts whose profit a command may have changed."""
        if not isinstance(command, BustTrade):
            return super().watched(command)
        order = self.orders.get(self.families.members[operators_key(command.request_id)].order_id)
        return [order.account] if order else []

    def _malformed_correction(self, command: BustTrade, order: Order | None) -> Reason | None:
        reason = malformed_text(command.text, is_needed=True)
        if reason:
            return reason
        if len(command.text) > NOTE_BYTES:
            return Reason.BAD_NAME
        if command.approver not in self.principals.rows or command.approver == self.sender:
            return Reason.APPROVER_NEEDED
        if order and command.order_id not in (0, order.order_id):
            return Reason.UNKNOWN_ORDER
        if order and self._are_totals_full(order):
            return Reason.BAD_QTY
        factor = self.instruments.rows[order.instrument].factor if order else 0
        if not isinstance(command, CorrectTrade):
            return None
        return malformed_fill(command.qty, command.price, factor)


def _as_report(command: BustTrade, key: Key) -> ExecutionReport:
    """The command as the report that a venue would have made."""
    is_correction = isinstance(command, CorrectTrade)
    return ExecutionReport(
        order_id=command.order_id,
        venue=key[0],
        trade_date=key[1],
        exec_id=key[2],
        exec_type=ExecType.TRADE_CORRECT if is_correction else ExecType.TRADE_CANCEL,
        qty=command.qty if isinstance(command, CorrectTrade) else 0,
        price=command.price if isinstance(command, CorrectTrade) else 0,
        exec_ref=command.exec_ref,
        ts_event=command.ts_event,
    )
