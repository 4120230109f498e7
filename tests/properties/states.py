"""The whole state of kernel and model as plain values under the same names, ready to compare."""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.flags import InDoubt, Notice
from engine.kernel.money_rows import SUMS
from engine.kernel.tables import Tables, names_of
from engine.vocabulary import Life, TradingState
from tests.model import commands as model
from tests.model import reference_data, siphash
from tests.model import words as words_of_model
from tests.model.books import ExecutionKey
from tests.model.claims import key_of
from tests.model.exposure import FIRM, LedgerKey
from tests.model.orders import Order
from tests.model.partition import Partition
from tests.properties.lease_states import leases_of_kernel, leases_of_model
from tests.properties.translation import id_of

State = dict[str, Any]
"""Everything the two must agree on, as plain values."""


def state_of_kernel(tables: Tables) -> State:
    """The kernel's tables in the model's words; rows are read by the counters in the firm row."""
    firm = tables.firm[0]
    rows = {name: getattr(tables, name)[1 : int(firm[name]) + 1] for name in USED}
    rows |= {name: rows[name][rows[name][field] != 0] for name, field in ZERO_IF_FREE.items()}
    orders = tables.orders
    return {
        "next_offset": int(firm["next_offset"]),
        "scope_version": int(firm["version"]),
        "trading_state": TradingState(firm["trading_state"]).name,
        "halt_state": _halt(firm["halt_state"]),
        "open_orders": int(firm["open_orders"]),
        "orders": {_key(row): _order_of_kernel(row, tables.terms) for row in rows["orders"]},
        "replaced_ids": {_key(row): _key(orders[row["order"]]) for row in rows["aliases"]},
        "executions": {
            _key(row): (int(row["offset"]), _key(orders[row["order"]]), *_execution_of_kernel(row))
            for row in rows["executions"]
            if not row["is_awaited"]
        },
        "held": _held_of_kernel(tables),
        "awaited": {_key(row) for row in rows["executions"] if row["is_awaited"]},
        "requests": {
            _key(row): tuple(int(row[name]) for name in REQUEST_NUMBERS) for row in rows["requests"]
        },
        "positions": {_parties(row): _position_of_kernel(row) for row in rows["positions"]},
        "fills": {_parties(row): _fills_of_kernel(tables, row) for row in rows["positions"]},
        "holdings": {_parties(row): _holding_of_kernel(row) for row in rows["holdings"]},
        "limits": {_parties(row): tuple(int(row[name]) for name in LIMITS_NUMBERS) for row in rows["limits"]},
        "accounts": _named(
            rows["accounts"], *ACCOUNT_FIELDS, "rate_full_ns", "repeat_window_ns", "open_orders"
        ),
        "strategies": _named(
            rows["strategies"], *STRATEGY_FIELDS, "rate_full_ns", "rate_interval_ns", "execution_window_ns"
        ),
        "instruments": _named(rows["instruments"], *INSTRUMENT_FIELDS, "money_factor"),
        "venues": _named(rows["venues"], "version", "trading_state", "halt_state", "trade_date"),
        "principals": _named(rows["principals"], "version"),
        "rates": {
            (_word(row["currency"]), _word(row["settl_currency"])): tuple(int(row[n]) for n in RATE_NUMBERS)
            for row in rows["rates"]
        },
        **leases_of_kernel(tables),
        "ledgers": {
            (int(row["account"]), _word(row["currency"])): _ledger_of_kernel(row) for row in rows["ledgers"]
        },
        "fees": {
            (*_parties(position), currency): amount
            for position in rows["positions"]
            for currency, amount in _fees_of_kernel(tables, position)
        },
    }


def _held_of_kernel(tables: Tables) -> dict[int, list[int]]:
    """The keys of the reports that are held of each order, in the order in which they came."""
    held: dict[int, list[int]] = {}
    for first in map(int, tables.orphan_index[tables.orphan_index != 0]):
        reports = held[_key(tables.orphans[first])] = []
        slot = first
        while not reports or slot != first:
            reports.append(_key(tables.executions[tables.orphans[slot]["execution"]]))
            slot = int(tables.orphans[slot]["next"])
    firm = tables.firm[0]
    assert sum(map(len, held.values())) == firm["orphans"] - firm["free_orphans"], "a row is in no ring"
    return held


USED = (
    "orders",
    "aliases",
    "executions",
    "requests",
    "positions",
    "holdings",
    "limits",
    "accounts",
    "strategies",
    "instruments",
    "venues",
    "principals",
    "rates",
    "ledgers",
)
ZERO_IF_FREE = {"orders": "account", "aliases": "order", "executions": "offset"}
"""What a row has unless it was given back."""
ORDER_NUMBERS = ("account", "instrument", "strategy", "price", "order_qty", "cum_qty", "version", "last_seq")
TERMS_NUMBERS = ("stop_px", "min_qty", "display_qty", "expire_s")
ORDER_CHARACTERS = ("side", "ord_type", "time_in_force")
POSITION_NUMBERS = ("qty", "open_cost", "realized", "cash", "buy_qty", "sell_qty", "version")
REQUEST_NUMBERS = ("offset", "is_done", "has_conflict", "count")
RATE_NUMBERS = ("numerator", "denominator", "observed_ns", "version")
LIMITS_NUMBERS = (
    "version",
    "max_order_qty",
    "max_order_notional",
    "max_long_qty",
    "max_short_qty",
    "collar_ppm",
    "soft_percent",
    "mark_age_s",
    "self_match",
    "rate_interval_ns",
    "rate_burst_ns",
)
EXPOSURE_NUMBERS = (
    "version",
    "max_gross",
    "max_net",
    "max_credit",
    "max_working_notional",
    "max_loss",
    "max_drawdown",
    "has_max_drawdown",
    "fx_age_s",
    "soft_percent",
    "is_breached",
    "lost",
    "is_drawn_down",
    "drawdown",
)
ACCOUNT_FIELDS = ("version", "trading_state", "halt_state", "open_orders_max", "repeats_max")
STRATEGY_FIELDS = (
    "version",
    "trading_state",
    "halt_state",
    "account",
    "executions_max",
    "executions",
    "executions_ns",
    "is_tripped",
)
INSTRUMENT_FIELDS = (
    "version",
    "trading_state",
    "halt_state",
    "venue",
    "tick",
    "lot",
    "multiplier",
    "price_scale",
    "qty_scale",
    "mark_band_ppm",
    "min_lots",
    "max_lots",
    "flags",
    "currency",
    "mark",
    "mark_ns",
    "mark_offset",
)


def wide_of(row: np.void, name: str) -> int:
    """A 128-bit number of a row."""
    return (int(row[f"{name}_hi"]) << 64) + int(row[f"{name}_lo"])


def _key(row: np.void) -> int:
    return (int(row["key_hi"]) << 64) + int(row["key_lo"])


def _parties(row: np.void) -> tuple[int, ...]:
    names = row.dtype.names or ()
    return tuple(int(row[name]) for name in ("account", "strategy", "instrument") if name in names)


def _order_of_kernel(row: np.void, terms: np.ndarray) -> State:
    is_replacing = bool(row["is_replacing"])
    return {
        **{name: int(row[name]) for name in ORDER_NUMBERS},
        **{name: chr(row[name]) for name in ORDER_CHARACTERS},
        "cum_value": wide_of(row, "cum_value"),
        "life": Life(row["life"]).name,
        "is_canceling": bool(row["is_canceling"]),
        "in_doubt": {request.name for request in InDoubt if request & row["in_doubt"]},
        "has_gap": bool(row["breaks"] & 1),
        "is_overfilled": bool(row["breaks"] & 2),
        "venue_cum_qty": int(row["venue_cum_qty"]) if row["breaks"] & 4 else None,
        "venue_cum_ns": int(row["venue_cum_ns"]),
        "notices": {notice.name for notice in Notice if notice & row["notices"]},
        "replace": _replace_of_kernel(row, terms) if is_replacing else None,
        **{name: int(terms[row["terms"]][name]) for name in TERMS_NUMBERS},
        "exec_inst": int(row["exec_inst"]),
        "has_conflict": bool(row["has_conflict"]),
        "has_books": bool(row["position"]),
    }


def _replace_of_kernel(row: np.void, terms: np.ndarray) -> tuple[int, ...]:
    """The replace in flight; a stop price only where the order waits for one."""
    stop_px = int(terms[row["terms"]]["pending_stop_px"]) if row["terms"] else 0
    return int(row["pending_price"]), int(row["pending_qty"]), stop_px


def _execution_of_kernel(row: np.void) -> tuple[Any, ...]:
    """What a report was; what it traded is compared as fills."""
    return chr(row["exec_type"]), bool(row["has_conflict"])


def _position_of_kernel(row: np.void) -> State:
    wide = {"open_cost", "realized", "cash"}
    numbers = {name: wide_of(row, name) if name in wide else int(row[name]) for name in POSITION_NUMBERS}
    return numbers | _working_of_kernel(row)


def _fills_of_kernel(tables: Tables, position: np.void) -> list[tuple[int, int, int]]:
    """(time, signed quantity, price) of a position's fills, the earliest first."""
    fills, slot = [], int(position["last_fill"])
    while slot:
        row = tables.fills[slot]
        fills.append((int(row["ts_event"]), int(row["qty"]), int(row["price"])))
        slot = int(row["prev"])
    return fills[::-1]


def _word(currency: int) -> bytes:
    """A currency's letters, from a word that holds them."""
    return int(currency).to_bytes(3, "little").rstrip(b"\0")


def _fees_of_kernel(tables: Tables, position: np.void) -> list[tuple[bytes, int]]:
    """What a position has paid: (currency, amount)."""
    slot, found = int(position["first_fee"]), []
    while slot:
        fee = tables.fees[slot]
        found.append((_word(fee["currency"]), wide_of(fee, "amount")))
        slot = int(fee["next_of_position"])
    return found


def _ledger_of_kernel(row: np.void) -> State:
    """An account's sums in a currency, and its limits."""
    money = (int(hi) << 64 | int(lo) for hi, lo in row["money"])
    sums = (number - (number >> 127 << 128) for number in money)
    return {
        **dict(zip(SUMS, sums, strict=True)),
        "unpriced": int(row["unpriced"]),
        "start": None if row["is_start_awaited"] else wide_of(row, "start"),
        "limits": tuple(int(row[name]) for name in EXPOSURE_NUMBERS) if row["is_limited"] else None,
        "peak": wide_of(row, "peak"),
    }


def _holding_of_kernel(row: np.void) -> State:
    return {"qty": int(row["qty"])} | _working_of_kernel(row)


def _working_of_kernel(row: np.void) -> State:
    return {
        "working_buy": (int(row["working_buy_qty"]), wide_of(row, "working_buy_value")),
        "working_sell": (int(row["working_sell_qty"]), wide_of(row, "working_sell_value")),
    }


def _named(rows: np.ndarray, *columns: str) -> dict[int, tuple[Any, ...]]:
    """By handle: the name and some columns; a trading state by its name, a currency as text."""
    read: dict[str, Callable[[Any], Any]] = {
        "trading_state": lambda code: TradingState(code).name,
        "halt_state": _halt,
        "currency": bytes,
    }
    return {
        handle: (bytes(name), *(read.get(column, int)(row[column]) for column in columns))
        for handle, (name, row) in enumerate(zip(names_of(rows), rows, strict=True), start=1)
    }


MILLISECOND_NS = 10**6


def _halt(code: Any) -> str | None:
    """The name of a halt, None where there is none."""
    return TradingState(code).name if code else None


def state_of_model(partition: Partition) -> State:
    """The model's state, keyed as the kernel's."""
    return {
        "next_offset": partition.next_offset,
        "scope_version": partition.scope_version,
        "trading_state": partition.trading_state,
        "halt_state": partition.halt_state,
        "open_orders": sum(order.leaves_qty > 0 for order in partition.orders.values()),
        "orders": {id_of(key): _order_of_model(order) for key, order in partition.orders.items()},
        "replaced_ids": {id_of(key): id_of(order_id) for key, order_id in partition.replaced_ids.items()},
        "executions": {
            execution_number(key): _execution_of_model(partition, key) for key in partition.executions
        },
        "held": {
            id_of(order_id): [execution_number(key_of(report)) for report in reports]
            for order_id, reports in partition.held.items()
            if reports
        },
        "awaited": {siphash.execution_key(*key) for key in partition.families.awaited()},
        "requests": {number: _request_of_model(partition, number) for number in partition.requests},
        "positions": {key: _position_of_model(partition, key) for key in partition.positions},
        "fills": {
            key: [(fill.at_ns, fill.qty, fill.price) for fill in position.fills]
            for key, position in partition.positions.items()
        },
        "holdings": {key: _holding_of_model(partition, key) for key in partition.holdings},
        "limits": {key: _limits_of_model(limits) for key, limits in partition.limits.items()},
        "accounts": {
            handle: (
                row.name,
                *(getattr(row, name) for name in ACCOUNT_FIELDS),
                row.full_ns,
                row.repeat_window_ms * MILLISECOND_NS,
                partition.open_orders(handle),
            )
            for handle, row in partition.accounts.rows.items()
        },
        "strategies": {
            handle: (
                row.name,
                *(getattr(row, name) for name in STRATEGY_FIELDS),
                row.full_ns,
                row.interval_ns,
                row.execution_window_ms * MILLISECOND_NS,
            )
            for handle, row in partition.strategies.rows.items()
        },
        "instruments": _model_named(partition.instruments, *INSTRUMENT_FIELDS, "factor"),
        "venues": _model_named(partition.venues, "version", "trading_state", "halt_state", "trade_date"),
        "principals": _model_named(partition.principals, "version"),
        "rates": {
            pair: tuple(getattr(rate, name) for name in RATE_NUMBERS)
            for pair, rate in partition.rates.rows.items()
        },
        **leases_of_model(partition.leases),
        "ledgers": {key: _ledger_of_model(partition, key) for key in _ledger_keys(partition)},
        "fees": dict(partition.fees.paid),
    }


def execution_number(key: ExecutionKey) -> int:
    """The 128-bit key of a report; that of a 35=9 is mixed with the id of the order that it is about."""
    return siphash.execution_key(*key[:3]) ^ id_of(key[3])


def _execution_of_model(partition: Partition, key: ExecutionKey) -> tuple[Any, ...]:
    report, answer = partition.executions[key]
    member = partition.families.members.get(key[:3]) if isinstance(report, model.ExecutionReport) else None
    order_id = member.order_id if member else None
    if member is None and (answer.code != words_of_model.Code.REJECTED or key in partition.claimed):
        order_id = report.order_id
    exec_type = "\0" if isinstance(report, model.CancelReject) else report.exec_type
    return (
        answer.offset,
        0 if order_id is None else id_of(order_id),
        exec_type,
        key in partition.execution_conflicts,
    )


def _request_of_model(partition: Partition, number: int) -> tuple[int, ...]:
    """A mass cancel is done when it is answered, and counts what it asked to cancel."""
    command, answer = partition.requests[number]
    is_doubt = isinstance(command, model.MarkInDoubt) and command.scope == words_of_model.Scope.VENUE
    count = answer.cum_qty if is_doubt or isinstance(command, model.MassCancel) else 0
    return answer.offset, True, number in partition.request_conflicts, count


def _limits_of_model(limits: reference_data.Limits) -> tuple[int, ...]:
    numbers = [getattr(limits, name) for name in LIMITS_NUMBERS[:-2]]
    return *numbers, limits.interval_ns, limits.interval_ns * limits.burst


def _ledger_keys(partition: Partition) -> list[LedgerKey]:
    """Whose sums are looked at, the firm's where it has a limit."""
    return [*partition.starts, *(LedgerKey(FIRM, currency) for currency in partition.leases.limits)]


def _ledger_of_model(partition: Partition, key: LedgerKey) -> State:
    sums, limits = partition.measured(key), partition.exposure_limits.get(key)
    return {
        **{name: sums[name] for name in SUMS},
        "unpriced": partition.unpriced(key),
        "start": partition.starts.get(key, 0),
        "limits": tuple(int(getattr(limits, name)) for name in EXPOSURE_NUMBERS) if limits else None,
        "peak": limits.peak if limits else 0,
    }


def _order_of_model(order: Order) -> State:
    return {
        **{name: getattr(order, name) for name in ORDER_NUMBERS},
        **{name: str(getattr(order, name)) for name in ORDER_CHARACTERS},
        "cum_value": order.cum_value,
        "life": order.life,
        "is_canceling": order.is_canceling,
        "in_doubt": order.in_doubt,
        "has_gap": order.has_gap,
        "is_overfilled": order.is_overfilled,
        "venue_cum_qty": order.stated.cum_qty if order.stated else None,
        "venue_cum_ns": order.stated.as_of if order.stated else 0,
        "notices": order.notices,
        "replace": _replace_of_model(order) if order.replace else None,
        **{name: getattr(order, name) for name in (*TERMS_NUMBERS, "exec_inst")},
        "has_conflict": order.has_conflict,
        "has_books": order.has_books,
    }


def _replace_of_model(order: Order) -> tuple[int, ...]:
    assert order.replace
    return order.replace.price, order.replace.qty, order.replace.stop_px


def _position_of_model(partition: Partition, key: tuple[int, int, int]) -> State:
    account, strategy, instrument = key
    position = partition.positions[key]
    numbers: State = {name: getattr(position, name) for name in POSITION_NUMBERS}
    return numbers | _working_of_model(partition, account, instrument, strategy)


def _holding_of_model(partition: Partition, key: tuple[int, int]) -> State:
    return {"qty": partition.held_qty(*key)} | _working_of_model(partition, *key, None)


def _working_of_model(partition: Partition, account: int, instrument: int, strategy: int | None) -> State:
    return {
        "working_buy": partition.working("1", account, instrument, strategy),
        "working_sell": partition.working("2", account, instrument, strategy),
    }


def _model_named(names: reference_data.Names[Any], *columns: str) -> dict[int, tuple[Any, ...]]:
    return {
        handle: (row.name, *(getattr(row, column) for column in columns))
        for handle, row in names.rows.items()
    }
