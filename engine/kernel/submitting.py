"""SubmitOrder: from a well-formed row to OrderSubmitted, OrderDenied, or an answer that keeps nothing."""

import numpy as np

from engine.kernel.answering import answer_event, invalid, refuse
from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.kernel.keys import order_key
from engine.kernel.order_facts import money_of
from engine.kernel.risk import first_breach, limits_of
from engine.kernel.wide import wide_bits
from engine.kernel.writing import address_order, begin_event
from engine.limits import NOTIONAL_BITS_MAX, PRICE_MAX, QTY_MAX
from engine.vocabulary import (
    AnswerCode,
    Check,
    EventKind,
    OrdStatus,
    OrdType,
    Reason,
    Side,
    TimeInForce,
)

_32 = np.uint64(32)


@rule
def decide_submit(command, tables, views, base, at, answer, now):
    """Decide a new order; gives the events written."""
    reason = malformed_terms(command, tables)
    if reason == Reason.NONE:
        reason = malformed_id(command, tables)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    trade_date = np.int64(tables.venues[tables.instruments[command["instrument"]]["venue"]]["trade_date"])
    if command["trade_date"] < trade_date:
        return refuse(answer, AnswerCode.STALE_TRADE_DATE, Reason.BAD_TRADE_DATE)
    if command["trade_date"] > trade_date:
        return invalid(answer, Reason.BAD_TRADE_DATE)
    reason = no_room(tables)
    if reason != Reason.NONE:
        return refuse(answer, AnswerCode.LOW_SPACE, reason)
    return _judge_submit(command, tables, views, base, at, answer, now)


@rule
def malformed_terms(command, tables):
    """The first thing wrong with an order's terms that no market could make right, or NONE."""
    account = command["account"]
    instrument = command["instrument"]
    strategy = command["strategy"]
    if account >= len(tables.accounts) or not tables.accounts[account]["is_defined"]:
        return Reason.UNKNOWN_ACCOUNT
    if instrument >= len(tables.instruments) or not tables.instruments[instrument]["is_defined"]:
        return Reason.UNKNOWN_INSTRUMENT
    if strategy >= len(tables.strategies) or tables.strategies[strategy]["account"] != account:
        return Reason.UNKNOWN_STRATEGY
    if command["side"] != Side.BUY and command["side"] != Side.SELL:
        return Reason.BAD_SIDE
    if command["ord_type"] != OrdType.LIMIT:
        return Reason.BAD_ORD_TYPE
    tif = command["time_in_force"]
    if tif != TimeInForce.DAY and tif != TimeInForce.GTC and tif != TimeInForce.IOC:
        return Reason.BAD_TIME_IN_FORCE
    return malformed_numbers(command["price"], command["qty"], tables.instruments[instrument]["money_factor"])


@rule
def malformed_numbers(price, qty, factor):
    """Whether price, quantity or their product leave the bounds that keep all sums exact."""
    if price <= 0 or price > PRICE_MAX:
        return Reason.BAD_PRICE
    if qty <= 0 or qty > QTY_MAX:
        return Reason.BAD_QTY
    hi, lo = money_of(qty, price, factor)
    if wide_bits(hi, lo) > NOTIONAL_BITS_MAX:
        return Reason.BAD_NOTIONAL
    return Reason.NONE


@rule
def malformed_id(command, tables):
    """Whether the ClOrdID is empty or the order id is not the published function of it."""
    if command["text_w0"] == np.uint64(0):
        return Reason.BAD_NAME
    account = tables.accounts[command["account"]]
    hi, lo = order_key(
        command["trade_date"],
        account["name_w0"],
        account["name_w1"],
        command["text_w0"],
        command["text_w1"],
        command["text_w2"],
    )
    if hi != command["order_id_hi"] or lo != command["order_id_lo"]:
        return Reason.BAD_ORDER_ID
    return Reason.NONE


@rule
def no_room(tables):
    """Whether the tables an order needs are too full for new orders; cancels and reports still pass."""
    firm = tables.firm[0]
    if firm["orders"] >= firm["orders_max"]:
        return Reason.ORDERS_FULL
    if firm["positions"] + 2 >= len(tables.positions) or firm["holdings"] + 2 >= len(tables.holdings):
        return Reason.TABLE_FULL
    if (firm["executions"] + firm["executions"] // 19) >= len(tables.executions):
        return Reason.TABLE_FULL
    return Reason.NONE


@rule
def holding_key(account, instrument):
    """The key of a holding: account in the high word, instrument in the low."""
    return np.uint64(account), np.uint64(instrument)


@rule
def _judge_submit(command, tables, views, base, at, answer, now):
    """Run the checks and write what follows."""
    hi, lo = holding_key(command["account"], command["instrument"])
    holding = find(tables.holding_index, tables.holdings, hi, lo)
    limits = limits_of(tables, command["account"], tables.holdings[holding])
    check, reason, limit, observed = first_breach(tables, command, holding, limits, command["qty"], now)
    if check == Check.RATE:
        answer["check"] = check
        answer["limit"] = limit
        answer["observed"] = observed
        return refuse(answer, AnswerCode.RATE_LIMIT, reason)
    if (
        check == Check.NONE
        and find(tables.alias_index, tables.aliases, command["order_id_hi"], command["order_id_lo"]) != 0
    ):
        check = Check.RULE
        reason = Reason.DUPLICATE_ORDER
    if check == Check.NONE:
        _write_submitted(command, tables, views, at, now)
    else:
        _write_denied(command, tables, views, at, now)
        write_breach(views.denial[at], check, reason, limit, observed)
    write_context(tables, views.order[at], command["instrument"], limits)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def write_terms(row, command):
    """The terms that a command asks for."""
    row["price"] = command["price"]
    row["order_qty"] = command["qty"]
    row["cl_ord_id_w0"] = command["text_w0"]
    row["cl_ord_id_w1"] = command["text_w1"]
    row["cl_ord_id_w2"] = command["text_w2"]
    row["side"] = command["side"]
    row["ord_type"] = command["ord_type"]
    row["time_in_force"] = command["time_in_force"]


@rule
def write_context(tables, row, instrument, limits):
    """What the decision was based on: the mark, the limits' version, the reference log's position."""
    row["mark"] = tables.instruments[instrument]["mark"]
    row["limits_version"] = tables.limits[limits]["version"]
    row["reference_offset"] = tables.firm[0]["reference_next"]


@rule
def write_breach(row, check, reason, limit, observed):
    """Which check refused, the limit it holds and what it observed."""
    row["check"] = check
    row["reason"] = reason
    row["limit"] = limit
    row["observed"] = observed


@rule
def _write_submitted(command, tables, views, at, now):
    head = begin_event(views, at, command, EventKind.ORDER_SUBMITTED, now)
    address_order(head, command)
    head["status"] = OrdStatus.PENDING_NEW
    row = views.order[at]
    write_terms(row, command)
    row["leaves_qty"] = command["qty"]


@rule
def _write_denied(command, tables, views, at, now):
    head = begin_event(views, at, command, EventKind.ORDER_DENIED, now)
    address_order(head, command)
    head["status"] = OrdStatus.REJECTED
    write_terms(views.order[at], command)
