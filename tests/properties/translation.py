"""Between the model's words and the kernel's rows: commands to rows, answers and tables to plain values."""

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.kernel.tables import Capacity, Tables, names_of
from engine.rows.commands import COMMAND, INSTRUMENT_COMMAND, LIMITS_COMMAND, command_rows
from engine.vocabulary import (
    AnswerCode,
    Check,
    CommandKind,
    Lane,
    Life,
    OrdStatus,
    Reason,
    Scope,
    TradingState,
)
from tests.model import commands as model
from tests.model import reference_data, siphash
from tests.model import words as words_of_model
from tests.model.answers import Answer
from tests.model.orders import Order
from tests.model.partition import Partition

KINDS = {
    model.SubmitOrder: CommandKind.SUBMIT_ORDER,
    model.ReplaceOrder: CommandKind.REPLACE_ORDER,
    model.CancelOrder: CommandKind.CANCEL_ORDER,
    model.MassCancel: CommandKind.MASS_CANCEL,
    model.ExecutionReport: CommandKind.EXECUTION_REPORT,
    model.SetVenue: CommandKind.SET_VENUE,
    model.SetInstrument: CommandKind.SET_INSTRUMENT,
    model.SetAccount: CommandKind.SET_ACCOUNT,
    model.SetStrategy: CommandKind.SET_STRATEGY,
    model.SetPrincipal: CommandKind.SET_PRINCIPAL,
    model.SetLimits: CommandKind.SET_LIMITS,
    model.SetTradingState: CommandKind.SET_TRADING_STATE,
    model.SetMark: CommandKind.SET_MARK,
    model.StartTradingDay: CommandKind.START_TRADING_DAY,
}
DTYPES = {model.SetInstrument: INSTRUMENT_COMMAND, model.SetLimits: LIMITS_COMMAND}
TEXTS = ("cl_ord_id", "exec_id", "name")
CHARACTERS = ("side", "ord_type", "time_in_force", "exec_type")


def rows_of(commands: list[model.Command]) -> np.ndarray:
    """One COMMAND row a command."""
    rows = command_rows(len(commands))
    for row, command in zip(np.split(rows, len(commands)) if commands else [], commands, strict=True):
        _fill(row.view(DTYPES.get(type(command), COMMAND)), command)
    return rows


def _fill(row: np.ndarray, command: model.Command) -> None:
    """Write a command's fields into a one-row array; the names are the same wherever they can be."""
    row["kind"] = command.kind if isinstance(command, model.UnknownCommand) else KINDS[type(command)]
    for name, value in vars(command).items():
        _write(row, name, value)


def _write(row: np.ndarray, name: str, value: Any) -> None:
    if name == "lane":
        row["lane"] = code_of(Lane, value)
    elif name == "order_id":
        row["order_id_hi"], row["order_id_lo"] = words_of(id_of(value))
    elif name == "request_id":
        row["request_hi"], row["request_lo"] = words_of(value)
    elif name == "scope":
        row["scope"] = code_of(Scope, value)
    elif name == "state":
        row["trading_state"] = code_of(TradingState, value)
    elif name in TEXTS:
        row["text"] = value
    elif name in CHARACTERS:
        row[name] = ord(value)
    elif name != "kind":
        row[name] = value


def code_of(words: Any, name: str) -> int:
    """The engine's code for a word; 99 for one that it does not have."""
    return int(words[name]) if name in words.__members__ else 99


def id_of(order_id: model.OrderId) -> int:
    """The 128-bit number of an order id: by the published function, or itself where it is nobody's."""
    return siphash.order_id(*order_id) if isinstance(order_id, tuple) else int(order_id)  # type: ignore[call-overload]


def words_of(number: int) -> tuple[int, int]:
    """A 128-bit number as two words."""
    return number >> 64, number & (2**64 - 1)


def answer_of(row: np.void) -> Answer:
    """An ANSWER row in the model's words."""
    original = int(row["original_code"])
    return Answer(
        code=words_of_model.Code(AnswerCode(int(row["code"])).name),
        reason=words_of_model.Reason(Reason(int(row["reason"])).name),
        check=words_of_model.Check(Check(int(row["check"])).name),
        status=words_of_model.Status(OrdStatus(int(row["status"])).name),
        original_code=words_of_model.Code(AnswerCode(original).name) if original else None,
        **{name: int(row[name]) for name in NUMBERS},
    )


NUMBERS = (
    "offset",
    "version",
    "cum_qty",
    "leaves_qty",
    "limit",
    "observed",
    "mark",
    "limits_version",
    "expected_seq",
    "handle",
)


def engine_capacity(capacity: reference_data.Capacity) -> Capacity:
    """The same capacity for the kernel."""
    return Capacity(**vars(capacity))


State = dict[str, Any]
"""Everything the two must agree on, as plain values."""


def state_of_kernel(tables: Tables) -> State:
    """The kernel's tables in the model's words; rows are read by the counters in the firm row."""
    firm = tables.firm[0]
    rows = {name: getattr(tables, name)[1 : int(firm[name]) + 1] for name in USED}
    orders = tables.orders
    return {
        "next_offset": int(firm["next_offset"]),
        "scope_version": int(firm["version"]),
        "trading_state": TradingState(firm["trading_state"]).name,
        "open_orders": int(firm["open_orders"]),
        "orders": {_key(row): _order_of_kernel(row) for row in rows["orders"]},
        "replaced_ids": {_key(row) for row in rows["aliases"]},
        "executions": {
            _key(row): (int(row["offset"]), _key(orders[row["order"]]), bool(row["has_conflict"]))
            for row in rows["executions"]
        },
        "requests": {
            _key(row): (int(row["offset"]), bool(row["is_done"]), bool(row["has_conflict"]))
            for row in rows["requests"]
        },
        "positions": {_parties(row): _position_of_kernel(row) for row in rows["positions"]},
        "holdings": {_parties(row): _holding_of_kernel(row) for row in rows["holdings"]},
        "limits": {
            (int(row["account"]), int(row["instrument"])): int(row["version"]) for row in rows["limits"]
        },
        "accounts": _named(rows["accounts"], "version", "trading_state", "rate_full_ns"),
        "strategies": _named(rows["strategies"], "version", "trading_state", "account"),
        "instruments": _named(rows["instruments"], "version", "trading_state", *INSTRUMENT_NUMBERS),
        "venues": _named(rows["venues"], "version", "trade_date"),
        "principals": _named(rows["principals"], "version"),
    }


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
)
ORDER_NUMBERS = ("account", "instrument", "strategy", "price", "order_qty", "cum_qty", "version", "last_seq")
POSITION_NUMBERS = ("qty", "open_cost", "realized", "cash", "buy_qty", "sell_qty")
INSTRUMENT_NUMBERS = ("venue", "tick", "lot", "mark", "mark_ns", "mark_offset")


def wide_of(row: np.void, name: str) -> int:
    """A 128-bit number of a row."""
    return (int(row[f"{name}_hi"]) << 64) + int(row[f"{name}_lo"])


def _key(row: np.void) -> int:
    return (int(row["key_hi"]) << 64) + int(row["key_lo"])


def _parties(row: np.void) -> tuple[int, ...]:
    names = row.dtype.names or ()
    return tuple(int(row[name]) for name in ("account", "strategy", "instrument") if name in names)


def _order_of_kernel(row: np.void) -> State:
    is_replacing = bool(row["is_replacing"])
    return {
        **{name: int(row[name]) for name in ORDER_NUMBERS},
        "cum_value": wide_of(row, "cum_value"),
        "life": Life(row["life"]).name,
        "is_canceling": bool(row["is_canceling"]),
        "replace": (int(row["pending_price"]), int(row["pending_qty"])) if is_replacing else None,
        "has_conflict": bool(row["has_conflict"]),
        "has_books": bool(row["position"]),
    }


def _position_of_kernel(row: np.void) -> State:
    wide = {"open_cost", "realized", "cash"}
    numbers = {name: wide_of(row, name) if name in wide else int(row[name]) for name in POSITION_NUMBERS}
    return numbers | _working_of_kernel(row)


def _holding_of_kernel(row: np.void) -> State:
    return {"qty": int(row["qty"])} | _working_of_kernel(row)


def _working_of_kernel(row: np.void) -> State:
    return {
        "working_buy": (int(row["working_buy_qty"]), wide_of(row, "working_buy_value")),
        "working_sell": (int(row["working_sell_qty"]), wide_of(row, "working_sell_value")),
    }


def _named(rows: np.ndarray, *columns: str) -> dict[int, tuple[Any, ...]]:
    """By handle: the name and some columns; a trading state by its name."""
    read: dict[str, Callable[[Any], Any]] = {"trading_state": lambda code: TradingState(code).name}
    return {
        handle: (bytes(name), *(read.get(column, int)(row[column]) for column in columns))
        for handle, (name, row) in enumerate(zip(names_of(rows), rows, strict=True), start=1)
    }


def state_of_model(partition: Partition) -> State:
    """The model's state, keyed as the kernel's."""
    return {
        "next_offset": partition.next_offset,
        "scope_version": partition.scope_version,
        "trading_state": partition.trading_state,
        "open_orders": sum(order.leaves_qty > 0 for order in partition.orders.values()),
        "orders": {id_of(key): _order_of_model(order) for key, order in partition.orders.items()},
        "replaced_ids": {id_of(key) for key in partition.replaced_ids},
        "executions": {
            siphash.execution_key(*key): (
                answer.offset,
                0 if answer.code == "REJECTED" else id_of(report.order_id),
                key in partition.execution_conflicts,
            )
            for key, (report, answer) in partition.executions.items()
        },
        "requests": {
            number: (answer.offset, True, number in partition.request_conflicts)
            for number, (_, answer) in partition.requests.items()
        },
        "positions": {key: _position_of_model(partition, key) for key in partition.positions},
        "holdings": {key: _holding_of_model(partition, key) for key in partition.holdings},
        "limits": {key: limits.version for key, limits in partition.limits.items()},
        "accounts": _model_named(partition.accounts, "version", "trading_state", "full_ns"),
        "strategies": _model_named(partition.strategies, "version", "trading_state", "account"),
        "instruments": _model_named(partition.instruments, "version", "trading_state", *INSTRUMENT_NUMBERS),
        "venues": _model_named(partition.venues, "version", "trade_date"),
        "principals": _model_named(partition.principals, "version"),
    }


def _order_of_model(order: Order) -> State:
    return {
        **{name: getattr(order, name) for name in ORDER_NUMBERS},
        "cum_value": order.cum_value,
        "life": order.life,
        "is_canceling": order.is_canceling,
        "replace": (order.replace.price, order.replace.qty) if order.replace else None,
        "has_conflict": order.has_conflict,
        "has_books": order.has_books,
    }


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
