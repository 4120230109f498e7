"""Fills through the product: orders and reports for the kernel, its events for the projection, then reads.

Nothing here computes a position or a profit; it writes commands and reads what positions and profit say.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from engine.client.command_rows import NAME_WORDS
from engine.kernel.kernel import FrameInWork, Kernel, StagedBlock
from engine.kernel.keys import fill_order_ids
from engine.kernel.tables import Capacity, new_tables
from engine.kernel.views import views_of
from engine.limits import MONEY_SCALE
from engine.projections.books import new_books
from engine.projections.changes import new_changes
from engine.projections.folding import fold_projection
from engine.projections.profit import PROFIT_MEASURES
from engine.reads.column_values import wide_ints
from engine.reads.position_rows import position_rows, take_positions
from engine.reads.sum_rows import profit_of
from engine.rows.commands import INSTRUMENT_COMMAND, LIMITS_COMMAND, REPORT_COMMAND, command_rows
from engine.rows.layout import joined
from engine.values import unscaled
from engine.vocabulary import AnswerCode, CommandKind, ExecType, Lane, OrdType, Side, TimeInForce

NOON_NS = 1_718_020_800 * 10**9
TRADE_DATE = 20240610
QTY_MOST = 10**12
FRAME_FILLS = 1_000


class Fill(NamedTuple):
    """One fill: the account's name, signed quantity and price, in units of the instrument's scales.

    `commission` is what the venue charges for it, in 10^-8 USD.
    """

    account: str
    qty: int
    price: int
    commission: int = 0


class Standing(NamedTuple):
    """What the product says of one account: its position, and its profit summed by account."""

    qty: Decimal
    average_price: Decimal
    realized: Decimal
    unrealized: Decimal
    cash: Decimal
    net: Decimal


class Trading:
    """One instrument, some accounts, a kernel that decides and a projection that follows it."""

    def __init__(
        self,
        accounts: Iterable[str],
        *,
        price_scale: int,
        qty_scale: int = 0,
        multiplier: int = 1,
        fills_max: int,
    ) -> None:
        self._accounts = sorted(set(accounts))
        # Twice the rows: a table that is nearly full takes no new orders.
        room = 2 * fills_max + 100
        capacity = Capacity(orders=room, executions=2 * room, requests=room, positions=100)
        self._kernel = Kernel(capacity)
        self._tables = new_tables(capacity)
        self._books = new_books(capacity.orders, capacity.instruments)
        self._changes = new_changes(self._tables)
        self._numbers = 0
        self._scales = price_scale, qty_scale
        self._fold(self._decide(self._definitions(multiplier)))

    def _definitions(self, multiplier: int) -> np.ndarray:
        venue = self._requests(CommandKind.SET_VENUE, [b"XNAS"])
        instrument = self._requests(CommandKind.SET_INSTRUMENT, [b"AMZN"])
        wide = instrument.view(INSTRUMENT_COMMAND)
        wide["venue"], wide["tick"], wide["lot"], wide["multiplier"] = 1, 1, 1, multiplier
        wide["price_scale"], wide["qty_scale"] = self._scales
        wide["currency"] = b"USD"
        handles = np.arange(1, len(self._accounts) + 1)
        accounts = self._requests(CommandKind.SET_ACCOUNT, [name.encode() for name in self._accounts])
        strategies = self._requests(CommandKind.SET_STRATEGY, [b"S-%d" % handle for handle in handles])
        limits = self._requests(CommandKind.SET_LIMITS, [b""] * len(handles))
        strategies["account"] = limits["account"] = handles
        terms = limits.view(LIMITS_COMMAND)
        for name in ("max_order_qty", "max_long_qty", "max_short_qty"):
            terms[name] = QTY_MOST
        terms["max_order_notional"], terms["collar_ppm"] = 10**18, 10**6
        terms["orders_per_second"], terms["burst"] = 10**6, 10**6
        day = self._requests(CommandKind.START_TRADING_DAY, [b""])
        day["venue"], day["trade_date"] = 1, TRADE_DATE
        return joined([venue, instrument, accounts, strategies, limits, day])

    def _requests(self, kind: CommandKind, names: list[bytes]) -> np.ndarray:
        rows = command_rows(len(names))
        rows["kind"], rows["lane"], rows["text"] = kind, Lane.OPERATOR, names
        rows["request_hi"], rows["request_lo"] = 1, self._next(len(names))
        return rows

    def _next(self, count: int) -> np.ndarray:
        self._numbers += count
        return np.arange(self._numbers - count, self._numbers) + 1

    def mark(self, price: int) -> None:
        """Value everything at a price from now on."""
        row = self._requests(CommandKind.SET_MARK, [b""])
        row["instrument"], row["price"] = 1, price
        self._fold(self._decide(row))

    def fill(self, *fills: Fill) -> None:
        """Submit, acknowledge and fill an order for each of these, and let the projection follow."""
        self._fold(self._decide(self._lives(fills)))

    def standings_after(self, fills: list[Fill]) -> Iterator[tuple[int, Standing]]:
        """Book many fills; gives each one's place and its account's standing right after it."""
        for start in range(0, len(fills), FRAME_FILLS):
            part = fills[start : start + FRAME_FILLS]
            events = self._decide(self._lives(part))
            rows_each = len(events) // len(part)
            for begin, end in _runs_of_strangers(part):
                self._fold(events[begin * rows_each : end * rows_each])
                standings = self.standings()
                for at in range(begin, end):
                    yield start + at, standings[part[at].account]

    def _lives(self, fills: Iterable[Fill]) -> np.ndarray:
        """Three command rows a fill: the order, the venue's New, the venue's Trade."""
        accounts, qtys, prices, commissions = zip(*fills, strict=True)
        rows = command_rows(3 * len(qtys))
        names = np.array([name.encode() for name in accounts], "S16")
        orders, news, trades = rows[0::3], rows[1::3], rows[2::3]
        for kind in (orders, news, trades):
            kind["account"] = kind["strategy"] = [self._accounts.index(name) + 1 for name in accounts]
            kind["instrument"], kind["trade_date"] = 1, TRADE_DATE
            kind["text"] = [b"%d" % number for number in self._next(len(qtys))]
        orders["kind"], orders["lane"], orders["seq"] = CommandKind.SUBMIT_ORDER, Lane.OWNER, 1
        orders["ord_type"], orders["time_in_force"] = OrdType.LIMIT, TimeInForce.DAY
        orders["side"] = np.where(np.array(qtys) > 0, Side.BUY, Side.SELL)
        orders["price"], orders["qty"] = prices, np.abs(qtys)
        fill_order_ids(orders, names.view(NAME_WORDS))
        for report, exec_type in ((news, ExecType.NEW), (trades, ExecType.TRADE)):
            report["kind"], report["lane"], report["venue"] = CommandKind.EXECUTION_REPORT, Lane.VENUE, 1
            report["exec_type"] = exec_type
            for name in ("order_id_hi", "order_id_lo"):
                report[name] = orders[name]
        trades["price"], trades["qty"] = orders["price"], orders["qty"]
        charged = rows.view(REPORT_COMMAND)[2::3]
        charged["commission"], charged["commission_currency"] = commissions, b"USD"
        return rows

    def _decide(self, commands: np.ndarray) -> np.ndarray:
        """The events of commands, every one of which must be accepted."""
        frame, block = FrameInWork(commands), StagedBlock(len(commands) + 1)
        assert self._kernel.decide(frame, block, NOON_NS, lambda offsets: offsets)
        assert (frame.answers["code"] == AnswerCode.ACCEPTED).all(), frame.answers
        return block.rows()

    def _fold(self, events: np.ndarray) -> None:
        rows = events.copy()
        fold_projection(views_of(rows), len(rows), self._tables, self._books, self._changes, NOON_NS)

    def standings(self) -> dict[str, Standing]:
        """Every account's position, as the positions and the profit by account tell it; they must agree."""
        rows = position_rows(take_positions(self._tables, 0, 0, 0))
        sums, _ = profit_of(self._tables, "account", 0)
        profits = {
            row["group"]: dict(zip(PROFIT_MEASURES, wide_ints(row["money"]), strict=False)) for row in sums
        }
        assert len(rows) == len(profits)
        standings = {}
        for row in rows:
            money = {name: _wide(row[name]) for name in ("average_price", "realized", "unrealized", "cash")}
            profit = profits[row["account"]]
            if row["is_priced"]:
                assert (profit["realized"], profit["unrealized"]) == (money["realized"], money["unrealized"])
                assert profit["total"] == money["realized"] + money["unrealized"]
            money["net"] = profit["net"]
            qty = unscaled(row["qty"], self._scales[1])
            standings[row["account"].decode()] = Standing(
                qty, **{name: unscaled(value, MONEY_SCALE) for name, value in money.items()}
            )
        return standings


def _wide(value: np.void) -> int:
    return int(value["hi"]) * 2**64 + int(value["lo"])


def _runs_of_strangers(fills: list[Fill]) -> Iterator[tuple[int, int]]:
    """Cut fills into the longest runs in which no account comes twice."""
    begin, seen = 0, set[str]()
    for at, fill in enumerate(fills):
        if fill.account in seen:
            yield begin, at
            begin, seen = at, set()
        seen.add(fill.account)
    yield begin, len(fills)
