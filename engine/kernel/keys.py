"""The keys by which commands are recognised: order ids, execution keys, content fingerprints.

An order id is 128 bits: the trade date (yyyymmdd) in the top 32, then the last 12 of the 16 bytes of
SipHash-2-4-128 (the upper half of its first word, then its second) over the account's name padded with zeros
to 16 bytes and the root ClOrdID padded to 20.
"""

import numpy as np

from engine.kernel.jit import entry, rule
from engine.kernel.siphash import (
    sip_finish_128,
    sip_finish_fast,
    sip_start,
    sip_start_128,
    sip_word,
    sip_word_fast,
)
from engine.vocabulary import CommandKind

_32 = np.uint64(32)
_LENGTH_36 = np.uint64(36 << 56)
_LENGTH_28 = np.uint64(28 << 56)
_LENGTH_124 = np.uint64(124 << 56)
_LENGTH_127 = np.uint64(127 << 56)


@rule
def order_key(trade_date, account_w0, account_w1, w0, w1, w2):
    """The order id (hi, lo) of a ClOrdID in an account on a trade date."""
    v0, v1, v2, v3 = sip_start_128()
    v0, v1, v2, v3 = sip_word(v0, v1, v2, v3, account_w0)
    v0, v1, v2, v3 = sip_word(v0, v1, v2, v3, account_w1)
    v0, v1, v2, v3 = sip_word(v0, v1, v2, v3, w0)
    v0, v1, v2, v3 = sip_word(v0, v1, v2, v3, w1)
    v0, v1, v2, v3 = sip_word(v0, v1, v2, v3, np.uint64(w2) | _LENGTH_36)
    first, second = sip_finish_128(v0, v1, v2, v3)
    return (np.uint64(trade_date) << _32) | (first >> _32), second


@rule
def execution_key(venue, trade_date, w0, w1, w2):
    """The key (hi, lo) of an execution report: SipHash-2-4-128 of venue, trade date and ExecID, 28 bytes."""
    v0, v1, v2, v3 = sip_start_128()
    v0, v1, v2, v3 = sip_word(v0, v1, v2, v3, np.uint64(venue) | (np.uint64(trade_date) << _32))
    v0, v1, v2, v3 = sip_word(v0, v1, v2, v3, w0)
    v0, v1, v2, v3 = sip_word(v0, v1, v2, v3, w1)
    v0, v1, v2, v3 = sip_word(v0, v1, v2, v3, np.uint64(w2) | _LENGTH_28)
    return sip_finish_128(v0, v1, v2, v3)


@rule
def reject_key(venue, trade_date, w0, w1, w2, order_id_hi, order_id_lo):
    """The key (hi, lo) of an OrderCancelReject (35=9), for which FIX has no ExecID.

    It is that of the request it answers: of the order, and of the ClOrdID in the ExecID's place.
    """
    hi, lo = execution_key(venue, trade_date, w0, w1, w2)
    return hi ^ order_id_hi, lo ^ order_id_lo


@rule
def operators_key(request_hi, request_lo):
    """The key (hi, lo) of an operator's bust or correction: that of a report of venue 0, which nobody is.

    Its ExecID is the request id, so that others can refer to it.
    """
    return execution_key(np.uint32(0), np.uint32(0), request_hi, request_lo, np.uint32(0))


@rule
def report_key(command):
    """The key (hi, lo) by which a venue's command is recognised."""
    venue = command["venue"]
    trade_date = command["trade_date"]
    w0 = command["text_w0"]
    w1 = command["text_w1"]
    w2 = command["text_w2"]
    if command["kind"] == CommandKind.CANCEL_REJECT:
        return reject_key(venue, trade_date, w0, w1, w2, command["order_id_hi"], command["order_id_lo"])
    return execution_key(venue, trade_date, w0, w1, w2)


@rule
def reported_key(row):
    """The key of the report that an event records; an OrderCancelReject (35=9) has no ExecType."""
    venue = row["venue"]
    trade_date = row["trade_date"]
    w0 = row["exec_id_w0"]
    w1 = row["exec_id_w1"]
    w2 = row["exec_id_w2"]
    if row["exec_type"] == 0:
        return reject_key(venue, trade_date, w0, w1, w2, row["order_id_hi"], row["order_id_lo"])
    return execution_key(venue, trade_date, w0, w1, w2)


@rule
def fingerprint(command):
    """A 64-bit hash of a command's content: SipHash-1-3 over 124 or 127 bytes, little-endian.

    Left out is what a resend may change: correlation, times, principal, and the expected version.
    """
    v0, v1, v2, v3 = sip_start()
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, command["order_id_hi"])
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, command["order_id_lo"])
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, command["request_hi"])
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, command["request_lo"])
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, np.uint64(command["price"]))
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, np.uint64(command["qty"]))
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, np.uint64(command["cum_qty"]))
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, np.uint64(command["leaves_qty"]))
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, command["subject_ref"])
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, _pair(command["account"], command["instrument"]))
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, _pair(command["strategy"], command["seq"]))
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, command["text_w0"])
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, command["text_w1"])
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, _pair(command["text_w2"], command["venue"]))
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, _codes(command))
    v0, v1, v2, v3 = sip_word_fast(v0, v1, v2, v3, _last_word(command))
    return sip_finish_fast(v0, v1, v2, v3)


@rule
def _pair(low, high):
    return np.uint64(low) | (np.uint64(high) << _32)


@rule
def _last_word(command):
    """The trade date and the length; the row's last three bytes count only where one of them is set.

    So that a row without them has the fingerprint that it had before any kind used them.
    """
    word = np.uint64(command["trade_date"])
    spare = np.uint64(command["spare_0"])
    spare = spare | (np.uint64(command["spare_1"]) << np.uint64(8))
    spare = spare | (np.uint64(command["spare_2"]) << np.uint64(16))
    if spare == np.uint64(0):
        return word | _LENGTH_124
    return word | (spare << _32) | _LENGTH_127


@rule
def _codes(command):
    """The one-byte codes in one word, the kind first."""
    word = np.uint64(command["kind"])
    word = word | (np.uint64(command["lane"]) << np.uint64(8))
    word = word | (np.uint64(command["side"]) << np.uint64(16))
    word = word | (np.uint64(command["ord_type"]) << np.uint64(24))
    word = word | (np.uint64(command["time_in_force"]) << np.uint64(32))
    word = word | (np.uint64(command["exec_type"]) << np.uint64(40))
    word = word | (np.uint64(command["scope"]) << np.uint64(48))
    return word | (np.uint64(command["trading_state"]) << np.uint64(56))


@entry
def fill_order_ids(commands, names):
    """Write each row's order id from its trade date, account name and ClOrdID (`text`).

    `names` is one row a command with `name_w0` and `name_w1`: the account's name.
    """
    for i in range(len(commands)):
        row = commands[i]
        hi, lo = order_key(
            row["trade_date"],
            names[i]["name_w0"],
            names[i]["name_w1"],
            row["text_w0"],
            row["text_w1"],
            row["text_w2"],
        )
        row["order_id_hi"] = hi
        row["order_id_lo"] = lo


@entry
def fill_exec_refs(reports, referred):
    """Write into each report (REPORT_COMMAND) the execution key of what it is about.

    `referred` is one COMMAND row a report with venue, trade date and ExecID (`text`) of the other.
    """
    for i in range(len(reports)):
        row = referred[i]
        hi, lo = execution_key(
            row["venue"], row["trade_date"], row["text_w0"], row["text_w1"], row["text_w2"]
        )
        reports[i]["exec_ref_hi"] = hi
        reports[i]["exec_ref_lo"] = lo
