"""SetExposureLimits: how much an account may have at stake, in one currency; decided in the reference log.

The limits in a currency bound all that the account has in any currency, converted into that one.
"""

import numpy as np

from engine.kernel.answering import answer_event, invalid, refuse
from engine.kernel.jit import rule
from engine.kernel.ledger import begin_ledger, begin_ledgers_of, ledger_of
from engine.kernel.losses import watch_account
from engine.kernel.scopes import unknown_handle
from engine.kernel.well_formed import is_name
from engine.kernel.writing import address_aggregate, begin_event
from engine.limits import LIMIT_MAX
from engine.vocabulary import AnswerCode, EventKind, Namespace, Reason

_0 = np.uint64(0)
_8 = np.uint32(8)
_LETTERS = np.uint32(0xFFFFFF)


@rule
def decide_exposure_limits(command, wanted, tables, views, base, at, answer, now):
    """New limits of an account in a currency; 0 allows nothing, and only that on drawdown may be missing."""
    reason = _malformed_exposure_limits(wanted, tables)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    slot = ledger_of(tables, wanted["account"], wanted["currency_w0"] >> _8)
    if slot == 0 and tables.firm[0]["ledgers"] >= tables.bounds[0]["ledgers"]:
        return refuse(answer, AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    version = np.int64(tables.ledgers[slot]["version"]) + 1
    last_offset = tables.ledgers[slot]["last_offset"] if version > 1 else np.int64(-1)
    head = begin_event(views, at, command, EventKind.EXPOSURE_LIMITS_CHANGED, now)
    address_aggregate(head, Namespace.ACCOUNT, command["account"], version, last_offset)
    head["subject_ref"] = 0
    head["account"] = command["account"]
    row = views.exposure_limits[at]
    row["request_hi"] = command["request_hi"]
    row["request_lo"] = command["request_lo"]
    row["max_gross"] = wanted["max_gross"]
    row["max_net"] = wanted["max_net"]
    row["max_credit"] = wanted["max_credit"]
    row["max_working_notional"] = wanted["max_working_notional"]
    row["max_loss"] = wanted["max_loss"]
    row["max_drawdown"] = wanted["max_drawdown"]
    row["has_max_drawdown"] = wanted["has_max_drawdown"]
    row["fx_age_s"] = wanted["fx_age_s"]
    row["currency"] = wanted["currency"]
    row["soft_percent"] = wanted["soft_percent"]
    row["limits_version"] = version
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _malformed_exposure_limits(wanted, tables):
    """The first thing wrong with the limits, or NONE."""
    reason = unknown_handle(tables.accounts, wanted["account"], Reason.UNKNOWN_ACCOUNT)
    if reason != Reason.NONE:
        return reason
    if not is_name(np.uint64(wanted["currency_w0"] >> _8), _0, _0):
        return Reason.BAD_NAME
    for value in (
        wanted["max_gross"],
        wanted["max_net"],
        wanted["max_credit"],
        wanted["max_working_notional"],
        wanted["max_loss"],
        wanted["max_drawdown"],
    ):
        if value < 0 or value > LIMIT_MAX:
            return Reason.BAD_LIMIT
    if wanted["has_max_drawdown"] > 1 or (wanted["max_drawdown"] != 0 and wanted["has_max_drawdown"] == 0):
        return Reason.BAD_LIMIT
    return Reason.BAD_LIMIT if wanted["soft_percent"] > 100 else Reason.NONE


@rule
def last_exposure_limits(event, tables):
    """The offset of the limits before these, of the same account and currency, or -1."""
    slot = ledger_of(tables, event["account"], event["currency_w0"] & _LETTERS)
    if tables.ledgers[slot]["version"] == 0:
        return np.int64(-1)
    return np.int64(tables.ledgers[slot]["last_offset"])


@rule
def evolve_exposure_limits(event, tables, offset, now):
    """Limit an account from now on: with its first limits begin the ledgers of all that it has."""
    handle = np.int64(event["account"])
    account = tables.accounts[handle]
    if account["limited"] == 0:
        begin_ledgers_of(tables, handle)
    ledger = tables.ledgers[begin_ledger(tables, handle, event["currency_w0"] & _LETTERS)]
    if ledger["is_limited"] == 0:
        ledger["is_limited"] = 1
        account["limited"] += np.uint32(1)
    ledger["max_gross"] = event["max_gross"]
    ledger["max_net"] = event["max_net"]
    ledger["max_credit"] = event["max_credit"]
    ledger["max_working_notional"] = event["max_working_notional"]
    ledger["max_loss"] = event["max_loss"]
    ledger["max_drawdown"] = event["max_drawdown"]
    ledger["has_max_drawdown"] = event["has_max_drawdown"]
    ledger["fx_age_s"] = event["fx_age_s"]
    ledger["soft_percent"] = event["soft_percent"]
    ledger["version"] = event["limits_version"]
    ledger["last_offset"] = offset
    watch_account(tables, handle, offset, now)
