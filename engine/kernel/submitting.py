"""SubmitOrder: from a well-formed row to OrderSubmitted, OrderDenied, or an answer that keeps nothing."""

import numpy as np

from engine.kernel.answering import answer_event, invalid, refuse
from engine.kernel.index import account_instrument_key, find
from engine.kernel.jit import rule
from engine.kernel.keys import order_key
from engine.kernel.order_facts import money_of
from engine.kernel.risk import judge, limits_of, note
from engine.kernel.room import no_room_for_order
from engine.kernel.scopes import unknown_handle
from engine.kernel.soft_limits import warnings_of
from engine.kernel.well_formed import is_name
from engine.kernel.wide import wide_exceeds
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


@rule
def decide_submit(command, asked, tables, views, base, at, answer, now):
    """Decide a new order; gives the events written."""
    reason = malformed_terms(command, tables)
    if reason == Reason.NONE:
        reason = malformed_id(command, tables)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    trade_date = np.int64(tables.venues[tables.instruments[command["instrument"]]["venue"]]["trade_date"])
    if command["trade_date"] < trade_date:
        return refuse(answer, AnswerCode.STALE_TRADE_DATE, Reason.BAD_TRADE_DATE)
    if command["trade_date"] > trade_date or trade_date == 0:
        return invalid(answer, Reason.BAD_TRADE_DATE)
    reason = no_room_for_order(tables)
    if reason != Reason.NONE:
        return refuse(answer, AnswerCode.LOW_SPACE, reason)
    return _judge_submit(command, asked, tables, views, base, at, answer, now)


@rule
def malformed_terms(command, tables):
    """The first thing wrong with an order's terms that no market could make right, or NONE."""
    account = command["account"]
    instrument = command["instrument"]
    strategy = command["strategy"]
    reason = unknown_handle(tables.accounts, account, Reason.UNKNOWN_ACCOUNT)
    if reason == Reason.NONE:
        reason = unknown_handle(tables.instruments, instrument, Reason.UNKNOWN_INSTRUMENT)
    if reason == Reason.NONE:
        reason = unknown_handle(tables.strategies, strategy, Reason.UNKNOWN_STRATEGY)
    if reason != Reason.NONE:
        return reason
    if tables.strategies[strategy]["account"] != account:
        return Reason.UNKNOWN_STRATEGY
    if not is_side(command["side"]):
        return Reason.BAD_SIDE
    if command["ord_type"] != OrdType.LIMIT:
        return Reason.BAD_ORD_TYPE
    tif = command["time_in_force"]
    if tif != TimeInForce.DAY and tif != TimeInForce.GTC and tif != TimeInForce.IOC:
        return Reason.BAD_TIME_IN_FORCE
    return malformed_numbers(command["price"], command["qty"], tables.instruments[instrument]["money_factor"])


@rule
def is_side(side):
    """Whether a code is a side of an order: a buy, or one of the three ways to sell."""
    return side == Side.BUY or side == Side.SELL or side == Side.SELL_SHORT or side == Side.SELL_SHORT_EXEMPT


@rule
def malformed_numbers(price, qty, factor):
    """Whether price, quantity or their product leave the bounds that keep all sums exact."""
    if price <= 0 or price > PRICE_MAX:
        return Reason.BAD_PRICE
    if qty <= 0 or qty > QTY_MAX:
        return Reason.BAD_QTY
    return malformed_notional(qty, price, factor)


@rule
def malformed_notional(qty, price, factor):
    """Whether the money of an order or fill leaves its bound; quantity and price are within theirs."""
    hi, _ = money_of(qty, price, factor)
    if wide_exceeds(hi, NOTIONAL_BITS_MAX):
        return Reason.BAD_NOTIONAL
    return Reason.NONE


@rule
def malformed_id(command, tables):
    """Whether the ClOrdID is no name, or the order id is not the published function of it."""
    if not is_name(command["text_w0"], command["text_w1"], command["text_w2"]):
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
def _judge_submit(command, asked, tables, views, base, at, answer, now):
    """Run the checks and write what follows."""
    price = command["price"]
    hi, lo = account_instrument_key(command["account"], command["instrument"])
    holding = find(tables.holding_index, tables.holdings, hi, lo)
    limits = limits_of(tables, command["account"], command["instrument"], holding)
    found = judge(tables, asked, price, holding, limits, command["qty"], now)
    found = note(found, Check.RULE, (_submit_rule(command, tables), 0, 0))
    violations, check, reason, limit, observed = found
    if check == Check.RATE:
        write_context(tables, answer, command["instrument"], limits)
        return refuse_rate(answer, violations, limit, observed)
    if violations == 0:
        _write_submitted(command, views, at, now)
        warnings = warnings_of(tables, asked, price, holding, limits, command["qty"])
        views.warned[at]["warnings"] = warnings
    else:
        _write_denied(command, views, at, now)
        write_breach(views.denial[at], check, reason, limit, observed)
        views.order_denial[at]["violations"] = violations
    write_context(tables, views.order[at], command["instrument"], limits)
    views.order[at]["reference_offset"] = tables.firm[0]["reference_next"]
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _submit_rule(command, tables):
    """DUPLICATE_ORDER where a replace has used this ClOrdID on this account and day, else NONE."""
    if find(tables.alias_index, tables.aliases, command["order_id_hi"], command["order_id_lo"]) != 0:
        return Reason.DUPLICATE_ORDER
    return Reason.NONE


@rule
def refuse_rate(answer, violations, limit, observed):
    """Too fast: nothing is kept and no number consumed, so that the same bytes may come again later."""
    answer["violations"] = violations
    answer["check"] = Check.RATE
    answer["limit"] = limit
    answer["observed"] = observed
    return refuse(answer, AnswerCode.RATE_LIMIT, Reason.RATE_EXCEEDED)


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
    """What the decision was based on: the mark and the limits' version; `row` is an event or an answer."""
    row["mark"] = tables.instruments[instrument]["mark"]
    row["limits_version"] = tables.limits[limits]["version"]


@rule
def write_breach(row, check, reason, limit, observed):
    """Which check refused, the limit it holds and what it observed."""
    row["check"] = check
    row["reason"] = reason
    row["limit"] = limit
    row["observed"] = observed


@rule
def _write_submitted(command, views, at, now):
    head = begin_event(views, at, command, EventKind.ORDER_SUBMITTED, now)
    address_order(head, command)
    head["status"] = OrdStatus.PENDING_NEW
    row = views.order[at]
    write_terms(row, command)
    row["leaves_qty"] = command["qty"]


@rule
def _write_denied(command, views, at, now):
    head = begin_event(views, at, command, EventKind.ORDER_DENIED, now)
    address_order(head, command)
    head["status"] = OrdStatus.REJECTED
    write_terms(views.order[at], command)
