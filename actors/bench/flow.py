"""A seeded flow of orders: many accounts, strategies and instruments through whole lives, as command rows.

Each wave of orders is submitted and acknowledged; half is replaced; all are partly filled; then most are
filled and the rest canceled. About one order in fifty asks for too much and is refused. Every limit and
throttle is set, those on money only where `money_limits` is sent too, so wide that nothing else is refused;
buys are below the mark and sells above it, so that no account crosses itself.
"""

from datetime import date, timedelta

import numpy as np

from engine.kernel.keys import fill_order_ids
from engine.limits import LIMIT_MAX
from engine.rows.answers import answer_rows
from engine.rows.commands import (
    EXPOSURE_LIMITS_COMMAND,
    INSTRUMENT_COMMAND,
    LEASE_COMMAND,
    LIMITS_COMMAND,
    THROTTLES_COMMAND,
    command_rows,
)
from engine.rows.layout import joined
from engine.vocabulary import (
    AnswerCode,
    CommandKind,
    ExecType,
    Lane,
    OrdType,
    Scope,
    SelfMatchPrevention,
    Side,
    TimeInForce,
)

TRADE_DATE = 20260102
PRICE = 1_000_000
"""The mark of every instrument: 100.0000 at price scale 4."""
QTY = 100
REFUSED_EVERY = 50
QTY_REFUSED = 20_000
MAX_ORDER_QTY = 10_000
STRATEGIES_PER_ACCOUNT = 2
WIDE = 1_000_000
"""A limit on numbers of orders, or per second, that no flow reaches."""
CURRENCY = b"USD"
MONEY_LIMITS = ("max_gross", "max_net", "max_credit", "max_working_notional", "max_loss", "max_drawdown")
LEASE_MS = 3_600_000
"""An hour: no benchmark lasts longer."""
INSTRUMENTS_PER_ACCOUNT = 32
"""An account trades a few dozen instruments, not all that there are."""

NAMES = np.dtype([("name_w0", "<u8"), ("name_w1", "<u8")])


class Flow:
    """Makes command rows; the same seed makes the same rows. Handles are those of a fresh engine."""

    def __init__(self, *, seed: int, accounts: int, instruments: int) -> None:
        self.accounts = accounts
        self.instruments = instruments
        self._random = np.random.default_rng(seed)
        self._trade_date = TRADE_DATE
        self._orders = 0
        self._reports = 0
        self._requests = 0
        self._names = _words(_numbered(b"A", np.arange(accounts + 1), 16))

    def definitions(self) -> np.ndarray:
        """What the reference log must know first: venue, instruments, accounts, strategies, limits."""
        account = np.arange(1, self.accounts + 1)
        owner = np.repeat(account, STRATEGIES_PER_ACCOUNT)
        venue = self._requested(CommandKind.SET_VENUE, 1)
        venue["text"] = b"XBENCH"
        rows = [
            venue,
            self._instrument_rows(),
            self._named(CommandKind.SET_ACCOUNT, b"A", account),
            self._named(CommandKind.SET_STRATEGY, b"S", np.arange(1, len(owner) + 1)),
            self._limits_rows(account),
            self._account_throttles(account),
            self._strategy_throttles(np.arange(1, len(owner) + 1)),
        ]
        rows[3]["account"] = owner
        return joined(rows)

    def money_limits(self, partition: int) -> np.ndarray:
        """COMMAND rows for the reference log: limits on money of each account, and of the firm, leased."""
        return joined([self._exposure_limits(np.arange(1, self.accounts + 1)), *self._firm_limit(partition)])

    def next_day(self) -> np.ndarray:
        """The next trade date of the venue: COMMAND rows for a partition; later orders are of that date."""
        tomorrow = date.fromisoformat(str(self._trade_date)) + timedelta(days=1)
        self._trade_date = int(tomorrow.strftime("%Y%m%d"))
        return self._day()

    def market(self) -> np.ndarray:
        """What the partition must know before the first order: the trade date and a mark an instrument."""
        marks = self._requested(CommandKind.SET_MARK, self.instruments)
        marks["instrument"] = np.arange(1, self.instruments + 1)
        marks["price"] = PRICE
        return joined([self._day(), marks])

    def _day(self) -> np.ndarray:
        day = self._requested(CommandKind.START_TRADING_DAY, 1)
        day["venue"] = 1
        day["trade_date"] = self._trade_date
        return day

    def wave(self, orders: int) -> tuple[np.ndarray, np.ndarray]:
        """The whole lives of the next `orders` orders: (command rows, the AnswerCode each must get)."""
        new = self._submits(orders)
        is_refused = new["qty"] == QTY_REFUSED
        live = new[~is_refused]
        replaced = live[::2]
        is_filled = np.arange(len(live)) % 4 != 0
        parts = [
            new,
            self._reports_on(live, ExecType.NEW),
            self._requests_on(replaced, CommandKind.REPLACE_ORDER, seq=2),
            self._reports_on(replaced, ExecType.REPLACED),
            self._reports_on(live, ExecType.TRADE, qty=QTY // 2),
            self._reports_on(live[is_filled], ExecType.TRADE, qty=QTY // 2),
            self._requests_on(live[~is_filled], CommandKind.CANCEL_ORDER, seq=3),
            self._reports_on(live[~is_filled], ExecType.CANCELED),
        ]
        codes = answer_rows(sum(map(len, parts)))["code"].copy()
        codes[:] = AnswerCode.ACCEPTED
        codes[: len(new)][is_refused] = AnswerCode.REJECTED
        return joined(parts), codes

    def resting(self, orders: int) -> np.ndarray:
        """The next `orders` orders, submitted and acknowledged; those that are not refused stay open."""
        new = self._submits(orders)
        return joined([new, self._reports_on(new[new["qty"] != QTY_REFUSED], ExecType.NEW)])

    def _submits(self, count: int) -> np.ndarray:
        number = self._orders + np.arange(count)
        self._orders += count
        rows = command_rows(count)
        rows["kind"] = CommandKind.SUBMIT_ORDER
        rows["lane"] = Lane.OWNER
        rows["seq"] = 1
        rows["account"] = 1 + self._random.integers(0, self.accounts, count)
        rows["strategy"] = (
            (rows["account"] - 1) * STRATEGIES_PER_ACCOUNT + 1 + number % STRATEGIES_PER_ACCOUNT
        )
        rows["instrument"] = self._instruments_of(rows["account"])
        rows["trade_date"] = self._trade_date
        rows["text"] = _numbered(b"C", number, 20)
        is_buy = self._random.integers(0, 2, count) == 1
        rows["side"] = np.where(is_buy, Side.BUY, Side.SELL)
        rows["ord_type"] = OrdType.LIMIT
        rows["time_in_force"] = TimeInForce.DAY
        away = self._random.integers(1, 100, count)
        rows["price"] = PRICE + np.where(is_buy, -away, away)
        rows["qty"] = np.where(number % REFUSED_EVERY == 0, QTY_REFUSED, QTY)
        fill_order_ids(rows, self._names[rows["account"]])
        return rows

    def _instruments_of(self, accounts: np.ndarray) -> np.ndarray:
        """One of the instruments that each account trades: a stretch of the list, for each another."""
        traded = min(INSTRUMENTS_PER_ACCOUNT, self.instruments)
        step = self._random.integers(0, traded, len(accounts))
        instruments: np.ndarray = 1 + (accounts.astype(np.int64) + step) % self.instruments
        return instruments

    def _requests_on(self, orders: np.ndarray, kind: CommandKind, *, seq: int) -> np.ndarray:
        rows = orders.copy()
        rows["kind"] = kind
        rows["seq"] = seq
        rows["text"] = _numbered(b"R", self._next_reports(len(rows)), 20)
        if kind == CommandKind.CANCEL_ORDER:
            rows["price"] = 0
            rows["qty"] = 0
        return rows

    def _reports_on(self, orders: np.ndarray, exec_type: ExecType, *, qty: int = 0) -> np.ndarray:
        rows = command_rows(len(orders))
        rows["order_id_hi"] = orders["order_id_hi"]
        rows["order_id_lo"] = orders["order_id_lo"]
        rows["kind"] = CommandKind.EXECUTION_REPORT
        rows["lane"] = Lane.VENUE
        rows["exec_type"] = exec_type
        rows["venue"] = 1
        rows["trade_date"] = self._trade_date
        rows["text"] = _numbered(b"E", self._next_reports(len(rows)), 20)
        rows["price"] = orders["price"] if qty else 0
        rows["qty"] = qty
        return rows

    def _next_reports(self, count: int) -> np.ndarray:
        self._reports += count
        return np.arange(self._reports - count, self._reports)

    def _requested(self, kind: CommandKind, count: int) -> np.ndarray:
        """Operator rows, each with a request id of its own."""
        rows = command_rows(count)
        rows["kind"] = kind
        rows["lane"] = Lane.OPERATOR
        rows["request_hi"] = 1
        rows["request_lo"] = self._requests + 1 + np.arange(count)
        self._requests += count
        return rows

    def _named(self, kind: CommandKind, prefix: bytes, numbers: np.ndarray) -> np.ndarray:
        rows = self._requested(kind, len(numbers))
        rows["text"] = _numbered(prefix, numbers, 16)
        return rows

    def _instrument_rows(self) -> np.ndarray:
        rows = self._named(CommandKind.SET_INSTRUMENT, b"I", np.arange(1, self.instruments + 1))
        wide = rows.view(INSTRUMENT_COMMAND)
        wide["venue"] = 1
        wide["tick"] = 1
        wide["lot"] = 1
        wide["multiplier"] = 1
        wide["price_scale"] = 4
        wide["currency"] = CURRENCY
        return rows

    def _limits_rows(self, accounts: np.ndarray) -> np.ndarray:
        rows = self._requested(CommandKind.SET_LIMITS, len(accounts))
        wide = rows.view(LIMITS_COMMAND)
        wide["account"] = accounts
        wide["max_order_qty"] = MAX_ORDER_QTY
        wide["max_order_notional"] = 10**16
        wide["max_long_qty"] = 10**12
        wide["max_short_qty"] = 10**12
        wide["collar_ppm"] = 50_000
        wide["orders_per_second"] = WIDE
        wide["burst"] = WIDE
        wide["mark_age_s"] = 50_000
        wide["soft_percent"] = 100
        wide["self_match"] = SelfMatchPrevention.CANCEL_AGGRESSIVE
        return rows

    def _exposure_limits(self, accounts: np.ndarray) -> np.ndarray:
        rows = self._requested(CommandKind.SET_EXPOSURE_LIMITS, len(accounts))
        wide = rows.view(EXPOSURE_LIMITS_COMMAND)
        wide["account"] = accounts
        wide["currency"] = CURRENCY
        for limit in MONEY_LIMITS:
            wide[limit] = LIMIT_MAX
        wide["has_max_drawdown"] = 1
        wide["soft_percent"] = 100
        return rows

    def _firm_limit(self, partition: int) -> list[np.ndarray]:
        """The firm's limit and a quarter of it for one partition, before its keeper asks for anything."""
        parts = []
        for kind, amount in (
            (CommandKind.SET_FIRM_LIMIT, LIMIT_MAX),
            (CommandKind.GRANT_LEASE, LIMIT_MAX // 4),
        ):
            rows = self._requested(kind, 1)
            wide = rows.view(LEASE_COMMAND)
            wide["currency"] = CURRENCY
            wide["amount"] = amount
            parts.append(rows)
        wide["partition"] = partition
        wide["ttl_ms"] = LEASE_MS
        return parts

    def _account_throttles(self, accounts: np.ndarray) -> np.ndarray:
        rows = self._requested(CommandKind.SET_THROTTLES, len(accounts))
        wide = rows.view(THROTTLES_COMMAND)
        wide["scope"] = Scope.ACCOUNT
        wide["account"] = accounts
        wide["open_orders_max"] = WIDE
        wide["repeats_max"] = WIDE
        wide["repeat_window_ms"] = 1_000
        return rows

    def _strategy_throttles(self, strategies: np.ndarray) -> np.ndarray:
        rows = self._requested(CommandKind.SET_THROTTLES, len(strategies))
        wide = rows.view(THROTTLES_COMMAND)
        wide["scope"] = Scope.STRATEGY
        wide["strategy"] = strategies
        wide["orders_per_second"] = WIDE
        wide["burst"] = WIDE
        wide["executions_max"] = WIDE
        wide["execution_window_ms"] = 1_000
        return rows


def _numbered(prefix: bytes, numbers: np.ndarray, width: int) -> np.ndarray:
    """Names like C00000000002A: a letter and twelve hexadecimal digits, S`width`."""
    text = np.zeros((len(numbers), width), np.uint8)
    text[:, 0] = prefix[0]
    for digit in range(12):
        nibble = (numbers >> (44 - 4 * digit)) & 15
        text[:, 1 + digit] = np.where(nibble < 10, 48 + nibble, 55 + nibble)
    return text.view(f"S{width}").reshape(-1)


def _words(names: np.ndarray) -> np.ndarray:
    return names.view(NAMES)
