"""An order: three stored facts (life, executions, pending requests), and what follows from them."""

from dataclasses import dataclass, field

from tests.model.answers import Answer
from tests.model.commands import CancelReject, Command, ExecutionReport, OrderId
from tests.model.words import ExecType, Life, Reason, ResponseTo, Side, Status, TimeInForce

OVER = (Life.CANCELED, Life.EXPIRED, Life.REJECTED)
ENDINGS = {
    ExecType.CANCELED: Life.CANCELED,
    ExecType.EXPIRED: Life.EXPIRED,
    ExecType.REJECTED: Life.REJECTED,
}
ODD = {
    (Life.CANCELED, ExecType.NEW): Reason.LATE_REPORT,
    (Life.EXPIRED, ExecType.NEW): Reason.LATE_REPORT,
    (Life.REJECTED, ExecType.NEW): Reason.REJECTION_WITHDRAWN,
    (Life.EXPIRED, ExecType.CANCELED): Reason.ENDED_TWICE,
    (Life.SUSPENDED, ExecType.TRADE): Reason.WRONG_LIFE,
    (Life.REJECTED, ExecType.TRADE): Reason.WRONG_LIFE,
    (Life.PENDING_NEW, ExecType.DONE_FOR_DAY): Reason.WRONG_LIFE,
    (Life.DONE_FOR_DAY, ExecType.SUSPENDED): Reason.WRONG_LIFE,
}
SEEN = {ExecType.PENDING_CANCEL: {"CANCEL"}, ExecType.PENDING_REPLACE: {"REPLACE"}}
"""Which request a venue has seen that reports so, though it has not answered it."""
SAID = {"6": {"CANCEL"}, "E": {"REPLACE"}, **{over: {"CANCEL", "REPLACE"} for over in "248C"}}
"""Which requests an OrdStatus tells of: the one that pends at the venue, all of an order that is over."""
LATE_ON_ENDED = (
    ExecType.REPLACED,
    ExecType.RESTATED,
    ExecType.SUSPENDED,
    ExecType.TRIGGERED,
    ExecType.STOPPED,
)


@dataclass
class Replace:
    """New terms that the venue has been asked for."""

    price: int
    qty: int
    stop_px: int = 0


@dataclass
class Statement:
    """The venue's CumQty as of a time, and what was filled later; None after a correction."""

    cum_qty: int | None
    as_of: int


@dataclass
class Order:
    """One order, and the answer to each command of its owner."""

    order_id: OrderId
    account: int
    instrument: int
    strategy: int
    side: str
    ord_type: str
    time_in_force: str
    price: int
    order_qty: int
    life: Life
    has_books: bool
    stop_px: int = 0
    min_qty: int = 0
    display_qty: int = 0
    expire_s: int = 0
    exec_inst: int = 0
    cum_qty: int = 0
    cum_value: int = 0
    replace: Replace | None = None
    is_canceling: bool = False
    stated: Statement | None = None
    is_overfilled: bool = False
    notices: set[str] = field(default_factory=set)
    """What the venue has told besides: ACKNOWLEDGED, STOPPED, TRIGGERED, CALCULATED."""
    in_doubt: set[str] = field(default_factory=set)
    """Which requests the venue may not have seen: SUBMIT, CANCEL, REPLACE."""
    version: int = 1
    has_conflict: bool = False
    outcomes: dict[int, tuple[Command, Answer]] = field(default_factory=dict)

    @property
    def last_seq(self) -> int:
        """The last number that its owner's lane has used."""
        return len(self.outcomes)

    @property
    def leaves_qty(self) -> int:
        """What may still fill."""
        if self.life in OVER or (self.life, self.time_in_force) == (Life.DONE_FOR_DAY, TimeInForce.DAY):
            return 0
        return max(0, self.order_qty - self.cum_qty)

    @property
    def status(self) -> Status:
        """The highest in FIX's precedence among the facts present."""
        is_filled = 0 < self.cum_qty >= self.order_qty
        facts = [
            (self.is_canceling, Status.PENDING_CANCEL),
            (self.replace is not None, Status.PENDING_REPLACE),
            (self.life == Life.DONE_FOR_DAY, Status.DONE_FOR_DAY),
            ("CALCULATED" in self.notices, Status.CALCULATED),
            (is_filled, Status.FILLED),
            ("STOPPED" in self.notices, Status.STOPPED),
            (self.life == Life.SUSPENDED, Status.SUSPENDED),
            (self.life == Life.CANCELED, Status.CANCELED),
            (self.life == Life.EXPIRED, Status.EXPIRED),
            (self.cum_qty > 0, Status.PARTIALLY_FILLED),
            (self.life == Life.REJECTED, Status.REJECTED),
            (self.life == Life.PENDING_NEW, Status.PENDING_NEW),
        ]
        return next((status for is_so, status in facts if is_so), Status.NEW)

    @property
    def working_qty(self) -> int:
        """What may still fill, counting a replace in flight at the larger of old and new."""
        if self.replace is None or self.life in OVER:
            return self.leaves_qty
        return max(self.leaves_qty, self.replace.qty - self.cum_qty)

    def working_value(self, factor: int) -> int:
        """The money that what works may still move, counted the same way."""
        value = self.leaves_qty * self.price * factor
        if self.replace is None or self.life in OVER:
            return value
        return max(value, (self.replace.qty - self.cum_qty) * self.replace.price * factor)

    @property
    def prices(self) -> list[int]:
        """What it may trade at: its price, and that of a replace in flight."""
        return [self.price] + ([self.replace.price] if self.replace else [])

    @property
    def has_gap(self) -> bool:
        """Whether the venue's CumQty is not ours."""
        said = self.stated.cum_qty if self.stated else None
        return said not in (None, self.cum_qty)

    def hear(self, report: ExecutionReport, as_of: int, more_qty: int) -> None:
        """Take what a report states of CumQty, unless a later one has come before."""
        if as_of < (self.stated.as_of if self.stated else 0):
            return
        if report.exec_type in (ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL):
            self.stated = Statement(None, as_of)
        elif "cum_qty" in report.given:
            self.stated = Statement(report.cum_qty, as_of)
        elif self.stated and self.stated.cum_qty is not None:
            self.stated.cum_qty += more_qty

    def count(self, qty: int, price: int) -> None:
        """Count a fill, or take it back."""
        self.cum_qty += qty
        self.cum_value += qty * price

    def signed(self, qty: int) -> int:
        """A quantity with the sign of its side."""
        return qty if self.side == Side.BUY else -qty

    def terms_after(self, report: ExecutionReport) -> tuple[int, int]:
        """(OrderQty, price) after a report: what it says, else what was asked for, else as they were."""
        if report.exec_type == ExecType.RESTATED:
            restated = report.qty if "order_qty" in report.given else self.cum_qty + report.leaves_qty
            return restated, report.price or self.price
        if report.exec_type == ExecType.REPLACED:
            asked = self.replace or Replace(self.price, self.order_qty)
            return max(report.qty or asked.qty, self.cum_qty), report.price or asked.price
        return self.order_qty, self.price

    def apply(self, report: ExecutionReport) -> Reason:
        """What a venue's report does to the order; gives what is odd about it."""
        oddity = self._oddity(report)
        if self.life not in OVER:
            self.order_qty, self.price = self.terms_after(report)
            if report.exec_type == ExecType.REPLACED and self.replace:
                self.stop_px = self.replace.stop_px
        life = self._life_after(report)
        self._tell(report)
        self.life = life
        if report.exec_type == ExecType.REPLACED or self.life in OVER:
            self.replace = None
        if self.life in OVER:
            self.is_canceling = False
        self.in_doubt -= {"SUBMIT"} | SEEN.get(ExecType(report.exec_type), set())
        if report.exec_type == ExecType.ORDER_STATUS:
            self.in_doubt -= SAID.get(report.ord_status, set())
        self.in_doubt &= self.pending_requests
        self.version += 1
        return oddity

    def end(self, life: Life) -> None:
        """The order has ended: nothing of it is pending any more."""
        self.life = life
        self.is_canceling, self.replace = False, None

    def take_replace(self) -> None:
        """The terms that were asked for are the order's from now on."""
        if self.replace:
            self.order_qty, self.price = max(self.replace.qty, self.cum_qty), self.replace.price
            self.stop_px = self.replace.stop_px
        self.replace = None

    @property
    def pending_requests(self) -> set[str]:
        """Which requests wait for the venue's answer."""
        is_pending = {
            "SUBMIT": self.life == Life.PENDING_NEW,
            "CANCEL": self.is_canceling,
            "REPLACE": self.replace is not None,
        }
        return {request for request, is_so in is_pending.items() if is_so}

    def reject_request(self, reject: CancelReject) -> Reason:
        """The venue refuses a request: it is pending no more."""
        self.version += 1
        was_pending = self.is_canceling if reject.response_to == ResponseTo.CANCEL else bool(self.replace)
        if reject.response_to == ResponseTo.CANCEL:
            self.is_canceling = False
        else:
            self.replace = None
        self.in_doubt &= self.pending_requests
        return Reason.NONE if was_pending else Reason.STATUS_DIFFERS

    def _life_after(self, report: ExecutionReport) -> Life:
        """The life after a report that is accepted, whatever it says."""
        if self.life in OVER:
            is_reopened = (self.life, report.exec_type) == (Life.REJECTED, ExecType.NEW)
            return Life.NEW if is_reopened else self.life
        if report.exec_type in ENDINGS:
            return ENDINGS[ExecType(report.exec_type)]
        match self.life, report.exec_type:
            case Life.PENDING_NEW, ExecType.NEW | ExecType.TRADE | ExecType.REPLACED | ExecType.TRIGGERED:
                return Life.NEW
            case Life.NEW | Life.SUSPENDED, ExecType.DONE_FOR_DAY:
                return Life.DONE_FOR_DAY
            case Life.PENDING_NEW | Life.NEW, ExecType.SUSPENDED:
                return Life.SUSPENDED
            case Life.DONE_FOR_DAY, ExecType.REPLACED | ExecType.RESTATED:
                return Life.NEW
            case Life.SUSPENDED, ExecType.NEW if "ACKNOWLEDGED" in self.notices:
                return Life.NEW
        return self.life

    def _tell(self, report: ExecutionReport) -> None:
        """What the order's notices are after a report."""
        match report.exec_type:
            case ExecType.NEW:
                self.notices.add("ACKNOWLEDGED")
            case ExecType.STOPPED | ExecType.TRIGGERED | ExecType.CALCULATED if self.life not in OVER:
                self.notices.add(ExecType(report.exec_type).name)
            case ExecType.TRADE | ExecType.CANCELED | ExecType.EXPIRED | ExecType.REJECTED:
                self.notices.discard("STOPPED")
            case ExecType.RESTATED:
                self.notices.discard("CALCULATED")

    def _oddity(self, report: ExecutionReport) -> Reason:
        """What is odd about a report on an order as it is before it."""
        if (self.life, report.exec_type) in ODD:
            return ODD[self.life, ExecType(report.exec_type)]
        if self.life in OVER and report.exec_type in LATE_ON_ENDED:
            return Reason.LATE_REPORT
        is_unasked = {
            ExecType.PENDING_CANCEL: not self.is_canceling,
            ExecType.PENDING_REPLACE: self.replace is None,
        }
        if is_unasked.get(ExecType(report.exec_type)):
            return Reason.PENDING_UNASKED
        if report.exec_type == ExecType.ORDER_STATUS and self._differs(report):
            return Reason.STATUS_DIFFERS
        return Reason.NONE

    def _differs(self, report: ExecutionReport) -> bool:
        """Whether the venue holds the order to be other than it is here."""
        if "cum_qty" in report.given and report.cum_qty != self.cum_qty:
            return True
        if "leaves_qty" in report.given and report.leaves_qty != self.leaves_qty:
            return True
        is_settled = not self.is_canceling and self.replace is None
        return is_settled and report.ord_status not in ("\0", STATUS_CODES[self.status])


STATUS_CODES = {
    Status.NEW: "0",
    Status.PARTIALLY_FILLED: "1",
    Status.FILLED: "2",
    Status.DONE_FOR_DAY: "3",
    Status.CANCELED: "4",
    Status.PENDING_CANCEL: "6",
    Status.STOPPED: "7",
    Status.REJECTED: "8",
    Status.SUSPENDED: "9",
    Status.PENDING_NEW: "A",
    Status.CALCULATED: "B",
    Status.EXPIRED: "C",
    Status.PENDING_REPLACE: "E",
}
"""FIX's character of each OrdStatus."""
