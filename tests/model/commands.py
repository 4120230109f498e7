"""Commands as plain values. Two are equal where their content is: what a resend may change is left out."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from tests.model.words import Lane, OrdType, Scope, State, TimeInForce

OrderId = Hashable
"""An order's id: (trade date, account's name, ClOrdID), or anything else, which then is nobody's id."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """What every command has."""

    lane: str
    ts_event: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True)
class SubmitOrder(Command):
    """35=D."""

    order_id: OrderId
    trade_date: int
    account: int
    instrument: int
    strategy: int
    cl_ord_id: bytes
    side: str
    qty: int
    price: int
    ord_type: str = OrdType.LIMIT
    time_in_force: str = TimeInForce.DAY
    stop_px: int = 0
    min_qty: int = 0
    display_qty: int = 0
    exec_inst: int = 0
    expire_s: int = 0
    is_locate: bool = False
    seq: int = 1
    expected_version: int = field(default=0, compare=False)
    lane: str = Lane.OWNER


@dataclass(frozen=True, kw_only=True)
class ReplaceOrder(Command):
    """35=G: full new terms, `qty` being the total including what is filled."""

    order_id: OrderId
    account: int
    instrument: int
    strategy: int
    cl_ord_id: bytes
    side: str
    qty: int
    price: int
    seq: int
    ord_type: str = OrdType.LIMIT
    time_in_force: str = TimeInForce.DAY
    stop_px: int = 0
    min_qty: int = 0
    display_qty: int = 0
    exec_inst: int = 0
    expire_s: int = 0
    is_locate: bool = False
    expected_version: int = field(default=0, compare=False)
    lane: str = Lane.OWNER


@dataclass(frozen=True, kw_only=True)
class CancelOrder(Command):
    """35=F, by the order's owner (`seq`) or by an operator (`request_id`)."""

    order_id: OrderId
    cl_ord_id: bytes = b""
    seq: int = 0
    request_id: int = 0
    expected_version: int = field(default=0, compare=False)
    lane: str = Lane.OWNER


@dataclass(frozen=True, kw_only=True)
class ExecutionReport(Command):
    """35=8, keyed by (venue, trade date, ExecID); its numbers are in the scales of `instrument`."""

    order_id: OrderId
    venue: int
    trade_date: int
    exec_id: bytes
    exec_type: str
    instrument: int = 0
    qty: int = 0
    price: int = 0
    cum_qty: int = 0
    leaves_qty: int = 0
    given: frozenset[str] = frozenset()
    """Which numbers it states: cum_qty, leaves_qty, order_qty, price."""
    reject_reason: int = 0
    restatement_reason: int = 0
    ord_status: str = "\0"
    exec_ref: tuple[int, int, bytes] | None = None
    """(venue, trade date, ExecID) of the report that a correction is about."""
    commission: int = 0
    commission_currency: bytes = b""
    lane: str = Lane.VENUE


@dataclass(frozen=True, kw_only=True)
class CancelReject(Command):
    """35=9, keyed by (venue, trade date, order, ClOrdID of the request): the venue's no to it."""

    order_id: OrderId
    venue: int
    trade_date: int
    cl_ord_id: bytes
    response_to: str
    instrument: int = 0
    reject_reason: int = 0
    lane: str = Lane.VENUE


@dataclass(frozen=True, kw_only=True)
class Request(Command):
    """A command of operators and administrators, recognised by its request id."""

    request_id: int
    lane: str = Lane.OPERATOR


@dataclass(frozen=True, kw_only=True)
class MassCancel(Request):
    """Cancel every live order in a scope; with a state, a kill, the scope is halted as well."""

    scope: str = Scope.ALL
    account: int = 0
    strategy: int = 0
    instrument: int = 0
    venue: int = 0
    state: str = ""


@dataclass(frozen=True, kw_only=True)
class MarkInDoubt(Request):
    """Nobody knows whether the venue has seen these requests of an order; where empty, all that pend.

    With the scope VENUE it is about all orders of a venue.
    """

    order_id: OrderId = 0
    scope: str = ""
    venue: int = 0
    in_doubt: frozenset[str] = frozenset()
    text: bytes = b""


@dataclass(frozen=True, kw_only=True)
class ResolveInDoubt(Request):
    """Somebody knows what the venue made of a request, and says how."""

    order_id: OrderId
    verdict: str
    text: bytes = b""


@dataclass(frozen=True, kw_only=True)
class BustTrade(Request):
    """An operator takes a trade back; `exec_ref` is the report that it is about, `approver` a principal."""

    exec_ref: tuple[int, int, bytes] | None
    approver: int
    order_id: OrderId = 0
    text: bytes = b""


@dataclass(frozen=True, kw_only=True)
class CorrectTrade(BustTrade):
    """An operator says what a trade really was."""

    qty: int
    price: int


@dataclass(frozen=True, kw_only=True)
class LiftHalt(Request):
    """Let a scope trade again."""

    scope: str = Scope.ALL
    account: int = 0
    strategy: int = 0
    instrument: int = 0
    venue: int = 0
    text: bytes = b""


@dataclass(frozen=True, kw_only=True)
class SetTradingState(Request):
    """What a scope may do from now on."""

    scope: str = Scope.ALL
    account: int = 0
    strategy: int = 0
    instrument: int = 0
    venue: int = 0
    state: str = State.ACTIVE
    text: bytes = b""


@dataclass(frozen=True, kw_only=True)
class SetMark(Request):
    """The price that checks and profit are measured against."""

    instrument: int
    price: int


@dataclass(frozen=True, kw_only=True)
class SetFx(Request):
    """What one unit of a currency is worth in another, as a ratio."""

    currency: bytes
    settl_currency: bytes
    numerator: int
    denominator: int


@dataclass(frozen=True, kw_only=True)
class StartTradingDay(Request):
    """Move a venue's calendar."""

    venue: int
    trade_date: int


@dataclass(frozen=True, kw_only=True)
class SetVenue(Request):
    """Define a venue."""

    name: bytes


@dataclass(frozen=True, kw_only=True)
class SetAccount(Request):
    """Define an account."""

    name: bytes


@dataclass(frozen=True, kw_only=True)
class SetPrincipal(Request):
    """Define a principal."""

    name: bytes


@dataclass(frozen=True, kw_only=True)
class SetStrategy(Request):
    """Define a strategy of an account."""

    name: bytes
    account: int


@dataclass(frozen=True, kw_only=True)
class SetInstrument(Request):
    """Define an instrument."""

    name: bytes
    venue: int
    tick: int = 1
    lot: int = 1
    multiplier: int = 1
    price_scale: int = 0
    qty_scale: int = 0
    mark_band_ppm: int = 0
    min_lots: int = 0
    max_lots: int = 0
    flags: int = 0
    currency: bytes = b"USD"


@dataclass(frozen=True, kw_only=True)
class SetLimits(Request):
    """Set an account's limits, for one instrument or (0) for all that have none of their own."""

    account: int
    instrument: int = 0
    max_order_qty: int = 0
    max_order_notional: int = 0
    max_long_qty: int = 0
    max_short_qty: int = 0
    collar_ppm: int = 0
    orders_per_second: int = 1
    burst: int = 1
    soft_percent: int = 0
    mark_age_s: int = 0
    self_match: int = 0


@dataclass(frozen=True, kw_only=True)
class SetExposureLimits(Request):
    """Set what an account may have at stake, all of it expressed in one currency."""

    account: int
    currency: bytes = b"USD"
    max_gross: int = 0
    max_net: int = 0
    max_credit: int = 0
    max_working_notional: int = 0
    max_loss: int = 0
    max_drawdown: int = 0
    has_max_drawdown: bool = False
    fx_age_s: int = 0
    soft_percent: int = 0


@dataclass(frozen=True, kw_only=True)
class SetThrottles(Request):
    """How many orders an account may have and repeat, or how fast a strategy may send and be filled."""

    scope: str
    account: int = 0
    strategy: int = 0
    instrument: int = 0
    venue: int = 0
    orders_per_second: int = 0
    burst: int = 0
    repeat_window_ms: int = 0
    repeats_max: int = 0
    execution_window_ms: int = 0
    executions_max: int = 0
    open_orders_max: int = 0


@dataclass(frozen=True, kw_only=True)
class SetFirmLimit(Request):
    """What all partitions may use together in a currency; -1 takes the limit away."""

    currency: bytes
    amount: int


@dataclass(frozen=True, kw_only=True)
class GrantLease(Request):
    """Let a partition use so much more of the firm's limit, and all it has for so long."""

    partition: int
    currency: bytes
    amount: int
    ttl_ms: int
    serial: int = 0


@dataclass(frozen=True, kw_only=True)
class ReturnLease(Request):
    """Let a partition use so much less."""

    partition: int
    currency: bytes
    amount: int
    serial: int = 0


@dataclass(frozen=True, kw_only=True)
class UnknownCommand(Command):
    """A kind that nobody knows."""

    kind: int
