"""The firm's limits and the leases on them: what partitions that know nothing of each other use together.

The reference log grants: the sum of all leases never passes the firm's limit, so no partition has to ask
another before it takes an order. A partition gives back in its own log first, which lowers what it may use at
once, and only what the reference log has then recorded can be granted to another. A lease that has ended
counts until it is returned: there may be positions behind it.
"""

import numpy as np

from engine.kernel.answering import answer_event, invalid, refuse
from engine.kernel.budgets import both, budget_of, lease_of, more_than, usable_credit, used_credit
from engine.kernel.jit import rule
from engine.kernel.lease_rows import ALONE
from engine.kernel.ledger import begin_firm_ledger
from engine.kernel.room import has_room_for_firm_ledger, is_full
from engine.kernel.well_formed import is_name
from engine.kernel.writing import address_aggregate, address_scope, begin_event
from engine.limits import LIMIT_MAX, NS_PER_MS
from engine.vocabulary import AnswerCode, Check, CommandKind, EventKind, Namespace, Reason, Scope

_0 = np.uint64(0)
_LETTERS = np.uint32(0xFFFFFF)
NO_LIMIT = -1
"""A firm limit of this amount takes the limit away."""


@rule
def is_numbered(wanted):
    """Whether a grant or return says which change of its lease it is to be: then nobody remembers its id."""
    kind = wanted["kind"]
    if kind != CommandKind.GRANT_LEASE and kind != CommandKind.RETURN_LEASE:
        return False
    return wanted["serial"] != 0


@rule
def decide_lease(command, wanted, tables, views, base, at, answer, now):
    """Decide about a firm's limit, a grant or a return; a refusal keeps nothing and may be asked again."""
    kind = command["kind"]
    currency = wanted["currency_w0"] & _LETTERS
    if not is_name(np.uint64(currency), _0, _0):
        return invalid(answer, Reason.BAD_NAME)
    least = NO_LIMIT if kind == CommandKind.SET_FIRM_LIMIT else 0
    if wanted["amount"] < least or wanted["amount"] > LIMIT_MAX:
        return invalid(answer, Reason.BAD_LIMIT)
    budget = budget_of(tables, currency)
    if kind == CommandKind.SET_FIRM_LIMIT:
        return _decide_limit(command, wanted, tables, views, base, at, answer, now, budget)
    lease = lease_of(tables, wanted["partition"], budget)
    serial = np.int64(tables.leases[lease]["serial"])
    if wanted["serial"] != 0 and wanted["serial"] != serial + 1:
        answer["version"] = serial
        return refuse(answer, AnswerCode.VERSION_CONFLICT, Reason.NONE)
    if kind == CommandKind.GRANT_LEASE:
        return _decide_grant(command, wanted, tables, views, base, at, answer, now, budget, lease)
    if wanted["amount"] == 0:
        return invalid(answer, Reason.BAD_LIMIT)
    return _decide_return(command, wanted, tables, views, base, at, answer, now, lease)


@rule
def _decide_limit(command, wanted, tables, views, base, at, answer, now, budget):
    """A new limit is not below what is granted already: first leases are returned."""
    if budget == 0 and not has_room_for_firm_ledger(tables, tables.bounds[0]["ledgers"]):
        return refuse(answer, AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    if budget == 0 and is_full(tables.budgets, tables.firm[0]["budgets"]):
        return refuse(answer, AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    granted = tables.budgets[budget]["granted"]
    if NO_LIMIT < wanted["amount"] < granted:
        return _refuse_amount(answer, wanted["amount"], granted)
    handle = budget if budget != 0 else tables.firm[0]["budgets"] + 1
    head = begin_event(views, at, command, EventKind.FIRM_LIMIT_CHANGED, now)
    address_scope(head, Scope.ALL, tables.firm[0])
    row = views.lease[at]
    _write_lease(row, command, wanted, handle)
    row["granted"] = granted
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _decide_grant(command, wanted, tables, views, base, at, answer, now, budget, lease):
    """A lease is as much larger, and lasts for so long from now on, as long as all leases fit the limit."""
    if wanted["ttl_ms"] == 0:
        return invalid(answer, Reason.BAD_LIMIT)
    if lease == 0 and is_full(tables.leases, tables.firm[0]["leases"]):
        return refuse(answer, AnswerCode.LOW_SPACE, Reason.TABLE_FULL)
    most = max(np.int64(0), tables.budgets[budget]["credit_max"])
    granted = tables.budgets[budget]["granted"]
    if budget == 0 or more_than(most, granted, wanted["amount"]):
        return _refuse_amount(answer, most, both(granted, wanted["amount"]))
    handle = lease if lease != 0 else tables.firm[0]["leases"] + 1
    row = _begin_lease(command, wanted, tables, views, at, now, lease, handle, EventKind.LEASE_GRANTED)
    row["granted"] = tables.leases[lease]["granted"] + wanted["amount"]
    row["expires_ns"] = np.int64(now) + np.int64(wanted["ttl_ms"]) * NS_PER_MS
    row["serial"] = np.int64(tables.leases[lease]["serial"]) + 1
    row["is_recorded"] = 1
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _decide_return(command, wanted, tables, views, base, at, answer, now, lease):
    """In the partition's log what it does not use, one return at a time; in the reference log what it says.

    A kernel that is alone does both at once.
    """
    number = tables.bounds[0]["partition"]
    row = tables.leases[lease]
    if lease == 0 or (number != ALONE and number != wanted["partition"]):
        return _refuse_amount(answer, np.int64(0), wanted["amount"])
    if number == wanted["partition"]:
        used = used_credit(tables, tables.budgets[row["budget"]]["currency"])
        if row["returning"] != 0:
            return refuse(answer, AnswerCode.REJECTED, Reason.ALREADY_PENDING)
        if more_than(usable_credit(row), used, wanted["amount"]):
            return _refuse_amount(answer, usable_credit(row), used)
    elif wanted["amount"] > row["granted"]:
        return _refuse_amount(answer, row["granted"], wanted["amount"])
    is_recorded = number == ALONE
    event = _begin_lease(command, wanted, tables, views, at, now, lease, lease, EventKind.LEASE_RETURNED)
    event["granted"] = row["granted"] - wanted["amount"]
    event["expires_ns"] = row["expires_ns"]
    event["serial"] = np.int64(row["serial"]) + np.int64(is_recorded)
    event["is_recorded"] = is_recorded
    event["source_offset"] = wanted["source_offset"] if is_recorded else base + at
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _refuse_amount(answer, limit, observed):
    """More than there is; the numbers say how much that is."""
    answer["check"] = Check.FIRM_BUDGET
    answer["limit"] = limit
    answer["observed"] = observed
    return refuse(answer, AnswerCode.REJECTED, Reason.FIRM_BUDGET)


@rule
def _begin_lease(command, wanted, tables, views, at, now, lease, handle, kind):
    """The row of a change of a lease, its next version in this log; `lease` is 0 where it is new."""
    before = tables.leases[lease]
    last_offset = before["last_offset"] if lease != 0 else np.int64(-1)
    head = begin_event(views, at, command, kind, now)
    address_aggregate(head, Namespace.LEASE, handle, np.int64(before["version"]) + 1, last_offset)
    row = views.lease[at]
    _write_lease(row, command, wanted, handle)
    row["partition"] = wanted["partition"]
    return row


@rule
def _write_lease(row, command, wanted, handle):
    row["subject_ref"] = 0
    row["amount"] = wanted["amount"]
    if not is_numbered(wanted):
        row["request_hi"] = command["request_hi"]
        row["request_lo"] = command["request_lo"]
    row["currency"] = wanted["currency"]
    row["handle"] = handle


@rule
def evolve_lease(row, tables, offset):
    """Take in a limit of the firm, or what was granted or returned of it."""
    if row["kind"] == EventKind.FIRM_LIMIT_CHANGED:
        _evolve_limit(row, tables, offset)
        return
    lease = tables.leases[row["handle"]]
    firm = tables.firm[0]
    firm["leases"] = max(firm["leases"], np.int64(row["handle"]))
    lease["partition"] = row["partition"]
    lease["budget"] = budget_of(tables, row["currency_w0"])
    lease["version"] = row["version"]
    lease["last_offset"] = offset
    lease["serial"] = row["serial"]
    budget = tables.budgets[lease["budget"]]
    if row["kind"] == EventKind.LEASE_GRANTED:
        lease["granted"] += row["amount"]
        lease["expires_ns"] = row["expires_ns"]
        budget["granted"] += row["amount"]
    elif row["is_recorded"]:
        lease["granted"] -= row["amount"]
        if lease["returned_offset"] == row["source_offset"]:
            lease["returning"] = 0
        budget["granted"] -= row["amount"]
    else:
        lease["returning"] += row["amount"]
        lease["returned_offset"] = offset


@rule
def _evolve_limit(row, tables, offset):
    firm = tables.firm[0]
    firm["version"] = row["version"]
    firm["last_offset"] = offset
    firm["budgets"] = max(firm["budgets"], np.int64(row["handle"]))
    budget = tables.budgets[row["handle"]]
    budget["credit_max"] = row["amount"]
    budget["currency"] = row["currency_w0"]
    budget["version"] = np.int64(budget["version"]) + 1
    budget["last_offset"] = offset
    begin_firm_ledger(tables, row["currency_w0"])
