"""Requests in doubt: flagged, and resolved by what a venue reports or an operator knows."""

from tests.model.answers import Answer, invalid
from tests.model.commands import MarkInDoubt, ResolveInDoubt
from tests.model.definitions import malformed_text
from tests.model.operators_corrections import OperatorsCorrections
from tests.model.orders import Order
from tests.model.words import Code, Life, Reason, Scope

VERDICTS = {
    "ORDER_ACCEPTED": "SUBMIT",
    "ORDER_REJECTED": "SUBMIT",
    "ORDER_CANCELED": "CANCEL",
    "CANCEL_REJECTED": "CANCEL",
    "ORDER_REPLACED": "REPLACE",
    "REPLACE_REJECTED": "REPLACE",
}
"""What may have become of a request, and of which."""


class InDoubt(OperatorsCorrections):
    """Orders whose requests may be in doubt: nothing else about them changes until somebody knows."""

    def mark_in_doubt(self, command: MarkInDoubt) -> Answer:
        """Flag requests that are pending."""
        if command.scope == Scope.VENUE:
            return self._mark_venue(command)
        order = self.orders.get(command.order_id)
        if order is None:
            return invalid(Reason.UNKNOWN_ORDER)
        meant = order.pending_requests & (command.in_doubt or order.pending_requests)
        reason = malformed_text(command.text, is_needed=False) or (None if meant else Reason.NOT_PENDING)
        if reason:
            return invalid(reason)
        order.in_doubt |= meant
        order.version += 1
        return self.order_answer(order, Reason.NONE)

    def _mark_venue(self, command: MarkInDoubt) -> Answer:
        """Flag what is pending of every order at a venue, and not in doubt yet."""
        if command.venue not in self.venues.rows:
            return invalid(Reason.UNKNOWN_VENUE)
        reason = malformed_text(command.text, is_needed=False)
        if reason:
            return invalid(reason)
        marked = 0
        for order in self.orders.values():
            news = order.pending_requests & (command.in_doubt or order.pending_requests) - order.in_doubt
            if news and self.instruments.rows[order.instrument].venue == command.venue:
                order.in_doubt |= news
                order.version += 1
                self.record()
                marked += 1
        version = self.next_scope_version()
        return Answer(code=Code.ACCEPTED, offset=self.record(), version=version, cum_qty=marked)

    def resolve_in_doubt(self, command: ResolveInDoubt) -> Answer:
        """Do what the venue did, as the operator says."""
        order = self.orders.get(command.order_id)
        if order is None:
            return invalid(Reason.UNKNOWN_ORDER)
        is_doubted = VERDICTS.get(command.verdict) in order.in_doubt
        reason = malformed_text(command.text, is_needed=True) or (None if is_doubted else Reason.NOT_PENDING)
        if reason:
            return invalid(reason)
        _follow(command.verdict, order)
        order.in_doubt -= {VERDICTS[command.verdict]}
        order.in_doubt &= order.pending_requests
        order.version += 1
        return self.order_answer(order, Reason.NONE)


def _follow(verdict: str, order: Order) -> None:
    match verdict:
        case "ORDER_ACCEPTED":
            order.life = Life.NEW
            order.notices.add("ACKNOWLEDGED")
        case "ORDER_REJECTED":
            order.end(Life.REJECTED)
            order.notices.discard("STOPPED")
        case "ORDER_CANCELED":
            order.end(Life.CANCELED)
            order.notices.discard("STOPPED")
        case "ORDER_REPLACED":
            order.take_replace()
            is_renewed = order.life in (Life.PENDING_NEW, Life.DONE_FOR_DAY)
            order.life = Life.NEW if is_renewed else order.life
        case "CANCEL_REJECTED":
            order.is_canceling = False
        case "REPLACE_REJECTED":
            order.replace = None
