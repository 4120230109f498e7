"""An order: three stored facts (life, executions, pending requests), and what follows from them."""

from dataclasses import dataclass, field

from tests.model.answers import Answer
from tests.model.commands import Command, ExecutionReport, OrderId
from tests.model.words import ExecType, Life, Side, Status

OVER = (Life.CANCELED, Life.EXPIRED, Life.REJECTED)


@dataclass
class Replace:
    """New terms that the venue has been asked for."""

    price: int
    qty: int
    stop_px: int = 0


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
        return 0 if self.life in OVER else max(0, self.order_qty - self.cum_qty)

    @property
    def status(self) -> Status:
        """The highest in FIX's precedence among the facts present."""
        is_filled = 0 < self.cum_qty >= self.order_qty
        facts = [
            (self.is_canceling, Status.PENDING_CANCEL),
            (self.replace is not None, Status.PENDING_REPLACE),
            (is_filled, Status.FILLED),
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

    def signed(self, qty: int) -> int:
        """A quantity with the sign of its side."""
        return qty if self.side == Side.BUY else -qty

    def terms_after(self, report: ExecutionReport) -> tuple[int, int]:
        """(OrderQty, price) after a report: what it says, else what was asked for, else as they were."""
        if report.exec_type == ExecType.RESTATED:
            return self.cum_qty + report.leaves_qty, report.price or self.price
        if report.exec_type == ExecType.REPLACED:
            asked = self.replace or Replace(self.price, self.order_qty)
            return max(report.qty or asked.qty, self.cum_qty), report.price or asked.price
        return self.order_qty, self.price

    def apply(self, report: ExecutionReport) -> None:
        """What a venue's report does to the order."""
        self.order_qty, self.price = self.terms_after(report)
        if report.exec_type == ExecType.REPLACED and self.replace:
            self.stop_px = self.replace.stop_px
        is_live = self.life not in OVER
        match report.exec_type:
            case ExecType.TRADE:
                self.cum_qty += report.qty
                self.cum_value += report.qty * report.price
            case ExecType.CANCELED:
                self.life = Life.CANCELED if is_live else self.life
            case ExecType.EXPIRED:
                self.life = Life.EXPIRED if is_live else self.life
            case ExecType.REJECTED:
                self.life = Life.REJECTED if is_live else self.life
        if report.exec_type in (ExecType.CANCELED, ExecType.EXPIRED, ExecType.REJECTED):
            self.is_canceling, self.replace = False, None
        if report.exec_type == ExecType.REPLACED:
            self.replace = None
        is_acknowledged = report.exec_type in (ExecType.NEW, ExecType.TRADE, ExecType.REPLACED)
        if is_acknowledged and self.life == Life.PENDING_NEW:
            self.life = Life.NEW
        if report.exec_type == ExecType.NEW and self.life == Life.REJECTED:
            self.life = Life.NEW
        self.version += 1
