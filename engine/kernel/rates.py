"""Rates of exchange: what one unit of a currency is worth in another, as a ratio of whole numbers.

Exposure limits and reads express sums of money in one currency by them. A rate is of its sender's time and
never goes back to an earlier one. They are few, and found by looking at each.
"""

import numpy as np

from engine.kernel.answering import answer_event, invalid, refuse
from engine.kernel.jit import rule
from engine.kernel.well_formed import is_name
from engine.kernel.writing import address_aggregate, begin_event
from engine.limits import MARK_AHEAD_NS_MAX, RATE_MAX
from engine.vocabulary import AnswerCode, EventKind, Namespace, Reason

_0 = np.uint64(0)
_8 = np.uint32(8)
_LETTERS = np.uint32(0xFFFFFF)


@rule
def decide_rate(command, wanted, tables, views, base, at, answer, now):
    """A new rate of a pair of currencies, or DUPLICATE with the one that stands."""
    reason = _malformed_rate(wanted, now)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    slot = _rate_slot(tables.rates, wanted["currency_w0"] & _LETTERS, wanted["settl_currency_w0"] >> _8)
    if slot == 0:
        return refuse(answer, AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    rate = tables.rates[slot]
    if wanted["ts_event"] != 0 and wanted["ts_event"] <= rate["observed_ns"]:
        refuse(answer, AnswerCode.DUPLICATE, Reason.NONE)
        answer["original_code"] = AnswerCode.ACCEPTED
        answer["offset"] = rate["last_offset"]
        answer["version"] = rate["version"]
        return 0
    head = begin_event(views, at, command, EventKind.FX_CHANGED, now)
    head["subject_ref"] = 0
    last_offset = rate["last_offset"] if rate["version"] != 0 else np.int64(-1)
    address_aggregate(head, Namespace.CURRENCY, slot, np.int64(rate["version"]) + 1, last_offset)
    row = views.rate[at]
    row["request_hi"] = command["request_hi"]
    row["request_lo"] = command["request_lo"]
    row["numerator"] = wanted["numerator"]
    row["denominator"] = wanted["denominator"]
    row["currency"] = wanted["currency"]
    row["settl_currency"] = wanted["settl_currency"]
    row["handle"] = slot
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _malformed_rate(wanted, now):
    """The first thing wrong with a rate, or NONE."""
    currency = wanted["currency_w0"] & _LETTERS
    settl_currency = wanted["settl_currency_w0"] >> _8
    if not is_name(np.uint64(currency), _0, _0) or not is_name(np.uint64(settl_currency), _0, _0):
        return Reason.BAD_NAME
    if currency == settl_currency:
        return Reason.BAD_NAME
    for number in (wanted["numerator"], wanted["denominator"]):
        if number < 1 or number > RATE_MAX:
            return Reason.BAD_PRICE
    if wanted["ts_event"] > np.int64(now) + MARK_AHEAD_NS_MAX:
        return Reason.BAD_TIME
    return Reason.NONE


@rule
def _rate_slot(rates, currency, settl_currency):
    """The row of a pair: its own if it has one, the next free one if not, 0 if there is none."""
    for slot in range(1, len(rates)):
        rate = rates[slot]
        if rate["version"] == 0:
            return np.int64(slot)
        if rate["currency"] == currency and rate["settl_currency"] == settl_currency:
            return np.int64(slot)
    return np.int64(0)


@rule
def rate_of(rates, currency, settl_currency, since_ns):
    """(numerator, denominator) of a pair: as it was set, else the inverse of the other way round, else zeros.

    A rate from before `since_ns` is none.
    """
    numerator = np.int64(0)
    denominator = np.int64(0)
    for slot in range(1, len(rates)):
        rate = rates[slot]
        if rate["version"] == 0:
            break
        if rate["observed_ns"] < since_ns:
            continue
        if rate["currency"] == currency and rate["settl_currency"] == settl_currency:
            return np.int64(rate["numerator"]), np.int64(rate["denominator"])
        if rate["currency"] == settl_currency and rate["settl_currency"] == currency:
            numerator = np.int64(rate["denominator"])
            denominator = np.int64(rate["numerator"])
    return numerator, denominator


@rule
def evolve_rate(row, tables, offset):
    """Take in the rate of a pair."""
    rate = tables.rates[row["handle"]]
    if rate["version"] == 0:
        tables.firm[0]["rates"] += 1
    rate["currency"] = row["currency_w0"]
    rate["settl_currency"] = row["settl_currency_w0"]
    rate["numerator"] = row["numerator"]
    rate["denominator"] = row["denominator"]
    rate["observed_ns"] = row["ts_event"]
    rate["version"] = row["version"]
    rate["last_offset"] = offset
