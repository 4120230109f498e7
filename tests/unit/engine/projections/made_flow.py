"""Made order flow: a seeded stream of commands and reports, decided by a kernel into blocks of events.

It is what the projections fold in these tests: instruments of different scales and currencies, accounts with
strategies, orders accepted, filled, overfilled, replaced, restated, canceled, expired, rejected
and denied, marks that move, limits and states that change.
"""

from typing import NamedTuple

import numpy as np

from engine.client.accepted_words import EXEC_TYPES
from engine.kernel.kernel import FrameInWork, Kernel, StagedBlock
from engine.kernel.keys import fill_order_ids
from engine.kernel.tables import Capacity
from engine.rows.commands import COMMAND, INSTRUMENT_COMMAND, LIMITS_COMMAND, REPORT_COMMAND, command_rows
from engine.rows.events import HEAD
from engine.vocabulary import (
    CommandKind,
    EventKind,
    ExecType,
    Lane,
    Life,
    OrdType,
    Scope,
    Side,
    TimeInForce,
    TradingState,
)

SMALL = Capacity(
    orders=4_096,
    executions=16_384,
    requests=2_048,
    positions=256,
    limits=64,
    accounts=8,
    strategies=16,
    instruments=8,
    venues=4,
    principals=4,
)
TRADE_DATE = 20240610
START_NS = 1_718_000_000 * 10**9
ACCOUNTS, STRATEGIES_EACH = 3, 2
INSTRUMENTS = [  # name, price scale, quantity scale, multiplier, currency, first mark
    (b"AAPL", 2, 0, 1, b"USD", 19_000),
    (b"SAP", 3, 0, 1, b"EUR", 170_000),
    (b"ESM4", 2, 0, 50, b"USD", 520_000),
    (b"BTC", 2, 4, 1, b"EUR", 6_500_000),
]


class MadeBlock(NamedTuple):
    """Events as a log would give them: rows of HEAD dtype and the time of their block."""

    rows: np.ndarray
    now_ns: int


class MadeFlow:
    """A kernel, everything it has decided, and a generator of what comes next."""

    def __init__(self, seed: int, capacity: Capacity = SMALL) -> None:
        self.kernel = Kernel(capacity)
        self.blocks: list[MadeBlock] = []
        self._random = np.random.default_rng(seed)
        self._numbers = 0
        self.decide(self._definitions())

    @property
    def rows(self) -> np.ndarray:
        """Every event so far."""
        return np.frombuffer(b"".join(block.rows.tobytes() for block in self.blocks), HEAD)

    def run(self, frames: int, commands: int = 24) -> "MadeFlow":
        """Decide so many frames of so many commands each."""
        for _ in range(frames):
            self.decide(_frame([self._command() for _ in range(commands)]))
        return self

    def decide(self, commands: np.ndarray) -> np.ndarray:
        """Decide one frame into blocks of its own and give its answers."""
        frame, block = FrameInWork(commands), StagedBlock(64)
        now_ns = START_NS + len(self.blocks) * 10**9
        is_decided = False
        while not is_decided:
            is_decided = self.kernel.decide(frame, block, now_ns, lambda offsets: self.rows[offsets])
            if block.used:
                # Writable, as a projector's rows are: another type would be compiled for half a minute.
                rows = np.frombuffer(bytearray(block.rows().tobytes()), HEAD)
                self.blocks.append(MadeBlock(rows, now_ns))
                block.used = 0
        return frame.answers

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _request(self, kind: CommandKind, text: bytes = b"", **fields: int) -> np.ndarray:
        row = command_rows(1)
        row["kind"], row["lane"], row["text"] = kind, Lane.OPERATOR, text
        row["request_hi"], row["request_lo"] = 7, self._number()
        for name, value in fields.items():
            row[name] = value
        return row

    def _definitions(self) -> np.ndarray:
        rows = [self._request(CommandKind.SET_VENUE, b"XNAS")]
        rows += [self._instrument(*row[:5]) for row in INSTRUMENTS]
        for account in range(1, ACCOUNTS + 1):
            rows.append(self._request(CommandKind.SET_ACCOUNT, b"ACC-%d" % account))
            rows += [
                self._request(CommandKind.SET_STRATEGY, b"S-%d-%d" % (account, number), account=account)
                for number in range(STRATEGIES_EACH)
            ]
            rows.append(self._limits(account))
        rows += [self._mark(number + 1, row[5]) for number, row in enumerate(INSTRUMENTS)]
        rows.append(self._request(CommandKind.START_TRADING_DAY, venue=1, trade_date=TRADE_DATE))
        return _frame(rows)

    def _instrument(self, name: bytes, price: int, qty: int, multiplier: int, currency: bytes) -> np.ndarray:
        row = self._request(CommandKind.SET_INSTRUMENT, name, venue=1)
        wide = row.view(INSTRUMENT_COMMAND)
        wide["tick"], wide["lot"], wide["multiplier"] = 1, 1, multiplier
        wide["price_scale"], wide["qty_scale"], wide["currency"] = price, qty, currency
        return row

    def _limits(self, account: int, instrument: int = 0) -> np.ndarray:
        row = self._request(CommandKind.SET_LIMITS, account=account, instrument=instrument)
        wide = row.view(LIMITS_COMMAND)
        wide["max_order_qty"], wide["max_order_notional"] = 900, 10**18
        wide["max_long_qty"], wide["max_short_qty"] = 10**9, 10**9
        wide["collar_ppm"], wide["orders_per_second"], wide["burst"] = 10**5, 10**6, 10**6
        return row

    def _mark(self, instrument: int, price: int) -> np.ndarray:
        return self._request(CommandKind.SET_MARK, instrument=instrument, price=price)

    def _command(self) -> np.ndarray:
        """The next command: mostly orders and what venues say about them."""
        dice = self._random.random()
        used = int(self.kernel.tables.firm["orders"][0])
        if dice < 0.30 or used == 0:
            return self._submit()
        if dice < 0.36:
            return self._operate()
        slot = int(self._random.integers(max(1, used - 60), used + 1))
        if dice < 0.48:
            return self._owner_request(slot)
        return self._report(slot)

    def _submit(self) -> np.ndarray:
        row = command_rows(1)
        account = int(self._random.integers(1, ACCOUNTS + 1))
        instrument = int(self._random.integers(1, len(INSTRUMENTS) + 1))
        row["kind"], row["lane"], row["seq"] = CommandKind.SUBMIT_ORDER, Lane.OWNER, 1
        row["account"], row["instrument"] = account, instrument
        row["strategy"] = (account - 1) * STRATEGIES_EACH + self._random.integers(1, STRATEGIES_EACH + 1)
        row["trade_date"], row["text"] = TRADE_DATE, b"C-%d" % self._number()
        self._terms(row, instrument)
        fill_order_ids(row, self.kernel.tables.accounts[row["account"]])
        return row

    def _terms(self, row: np.ndarray, instrument: int) -> None:
        row["side"] = self._random.choice([Side.BUY, Side.SELL])
        row["ord_type"], row["time_in_force"] = OrdType.LIMIT, TimeInForce.DAY
        row["price"] = INSTRUMENTS[instrument - 1][5] + self._random.integers(-12, 13)
        row["qty"] = self._random.integers(1, 1_000)

    def _owner_request(self, slot: int) -> np.ndarray:
        order = self.kernel.tables.orders[slot]
        row = command_rows(1)
        row["lane"], row["seq"] = Lane.OWNER, order["last_seq"] + 1
        row["order_id_hi"], row["order_id_lo"] = order["key_hi"], order["key_lo"]
        row["kind"] = self._random.choice([CommandKind.REPLACE_ORDER, CommandKind.CANCEL_ORDER])
        row["text"] = b"C-%d" % self._number()
        for name in ("account", "instrument", "strategy"):
            row[name] = order[name]
        self._terms(row, int(order["instrument"]))
        row["side"] = order["side"]
        return row

    def _report(self, slot: int) -> np.ndarray:
        order = self.kernel.tables.orders[slot]
        row = command_rows(1)
        row["kind"], row["lane"], row["venue"] = CommandKind.EXECUTION_REPORT, Lane.VENUE, 1
        row["trade_date"], row["text"] = TRADE_DATE, b"E-%d" % self._number()
        row["order_id_hi"], row["order_id_lo"] = order["key_hi"], order["key_lo"]
        row["exec_type"] = self._exec_type(int(order["life"]))
        row["price"] = order["price"] + self._random.integers(-1, 2)
        row["qty"] = self._random.integers(1, 400)
        row["leaves_qty"] = self._random.integers(0, 400)
        if row["exec_type"] == ExecType.TRADE:
            self._charge(row.view(REPORT_COMMAND))
        return row

    def _charge(self, report: np.ndarray) -> None:
        """What the venue asks for a trade: something or nothing, now and then a rebate, in two currencies."""
        number = self._number()
        report["commission"] = (number % 7 - 2) * 10**6 + number
        report["commission_currency"] = b"USD" if number % 3 else b"GBP"

    def _exec_type(self, life: int) -> int:
        """What a venue says: an order is mostly accepted first, then mostly filled."""
        if life == Life.PENDING_NEW and self._random.random() < 0.7:
            return ExecType.NEW
        weights = np.array([6 if kind == ExecType.TRADE else 1 for kind in EXEC_TYPES])
        return int(self._random.choice(EXEC_TYPES, p=weights / weights.sum()))

    def _operate(self) -> np.ndarray:
        """A mark, a limit, a state, now and then a mass cancel."""
        dice = self._random.random()
        instrument = int(self._random.integers(1, len(INSTRUMENTS) + 1))
        account = int(self._random.integers(1, ACCOUNTS + 1))
        if dice < 0.6:
            price = INSTRUMENTS[instrument - 1][5] + int(self._random.integers(-10, 11))
            return self._mark(instrument, price)
        if dice < 0.8:
            return self._limits(account, instrument)
        if dice < 0.95:
            state = self._random.choice([TradingState.ACTIVE, TradingState.REDUCING])
            return self._request(
                CommandKind.SET_TRADING_STATE, scope=Scope.ACCOUNT, account=account, trading_state=state
            )
        return self._request(CommandKind.MASS_CANCEL, scope=Scope.INSTRUMENT, instrument=instrument)


def _frame(rows: list[np.ndarray]) -> np.ndarray:
    """The rows one behind the other; NumPy's own way would drop bytes that no field covers."""
    return np.frombuffer(bytearray(b"".join(row.tobytes() for row in rows)), COMMAND)


def kinds_of(rows: np.ndarray) -> set[EventKind]:
    """Which kinds of event a flow holds."""
    return {EventKind(int(kind)) for kind in np.unique(rows["kind"])}
