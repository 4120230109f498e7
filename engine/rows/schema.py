"""Which dtype reads an event: (kind, schema version) → dtype, and the digest of them all."""

import hashlib

import numpy as np

from engine.rows import events, lifecycle_events
from engine.vocabulary import EventKind

_KINDS_MAX = 256
"""A row keeps its kind in one byte."""

_DENIAL = (events.DENIAL_EVENT, events.DENIAL_FIELDS)
_ORDER = (events.ORDER_EVENT, events.ORDER_FIELDS)
_SUBMITTED = (lifecycle_events.SUBMITTED_EVENT, lifecycle_events.SUBMITTED_FIELDS)
_REPLACE = (lifecycle_events.REPLACE_EVENT, lifecycle_events.REPLACE_FIELDS)
_ORDER_DENIAL = (lifecycle_events.ORDER_DENIAL_EVENT, lifecycle_events.ORDER_DENIAL_FIELDS)
_REPLACE_DENIAL = (lifecycle_events.REPLACE_DENIAL_EVENT, lifecycle_events.REPLACE_DENIAL_FIELDS)
_REPORT = (events.REPORT_EVENT, events.REPORT_FIELDS)
_CHANGE = (lifecycle_events.STATED_CHANGE_EVENT, lifecycle_events.STATED_CHANGE_FIELDS)
_IN_DOUBT = (lifecycle_events.IN_DOUBT_EVENT, lifecycle_events.IN_DOUBT_FIELDS)
_THROTTLES = (lifecycle_events.THROTTLES_EVENT, lifecycle_events.THROTTLES_FIELDS)
_REQUEST = (events.REQUEST_EVENT, events.REQUEST_FIELDS)
_RETIREMENT = (lifecycle_events.RETIREMENT_EVENT, lifecycle_events.RETIREMENT_FIELDS)
_RECALLED_ORDER = (lifecycle_events.RECALLED_ORDER_EVENT, lifecycle_events.RECALLED_ORDER_FIELDS)
_RECALLED_EXECUTION = (
    lifecycle_events.RECALLED_EXECUTION_EVENT,
    lifecycle_events.RECALLED_EXECUTION_FIELDS,
)
_NAME = (events.NAME_EVENT, events.NAME_FIELDS)
_INSTRUMENT = (events.INSTRUMENT_EVENT, events.INSTRUMENT_FIELDS)
_ORPHAN = (lifecycle_events.ORPHAN_EVENT, lifecycle_events.ORPHAN_FIELDS)
_EXPOSURE_LIMITS = (lifecycle_events.EXPOSURE_LIMITS_EVENT, lifecycle_events.EXPOSURE_LIMITS_FIELDS)
_DRAWDOWN_LIMITS = (lifecycle_events.DRAWDOWN_LIMITS_EVENT, lifecycle_events.DRAWDOWN_LIMITS_FIELDS)
_HALT = (lifecycle_events.HALT_EVENT, lifecycle_events.HALT_FIELDS)
_FX = (lifecycle_events.FX_EVENT, lifecycle_events.FX_FIELDS)
_TRADE = (lifecycle_events.STATED_TRADE_EVENT, lifecycle_events.STATED_TRADE_FIELDS)
_LIMITS = (events.LIMITS_EVENT, events.LIMITS_FIELDS)
_RESTATEMENT = (lifecycle_events.RESTATEMENT_EVENT, lifecycle_events.RESTATEMENT_FIELDS)
_CORRECTION = (lifecycle_events.CORRECTION_EVENT, lifecycle_events.CORRECTION_FIELDS)
_LEASE = (lifecycle_events.LEASE_EVENT, lifecycle_events.LEASE_FIELDS)
_OPERATORS_CORRECTION = (
    lifecycle_events.OPERATORS_CORRECTION_EVENT,
    lifecycle_events.OPERATORS_CORRECTION_FIELDS,
)
_INTEGRITY = (lifecycle_events.INTEGRITY_EVENT, lifecycle_events.INTEGRITY_FIELDS)

SCHEMAS = {
    (EventKind.ORDER_SUBMITTED, 1): _ORDER,
    (EventKind.ORDER_SUBMITTED, 2): _SUBMITTED,
    (EventKind.ORDER_DENIED, 1): _DENIAL,
    (EventKind.ORDER_DENIED, 2): _ORDER_DENIAL,
    (EventKind.REPLACE_REQUESTED, 1): _REPLACE,
    (EventKind.REPLACE_DENIED, 1): _DENIAL,
    (EventKind.REPLACE_DENIED, 2): _REPLACE_DENIAL,
    (EventKind.CANCEL_REQUESTED, 1): _REQUEST,
    (EventKind.CANCEL_DENIED, 1): _REQUEST,
    (EventKind.ORDER_ACCEPTED, 1): _CHANGE,
    (EventKind.ORDER_REJECTED, 1): _CHANGE,
    (EventKind.TRADE_EXECUTED, 1): _REPORT,
    (EventKind.ORDER_CANCELED, 1): _CHANGE,
    (EventKind.ORDER_REPLACED, 1): _CHANGE,
    (EventKind.ORDER_RESTATED, 1): _CHANGE,
    (EventKind.ORDER_EXPIRED, 1): _CHANGE,
    (EventKind.ORPHAN_REPORTED, 1): _ORPHAN,
    (EventKind.CANCEL_REJECTED, 1): _CHANGE,
    (EventKind.REPLACE_REJECTED, 1): _CHANGE,
    (EventKind.ORDER_TRIGGERED, 1): _CHANGE,
    (EventKind.ORDER_DONE_FOR_DAY, 1): _CHANGE,
    (EventKind.ORDER_SUSPENDED, 1): _CHANGE,
    (EventKind.ORDER_RESUMED, 1): _CHANGE,
    (EventKind.ORDER_STATUS_REPORTED, 1): _CHANGE,
    (EventKind.REQUEST_IN_DOUBT, 1): _IN_DOUBT,
    (EventKind.IN_DOUBT_RESOLVED, 1): _IN_DOUBT,
    (EventKind.CONFLICT_DETECTED, 1): _REQUEST,
    (EventKind.MASS_CANCEL_REQUESTED, 1): _REQUEST,
    (EventKind.MASS_CANCEL_COMPLETED, 1): _REQUEST,
    (EventKind.VENUE_DEFINED, 1): _NAME,
    (EventKind.INSTRUMENT_DEFINED, 1): _INSTRUMENT,
    (EventKind.ACCOUNT_DEFINED, 1): _NAME,
    (EventKind.STRATEGY_DEFINED, 1): _NAME,
    (EventKind.PRINCIPAL_DEFINED, 1): _NAME,
    (EventKind.LIMITS_CHANGED, 1): _LIMITS,
    (EventKind.THROTTLES_CHANGED, 1): _THROTTLES,
    (EventKind.TRADING_STATE_CHANGED, 1): _REQUEST,
    (EventKind.MARK_CHANGED, 1): _REQUEST,
    (EventKind.TRADING_DAY_STARTED, 1): _REQUEST,
    (EventKind.ORDERS_RETIRED, 1): _RETIREMENT,
    (EventKind.TRADE_EXECUTED, 2): _TRADE,
    (EventKind.OVERFILL_DETECTED, 1): _INTEGRITY,
    (EventKind.CUM_QTY_GAP_DETECTED, 1): _INTEGRITY,
    (EventKind.CUM_QTY_GAP_CLOSED, 1): _INTEGRITY,
    (EventKind.TRADE_CORRECTED, 1): _CORRECTION,
    (EventKind.TRADE_BUSTED, 1): _CORRECTION,
    (EventKind.TRADE_CORRECTED, 2): _CORRECTION,
    (EventKind.TRADE_BUSTED, 2): _CORRECTION,
    (EventKind.TRADE_CORRECTED, 3): _OPERATORS_CORRECTION,
    (EventKind.TRADE_BUSTED, 3): _OPERATORS_CORRECTION,
    (EventKind.ORPHAN_REPORTED, 2): _ORPHAN,
    (EventKind.POSITION_RESTATED, 1): _RESTATEMENT,
    (EventKind.FX_CHANGED, 1): _FX,
    (EventKind.HALT_LIFTED, 1): _REQUEST,
    (EventKind.ORDER_RECALLED, 1): _RECALLED_ORDER,
    (EventKind.EXECUTION_RECALLED, 1): _RECALLED_EXECUTION,
    (EventKind.FIRM_LIMIT_CHANGED, 1): _LEASE,
    (EventKind.LEASE_GRANTED, 1): _LEASE,
    (EventKind.LEASE_RETURNED, 1): _LEASE,
    (EventKind.EXPOSURE_LIMITS_CHANGED, 1): _EXPOSURE_LIMITS,
    (EventKind.HALT_LATCHED, 1): _HALT,
    (EventKind.EXPOSURE_LIMITS_CHANGED, 2): _DRAWDOWN_LIMITS,
}
"""Stored rows keep their version, so its dtype stays here for ever; new rows carry the newest of their kind.

A kind that only began to use bytes that had been zero has no new version: an old row says nothing there. The
second version of orphans and corrections has the same bytes: from it on they are held for their order.
The third one of corrections is what operators say, the second stays what venues do. Limits on exposure have a
second one although it only adds bytes: whoever does not know their limit on drawdown is not to pass it over.
"""

VENUES_CORRECTION = 2
"""The version of a venue's busts and corrections, which is not the newest of their kinds."""


def newest_versions() -> list[int]:
    """The newest schema version of every kind by its number, 0 where there is none."""
    versions = [0] * _KINDS_MAX
    for kind, version in SCHEMAS:
        versions[kind] = max(versions[kind], version)
    return versions


def event_dtype(kind: int, schema: int) -> np.dtype[np.void]:
    """The dtype that reads an event of this kind and schema version; KeyError names an unknown pair."""
    return SCHEMAS[EventKind(kind), schema][0]


def schema_set_digest() -> bytes:
    """SHA-256 over every kind, version, field name, format and offset: 32 bytes, in each block's header."""
    digest = hashlib.sha256()
    for (kind, version), (dtype, fields) in sorted(SCHEMAS.items()):
        digest.update(f"{kind.name} {version} {dtype.itemsize}\n".encode())
        for field in fields:
            digest.update(f"{field.name} {field.format} {field.offset}\n".encode())
    return digest.digest()
