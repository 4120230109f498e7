"""What trading refers to: venues, accounts, strategies, instruments, limits. Handles count from 1."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tests.model.words import State

PRICE_MAX = 10**15
QTY_MAX = 10**12
LIMIT_MAX = 2**62
TOTAL_QTY_MAX = 2**60
FACTOR_MAX = 10**9
NOTIONAL_MAX = 2**94
PPM = 10**6
SECOND_NS = 10**9
MILLISECOND_NS = 10**6
MARK_AHEAD_NS_MAX = SECOND_NS


@dataclass
class Named:
    """Anything with a name."""

    name: bytes
    version: int = 1


Row = TypeVar("Row", bound=Named)


@dataclass
class Venue(Named):
    """A venue and its calendar's trade date, 0 before its first."""

    trading_state: State = State.ACTIVE
    halt_state: State | None = None
    trade_date: int = 0


@dataclass
class Account(Named):
    """An account; `full_ns` is when its token bucket will be full again."""

    trading_state: State = State.ACTIVE
    halt_state: State | None = None
    full_ns: int = 0
    open_orders_max: int = 0
    repeats_max: int = 0
    repeat_window_ms: int = 0


@dataclass
class Strategy(Named):
    """A strategy of one account."""

    account: int = 0
    trading_state: State = State.ACTIVE
    halt_state: State | None = None
    orders_per_second: int = 0
    burst: int = 0
    full_ns: int = 0
    executions_max: int = 0
    execution_window_ms: int = 0
    executions: int = 0
    executions_ns: int = 0
    is_tripped: bool = False

    @property
    def interval_ns(self) -> int:
        """The time in which one token grows back, 0 without a bucket."""
        return SECOND_NS // self.orders_per_second if self.orders_per_second else 0

    def send(self, now: int) -> None:
        """Take a token out of the bucket, which is never overdrawn by more than it holds."""
        if self.orders_per_second:
            most = now + 2 * self.interval_ns * self.burst
            self.full_ns = min(max(self.full_ns, now) + self.interval_ns, most)

    def trade(self, now: int) -> None:
        """Count an execution; one too many in a window trips the strategy for good."""
        if not self.executions_max:
            return
        if now - self.executions_ns > self.execution_window_ms * MILLISECOND_NS:
            self.executions, self.executions_ns = 0, now
        self.executions += 1
        self.is_tripped = self.is_tripped or self.executions > self.executions_max

    def rearm(self) -> None:
        """Begin to count executions anew."""
        self.executions, self.executions_ns, self.is_tripped = 0, 0, False


@dataclass
class Instrument(Named):
    """An instrument and its mark, 0 before its first."""

    venue: int = 0
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
    mark: int = 0
    mark_ns: int = 0
    mark_offset: int = 0
    trading_state: State = State.ACTIVE
    halt_state: State | None = None

    @property
    def is_restricted(self) -> bool:
        return bool(self.flags & 1)

    @property
    def is_shortable(self) -> bool:
        return not self.flags & 2

    @property
    def is_reopening_allowed(self) -> bool:
        return bool(self.flags & 8)

    @property
    def needs_locate(self) -> bool:
        return bool(self.flags & 4)

    @property
    def factor(self) -> int:
        """What price x quantity is multiplied by to give money in 10^-8."""
        return money_factor(self.multiplier, self.price_scale, self.qty_scale)


@dataclass
class Limits:
    """Limits of an account, for one instrument or for all."""

    version: int
    max_order_qty: int
    max_order_notional: int
    max_long_qty: int
    max_short_qty: int
    collar_ppm: int
    orders_per_second: int
    burst: int
    soft_percent: int = 0
    mark_age_s: int = 0
    self_match: int = 0

    @property
    def interval_ns(self) -> int:
        """The time in which one order's token grows back."""
        return SECOND_NS // self.orders_per_second


@dataclass(frozen=True)
class Capacity:
    """How many of each there may be, and how full a table may be before new orders wait."""

    orders: int
    executions: int
    requests: int
    positions: int
    limits: int
    accounts: int
    strategies: int
    instruments: int
    venues: int
    principals: int
    rates: int = 1_024
    ledgers: int = 64
    orphans: int = 65_536
    refuse_percent: int = 95

    def bound(self, size: int) -> int:
        """The number from which on new orders are refused."""
        return size * self.refuse_percent // 100


@dataclass
class Names(Generic[Row]):
    """The names of one kind, their handles in the order of definition, and how many there may be."""

    most: int
    rows: dict[int, Row] = field(default_factory=dict)

    def handle(self, name: bytes) -> int:
        """Its own handle if it is known, the next one if not, 0 if there is no room."""
        known = next((handle for handle, row in self.rows.items() if row.name == name), 0)
        if known or len(self.rows) == self.most:
            return known
        return len(self.rows) + 1


def money_factor(multiplier: int, price_scale: int, qty_scale: int) -> int:
    """The factor that turns price x quantity into money; 0 if it leaves its bound."""
    decimals = price_scale + qty_scale
    if decimals > 8 or not 1 <= multiplier <= FACTOR_MAX:
        return 0
    factor = multiplier * int(10 ** (8 - decimals))
    return factor if factor <= FACTOR_MAX else 0


def is_name(text: bytes, most: int) -> bool:
    """Whether text is printable ASCII, one byte to `most`."""
    return 1 <= len(text) <= most and all(0x20 <= byte <= 0x7E for byte in text)


def is_date(number: int) -> bool:
    """Whether a number reads as yyyymmdd."""
    return number <= 99991231 and 1 <= number // 100 % 100 <= 12 and 1 <= number % 100 <= 31
