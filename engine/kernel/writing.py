"""How decide fills the head of an event row, which every kind shares."""

import numpy as np

from engine.kernel.jit import rule
from engine.kernel.keys import fingerprint
from engine.kernel.order_facts import leaves_of, status_of
from engine.rows.schema import newest_versions
from engine.vocabulary import Lane, Namespace

_NEWEST = np.array(newest_versions(), np.uint8)
"""The schema version of new rows, by kind."""


@rule
def begin_event(views, at, command, kind, now):
    """Zero row `at` and fill what comes from the command and the clock; gives the head row.

    The buffer's last row is never written and serves as the row of zeros.
    """
    views.head[at] = views.head[len(views.head) - 1]
    head = views.head[at]
    head["prev_offset"] = -1
    head["causation"] = -1
    head["kind"] = kind
    head["schema"] = _NEWEST[kind]
    head["ts_event"] = command["ts_event"] if command["ts_event"] != 0 else np.int64(now)
    head["correlation_hi"] = command["correlation_hi"]
    head["correlation_lo"] = command["correlation_lo"]
    head["subject_ref"] = command["subject_ref"]
    head["principal"] = command["principal"]
    head["auth_method"] = command["auth_method"]
    head["lane"] = command["lane"]
    head["seq"] = command["seq"]
    head["fingerprint"] = fingerprint(command)
    return head


@rule
def begin_follow_up(views, at, kind, cause, now):
    """Zero row `at` and begin what the engine writes by itself because of the event at offset `cause`."""
    views.head[at] = views.head[len(views.head) - 1]
    head = views.head[at]
    head["prev_offset"] = -1
    head["causation"] = cause
    head["kind"] = kind
    head["schema"] = _NEWEST[kind]
    head["ts_event"] = np.int64(now)
    head["lane"] = Lane.ENGINE
    return head


@rule
def address_order(head, command):
    """Say which order, account, instrument and strategy an event of a new order is about."""
    head["order_id_hi"] = command["order_id_hi"]
    head["order_id_lo"] = command["order_id_lo"]
    head["account"] = command["account"]
    head["instrument"] = command["instrument"]
    head["strategy"] = command["strategy"]
    head["version"] = 1


@rule
def follow_order(head, order):
    """Say that an event follows the last one of a known order."""
    head["order_id_hi"] = order["key_hi"]
    head["order_id_lo"] = order["key_lo"]
    head["account"] = order["account"]
    head["instrument"] = order["instrument"]
    head["strategy"] = order["strategy"]
    head["version"] = np.int64(order["version"]) + 1
    head["prev_offset"] = order["last_offset"]
    head["status"] = status_of(order)


@rule
def keep_quantities(row, order):
    """CumQty and LeavesQty as they stand, for an event that changes neither."""
    row["cum_qty"] = order["cum_qty"]
    row["leaves_qty"] = leaves_of(order)


@rule
def address_aggregate(head, namespace, handle, version, last_offset):
    """Say which account, instrument or venue an event is about: the namespace is the id's upper half."""
    head["order_id_hi"] = np.uint64(namespace)
    head["order_id_lo"] = np.uint64(handle)
    head["version"] = version
    head["prev_offset"] = last_offset


@rule
def address_scope(head, scope, firm):
    """Say that an event is about a scope; scopes share one chain, the firm's."""
    address_aggregate(head, Namespace.SCOPE, scope, np.int64(firm["version"]) + 1, firm["last_offset"])


@rule
def write_request(row, command):
    """The id by which an operator's command is recognised, and its scope if it has one."""
    row["request_hi"] = command["request_hi"]
    row["request_lo"] = command["request_lo"]
    row["scope"] = command["scope"]


@rule
def write_text(row, command):
    """The command's text: a ClOrdID, or the reason that an operator gives."""
    row["cl_ord_id_w0"] = command["text_w0"]
    row["cl_ord_id_w1"] = command["text_w1"]
    row["cl_ord_id_w2"] = command["text_w2"]
