"""Definitions: venues, instruments, accounts, strategies, principals and limits.

They are decided once, in the reference log, which hands out the handles; every partition copies the events.
A name defined again keeps its handle and becomes a new version.
"""

import numpy as np

from engine.flags import InstrumentFlag
from engine.kernel.answering import answer_event, invalid, refuse
from engine.kernel.exposure_limits import decide_exposure_limits
from engine.kernel.index import account_instrument_key, find
from engine.kernel.jit import rule
from engine.kernel.kinds import is_lease_command
from engine.kernel.leasing import decide_lease
from engine.kernel.room import is_full
from engine.kernel.scopes import unknown_handle
from engine.kernel.throttling import decide_throttles
from engine.kernel.well_formed import is_name
from engine.kernel.writing import address_aggregate, begin_event
from engine.limits import (
    BURST_MAX,
    COLLAR_PPM_MAX,
    LIMIT_MAX,
    MONEY_FACTOR_MAX,
    MONEY_SCALE,
    ORDERS_PER_SECOND_MAX,
    PRICE_MAX,
    QTY_MAX,
)
from engine.vocabulary import AnswerCode, CommandKind, EventKind, Namespace, Reason, SelfMatchPrevention

_VENUE = (EventKind.VENUE_DEFINED, Namespace.VENUE)
_ACCOUNT = (EventKind.ACCOUNT_DEFINED, Namespace.ACCOUNT)
_PRINCIPAL = (EventKind.PRINCIPAL_DEFINED, Namespace.PRINCIPAL)
_FLAGS_MAX = sum(InstrumentFlag)


@rule
def decide_definition(commands, i, tables, views, base, at, answer, now):
    """Decide a definition of any kind: a name, limits, throttles, leases."""
    command = commands.order[i]
    kind = command["kind"]
    if kind == CommandKind.SET_LIMITS:
        return _decide_limits(command, commands.limits[i], tables, views, base, at, answer, now)
    if is_lease_command(kind):
        return decide_lease(command, commands.lease[i], tables, views, base, at, answer, now)
    if kind == CommandKind.SET_EXPOSURE_LIMITS:
        wanted = commands.exposure_limits[i]
        return decide_exposure_limits(command, wanted, tables, views, base, at, answer, now)
    if kind == CommandKind.SET_THROTTLES:
        return decide_throttles(command, commands.throttles[i], tables, views, base, at, answer, now)
    if command["text_w2"] != 0 or not is_name(command["text_w0"], command["text_w1"], np.uint64(0)):
        return invalid(answer, Reason.BAD_NAME)
    if kind == CommandKind.SET_INSTRUMENT:
        return _decide_instrument(command, commands.instrument[i], tables, views, base, at, answer, now)
    if kind == CommandKind.SET_STRATEGY:
        return _decide_strategy(command, tables, views, base, at, answer, now)
    if kind == CommandKind.SET_VENUE:
        return _decide_name(command, tables.venues, views, base, at, answer, now, _VENUE)
    if kind == CommandKind.SET_ACCOUNT:
        return _decide_name(command, tables.accounts, views, base, at, answer, now, _ACCOUNT)
    return _decide_name(command, tables.principals, views, base, at, answer, now, _PRINCIPAL)


@rule
def handle_of(rows, w0, w1):
    """The handle of a name: its own if it is known, the next free one if not, 0 if the table is full."""
    for handle in range(1, len(rows)):
        row = rows[handle]
        if not row["is_defined"]:
            return np.int64(handle)
        if row["name_w0"] == w0 and row["name_w1"] == w1:
            return np.int64(handle)
    return np.int64(0)


@rule
def _write_name(views, at, command, handle):
    row = views.name[at]
    row["name_w0"] = command["text_w0"]
    row["name_w1"] = command["text_w1"]
    row["handle"] = handle
    row["request_hi"] = command["request_hi"]
    row["request_lo"] = command["request_lo"]


@rule
def _decide_name(command, rows, views, base, at, answer, now, what):
    """A venue, account or principal; `what` is the event and the namespace."""
    handle = handle_of(rows, command["text_w0"], command["text_w1"])
    if handle == 0:
        return refuse(answer, AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    kind, namespace = what
    head = begin_event(views, at, command, kind, now)
    _address_next(head, namespace, handle, rows[handle])
    _write_name(views, at, command, handle)
    if kind == EventKind.ACCOUNT_DEFINED:
        head["account"] = handle
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _address_next(head, namespace, handle, row):
    """Say that an event is the next version of what `row` defines."""
    last_offset = row["last_offset"]
    if not row["is_defined"]:
        last_offset = np.int64(-1)
    address_aggregate(head, namespace, handle, np.int64(row["version"]) + 1, last_offset)


@rule
def _decide_strategy(command, tables, views, base, at, answer, now):
    """A strategy belongs to one account for good."""
    account = command["account"]
    reason = unknown_handle(tables.accounts, account, Reason.UNKNOWN_ACCOUNT)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    handle = handle_of(tables.strategies, command["text_w0"], command["text_w1"])
    if handle == 0:
        return refuse(answer, AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    strategy = tables.strategies[handle]
    if strategy["is_defined"] and strategy["account"] != account:
        return invalid(answer, Reason.IMMUTABLE)
    head = begin_event(views, at, command, EventKind.STRATEGY_DEFINED, now)
    _address_next(head, Namespace.STRATEGY, handle, strategy)
    head["account"] = account
    head["strategy"] = handle
    _write_name(views, at, command, handle)
    answer_event(views, at, base + at, answer)
    return 1


@rule
def money_factor(wanted):
    """What price x quantity is multiplied by to give 10^-8 of the currency; 0 if it leaves its bound."""
    scale = np.int64(wanted["price_scale"]) + np.int64(wanted["qty_scale"])
    if scale > MONEY_SCALE or wanted["multiplier"] < 1 or wanted["multiplier"] > MONEY_FACTOR_MAX:
        return np.int64(0)
    factor = wanted["multiplier"]
    for _ in range(MONEY_SCALE - scale):
        factor = factor * 10
        if factor > MONEY_FACTOR_MAX:
            return np.int64(0)
    return factor


@rule
def _malformed_instrument(wanted, tables, instrument):
    """The first thing wrong with an instrument's definition, or NONE."""
    reason = unknown_handle(tables.venues, wanted["venue"], Reason.UNKNOWN_VENUE)
    if reason != Reason.NONE:
        return reason
    if wanted["tick"] < 1 or wanted["tick"] > PRICE_MAX:
        return Reason.BAD_PRICE
    if wanted["lot"] < 1 or wanted["lot"] > QTY_MAX:
        return Reason.BAD_QTY
    if wanted["mark_band_ppm"] < 0 or wanted["mark_band_ppm"] > COLLAR_PPM_MAX:
        return Reason.BAD_LIMIT
    if _are_sizes_bad(wanted):
        return Reason.BAD_QTY
    if money_factor(wanted) == 0:
        return Reason.BAD_NOTIONAL
    if wanted["flags"] > _FLAGS_MAX:
        return Reason.BAD_LIMIT
    if instrument["is_defined"] and _changes_what_is_fixed(wanted, instrument):
        return Reason.IMMUTABLE
    return Reason.NONE


@rule
def _are_sizes_bad(wanted):
    """Whether the least or most of an order is past the bound of all orders, or the least above the most."""
    least = np.int64(wanted["min_lots"])
    most = np.int64(wanted["max_lots"])
    lots_max = QTY_MAX // wanted["lot"]
    return least > lots_max or most > lots_max or least > most > 0


@rule
def _changes_what_is_fixed(wanted, instrument):
    """Whether a definition would change what every stored number of the instrument is read by."""
    return (
        instrument["price_scale"] != wanted["price_scale"]
        or instrument["qty_scale"] != wanted["qty_scale"]
        or instrument["multiplier"] != wanted["multiplier"]
        or instrument["venue"] != wanted["venue"]
        or instrument["currency"] != wanted["currency"]
    )


@rule
def _decide_instrument(command, wanted, tables, views, base, at, answer, now):
    handle = handle_of(tables.instruments, command["text_w0"], command["text_w1"])
    if handle == 0:
        return refuse(answer, AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    instrument = tables.instruments[handle]
    reason = _malformed_instrument(wanted, tables, instrument)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    head = begin_event(views, at, command, EventKind.INSTRUMENT_DEFINED, now)
    _address_next(head, Namespace.INSTRUMENT, handle, instrument)
    head["subject_ref"] = 0
    head["instrument"] = handle
    row = views.instrument[at]
    row["name_w0"] = command["text_w0"]
    row["name_w1"] = command["text_w1"]
    row["request_hi"] = command["request_hi"]
    row["request_lo"] = command["request_lo"]
    row["tick"] = wanted["tick"]
    row["lot"] = wanted["lot"]
    row["multiplier"] = wanted["multiplier"]
    row["mark_band_ppm"] = wanted["mark_band_ppm"]
    row["venue"] = wanted["venue"]
    row["currency"] = wanted["currency"]
    row["price_scale"] = wanted["price_scale"]
    row["qty_scale"] = wanted["qty_scale"]
    row["min_lots"] = wanted["min_lots"]
    row["max_lots"] = wanted["max_lots"]
    row["flags"] = wanted["flags"]
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _malformed_limits(wanted, tables):
    """The first thing wrong with limits, or NONE. No value means "without limit"; 0 allows nothing."""
    reason = unknown_handle(tables.accounts, wanted["account"], Reason.UNKNOWN_ACCOUNT)
    if reason == Reason.NONE and wanted["instrument"] != 0:
        reason = unknown_handle(tables.instruments, wanted["instrument"], Reason.UNKNOWN_INSTRUMENT)
    if reason != Reason.NONE:
        return reason
    for value in (
        wanted["max_order_qty"],
        wanted["max_order_notional"],
        wanted["max_long_qty"],
        wanted["max_short_qty"],
    ):
        if value < 0 or value > LIMIT_MAX:
            return Reason.BAD_LIMIT
    if wanted["collar_ppm"] > COLLAR_PPM_MAX or wanted["soft_percent"] > 100:
        return Reason.BAD_LIMIT
    if not _is_self_match(wanted["self_match"]):
        return Reason.BAD_LIMIT
    rate = wanted["orders_per_second"]
    if rate < 1 or rate > ORDERS_PER_SECOND_MAX or wanted["burst"] < 1 or wanted["burst"] > BURST_MAX:
        return Reason.BAD_LIMIT
    return Reason.NONE


@rule
def _is_self_match(code):
    """Whether a code says what prevents self-trades, or that nothing does."""
    if code == SelfMatchPrevention.NONE:
        return True
    return SelfMatchPrevention.CANCEL_AGGRESSIVE <= code <= SelfMatchPrevention.CANCEL_BOTH


@rule
def _decide_limits(command, wanted, tables, views, base, at, answer, now):
    reason = _malformed_limits(wanted, tables)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    hi, lo = account_instrument_key(command["account"], command["instrument"])
    known = find(tables.limits_index, tables.limits, hi, lo)
    if known == 0 and is_full(tables.limits, tables.firm[0]["limits"]):
        return refuse(answer, AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    limits = tables.limits[known]
    version = np.int64(limits["version"]) + 1
    last_offset = limits["last_offset"] if known != 0 else np.int64(-1)
    head = begin_event(views, at, command, EventKind.LIMITS_CHANGED, now)
    address_aggregate(head, Namespace.ACCOUNT, command["account"], version, last_offset)
    head["subject_ref"] = 0
    head["account"] = command["account"]
    head["instrument"] = command["instrument"]
    row = views.limits[at]
    row["request_hi"] = command["request_hi"]
    row["request_lo"] = command["request_lo"]
    row["max_order_qty"] = wanted["max_order_qty"]
    row["max_order_notional"] = wanted["max_order_notional"]
    row["max_long_qty"] = wanted["max_long_qty"]
    row["max_short_qty"] = wanted["max_short_qty"]
    row["collar_ppm"] = wanted["collar_ppm"]
    row["orders_per_second"] = wanted["orders_per_second"]
    row["burst"] = wanted["burst"]
    row["soft_percent"] = wanted["soft_percent"]
    row["self_match"] = wanted["self_match"]
    row["mark_age_s"] = wanted["mark_age_s"]
    row["limits_version"] = version
    answer_event(views, at, base + at, answer)
    return 1
