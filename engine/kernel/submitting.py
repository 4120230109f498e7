"""SubmitOrder: from a well-formed row to OrderSubmitted, OrderDenied, or an answer that keeps nothing."""

import numpy as np

from engine.kernel.answering import answer_event, invalid, refuse
from engine.kernel.index import account_instrument_key, find
from engine.kernel.jit import rule
from engine.kernel.keys import order_key
from engine.kernel.order_facts import money_of
from engine.kernel.order_terms import (
    has_price,
    is_ord_type,
    is_time_in_force,
    malformed_conditions,
    malformed_prices,
    working_price,
)
from engine.kernel.risk import judge, limits_of, note
from engine.kernel.room import no_room_for_order
from engine.kernel.scopes import unknown_handle
from engine.kernel.soft_limits import warnings_of
from engine.kernel.well_formed import is_name
from engine.kernel.wide import wide_exceeds
from engine.kernel.writing import address_order, begin_event, write_text
from engine.limits import NOTIONAL_BITS_MAX, PRICE_MAX, QTY_MAX
from engine.vocabulary import (
    AnswerCode,
    Check,
    EventKind,
    OrdStatus,
    Reason,
    Side,
)


@rule
def decide_submit(command, asked, tables, views, base, at, answer, now):
    """Decide a new order; gives the events written."""
    reason = malformed_terms(asked, tables)
    if reason == Reason.NONE:
        reason = malformed_conditions(asked)
    if reason == Reason.NONE:
        reason = malformed_id(command, tables)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    trade_date = np.int64(tables.venues[tables.instruments[command["instrument"]]["venue"]]["trade_date"])
    if trade_date == 0:
        return invalid(answer, Reason.EXCHANGE_CLOSED)
    if command["trade_date"] < trade_date:
        return refuse(answer, AnswerCode.STALE_TRADE_DATE, Reason.BAD_TRADE_DATE)
    if command["trade_date"] > trade_date:
        return invalid(answer, Reason.BAD_TRADE_DATE)
    reason = no_room_for_order(tables)
    if reason != Reason.NONE:
        return refuse(answer, AnswerCode.LOW_SPACE, reason)
    return _judge_submit(command, asked, tables, views, base, at, answer, now)


@rule
def malformed_terms(asked, tables):
    """The first thing wrong with an order's terms that no market could make right, or NONE."""
    account = asked["account"]
    instrument = asked["instrument"]
    strategy = asked["strategy"]
    reason = unknown_handle(tables.accounts, account, Reason.UNKNOWN_ACCOUNT)
    if reason == Reason.NONE:
        reason = unknown_handle(tables.instruments, instrument, Reason.UNKNOWN_INSTRUMENT)
    if reason == Reason.NONE:
        reason = unknown_handle(tables.strategies, strategy, Reason.UNKNOWN_STRATEGY)
    if reason != Reason.NONE:
        return reason
    if tables.strategies[strategy]["account"] != account:
        return Reason.UNKNOWN_STRATEGY
    if not is_side(asked["side"]):
        return Reason.BAD_SIDE
    if not is_ord_type(asked["ord_type"]):
        return Reason.BAD_ORD_TYPE
    if not is_time_in_force(asked["time_in_force"]):
        return Reason.BAD_TIME_IN_FORCE
    if has_price(asked["ord_type"]):
        factor = tables.instruments[instrument]["money_factor"]
        reason = malformed_numbers(asked["price"], asked["qty"], factor)
    elif asked["qty"] <= 0 or asked["qty"] > QTY_MAX:
        reason = Reason.BAD_QTY
    if reason == Reason.NONE:
        reason = malformed_prices(asked)
    return reason


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
    hi, lo = account_instrument_key(command["account"], command["instrument"])
    holding = find(tables.holding_index, tables.holdings, hi, lo)
    limits = limits_of(tables, command["account"], command["instrument"], holding)
    price = working_price(asked, tables.instruments[asked["instrument"]], tables.limits[limits]["collar_ppm"])
    found = judge(tables, asked, price, holding, limits, np.int64(0), command["qty"], now)
    found = note(found, Check.RULE, (_submit_rule(command, tables), 0, 0))
    violations, check, reason, limit, observed = found
    if check == Check.RATE:
        write_context(tables, answer, command["instrument"], limits)
        return refuse_rate(answer, violations, limit, observed)
    if violations == 0:
        _write_submitted(command, asked, price, views, at, now)
        warnings = warnings_of(tables, asked, price, holding, limits, np.int64(0), command["qty"], now)
        views.submitted[at]["warnings"] = warnings
    else:
        _write_denied(command, price, views, at, now)
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
def write_terms(row, command, price):
    """The terms that a command asks for; `price` is the one that the order works at."""
    row["price"] = price
    row["order_qty"] = command["qty"]
    write_text(row, command)
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
def _write_submitted(command, asked, price, views, at, now):
    head = begin_event(views, at, command, EventKind.ORDER_SUBMITTED, now)
    address_order(head, command)
    head["status"] = OrdStatus.PENDING_NEW
    write_terms(views.order[at], command, price)
    row = views.submitted[at]
    row["min_qty"] = asked["min_qty"]
    row["display_qty"] = asked["display_qty"]
    row["stop_px"] = asked["stop_px"]
    row["expire_s"] = asked["expire_s"]
    row["exec_inst"] = asked["exec_inst"]


@rule
def _write_denied(command, price, views, at, now):
    head = begin_event(views, at, command, EventKind.ORDER_DENIED, now)
    address_order(head, command)
    head["status"] = OrdStatus.REJECTED
    write_terms(views.order[at], command, price)
