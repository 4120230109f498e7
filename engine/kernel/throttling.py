"""SetThrottles: what an account or a strategy is throttled to; decided in the reference log, like limits."""

import numpy as np

from engine.kernel.answering import answer_event, invalid
from engine.kernel.jit import rule
from engine.kernel.scopes import unknown_scope
from engine.kernel.writing import address_aggregate, begin_event
from engine.limits import BURST_MAX, NS_PER_MS, NS_PER_SECOND, ORDERS_PER_SECOND_MAX
from engine.vocabulary import EventKind, Namespace, Reason, Scope


@rule
def decide_throttles(command, wanted, tables, views, base, at, answer, now):
    """New throttles of an account or a strategy; 0 in a field is no throttle."""
    reason = _malformed_throttles(command, wanted, tables)
    if reason != Reason.NONE:
        return invalid(answer, reason)
    head = begin_event(views, at, command, EventKind.THROTTLES_CHANGED, now)
    head["subject_ref"] = 0
    if command["scope"] == Scope.ACCOUNT:
        _address(head, Namespace.ACCOUNT, command["account"], tables.accounts)
        head["account"] = command["account"]
    else:
        _address(head, Namespace.STRATEGY, command["strategy"], tables.strategies)
        head["strategy"] = command["strategy"]
    row = views.throttles[at]
    row["request_hi"] = command["request_hi"]
    row["request_lo"] = command["request_lo"]
    row["scope"] = command["scope"]
    row["orders_per_second"] = wanted["orders_per_second"]
    row["burst"] = wanted["burst"]
    row["repeat_window_ms"] = wanted["repeat_window_ms"]
    row["repeats_max"] = wanted["repeats_max"]
    row["execution_window_ms"] = wanted["execution_window_ms"]
    row["executions_max"] = wanted["executions_max"]
    row["open_orders_max"] = wanted["open_orders_max"]
    answer_event(views, at, base + at, answer)
    return 1


@rule
def _address(head, namespace, handle, rows):
    row = rows[handle]
    address_aggregate(head, namespace, handle, np.int64(row["version"]) + 1, row["last_offset"])


@rule
def _malformed_throttles(command, wanted, tables):
    """An account is throttled in open and repeated orders, a strategy in its rate and its executions."""
    is_account = command["scope"] == Scope.ACCOUNT
    if not is_account and command["scope"] != Scope.STRATEGY:
        return Reason.BAD_SCOPE
    reason = unknown_scope(command, tables)
    if reason != Reason.NONE:
        return reason
    rate = wanted["orders_per_second"]
    repeats = wanted["repeats_max"]
    executions = wanted["executions_max"]
    if is_account and (rate != 0 or executions != 0):
        return Reason.BAD_LIMIT
    if not is_account and (repeats != 0 or wanted["open_orders_max"] != 0):
        return Reason.BAD_LIMIT
    if rate > ORDERS_PER_SECOND_MAX or wanted["burst"] > BURST_MAX:
        return Reason.BAD_LIMIT
    if (
        (rate == 0) != (wanted["burst"] == 0)
        or (repeats == 0) != (wanted["repeat_window_ms"] == 0)
        or (executions == 0) != (wanted["execution_window_ms"] == 0)
    ):
        return Reason.BAD_LIMIT
    return Reason.NONE


@rule
def evolve_throttles(event, tables, offset):
    """Throttle an account or a strategy from now on; what was counted before still counts."""
    if event["scope"] == Scope.ACCOUNT:
        account = tables.accounts[event["account"]]
        account["version"] = event["version"]
        account["last_offset"] = offset
        account["open_orders_max"] = event["open_orders_max"]
        account["repeats_max"] = event["repeats_max"]
        account["repeat_window_ns"] = np.int64(event["repeat_window_ms"]) * NS_PER_MS
        return
    strategy = tables.strategies[event["strategy"]]
    strategy["version"] = event["version"]
    strategy["last_offset"] = offset
    rate = np.int64(event["orders_per_second"])
    strategy["rate_interval_ns"] = NS_PER_SECOND // rate if rate != 0 else 0
    strategy["rate_burst_ns"] = strategy["rate_interval_ns"] * np.int64(event["burst"])
    strategy["executions_max"] = event["executions_max"]
    strategy["execution_window_ns"] = np.int64(event["execution_window_ms"]) * NS_PER_MS
