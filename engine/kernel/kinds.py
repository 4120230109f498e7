"""Kinds in groups: which commands a lane may bring, and what an event is about.

Rules ask for the group and never compare numbers, so that a new kind may have any number that is free.
"""

from collections.abc import Iterable

import numpy as np

from engine.kernel.jit import rule
from engine.vocabulary import CommandKind, EventKind

_KINDS_MAX = 256
"""A row keeps its kind in one byte."""

OWNER_COMMANDS = (CommandKind.SUBMIT_ORDER, CommandKind.REPLACE_ORDER, CommandKind.CANCEL_ORDER)
"""What the owner of an order may ask for."""
VENUE_COMMANDS = (CommandKind.EXECUTION_REPORT, CommandKind.CANCEL_REJECT)
"""What a venue may say."""
LEASE_COMMANDS = (CommandKind.SET_FIRM_LIMIT, CommandKind.GRANT_LEASE, CommandKind.RETURN_LEASE)
"""What is asked about the firm's limits and the partitions' shares of them."""
OPERATOR_COMMANDS = (
    CommandKind.CANCEL_ORDER,
    CommandKind.MASS_CANCEL,
    CommandKind.SET_VENUE,
    CommandKind.SET_INSTRUMENT,
    CommandKind.SET_ACCOUNT,
    CommandKind.SET_STRATEGY,
    CommandKind.SET_PRINCIPAL,
    CommandKind.SET_LIMITS,
    CommandKind.SET_EXPOSURE_LIMITS,
    CommandKind.SET_THROTTLES,
    CommandKind.SET_TRADING_STATE,
    CommandKind.SET_MARK,
    CommandKind.START_TRADING_DAY,
    CommandKind.LIFT_HALT,
    CommandKind.MARK_IN_DOUBT,
    CommandKind.RESOLVE_IN_DOUBT,
    CommandKind.SET_FX,
    *LEASE_COMMANDS,
    CommandKind.BUST_TRADE,
    CommandKind.CORRECT_TRADE,
)
"""What operators and administrators may ask for."""
CANCELS = (CommandKind.CANCEL_ORDER, CommandKind.MASS_CANCEL)
"""What passes where nothing else does."""

REQUESTS = (
    EventKind.ORDER_SUBMITTED,
    EventKind.ORDER_DENIED,
    EventKind.REPLACE_REQUESTED,
    EventKind.REPLACE_DENIED,
    EventKind.CANCEL_REQUESTED,
    EventKind.CANCEL_DENIED,
    EventKind.REQUEST_IN_DOUBT,
    EventKind.IN_DOUBT_RESOLVED,
)
"""What was asked for an order, granted or denied, and whether it is certain that the venue knows."""
REPORTS = (
    EventKind.ORDER_ACCEPTED,
    EventKind.ORDER_REJECTED,
    EventKind.TRADE_EXECUTED,
    EventKind.ORDER_CANCELED,
    EventKind.ORDER_REPLACED,
    EventKind.ORDER_RESTATED,
    EventKind.ORDER_EXPIRED,
    EventKind.ORPHAN_REPORTED,
    EventKind.CANCEL_REJECTED,
    EventKind.REPLACE_REJECTED,
    EventKind.TRADE_CORRECTED,
    EventKind.TRADE_BUSTED,
    EventKind.ORDER_TRIGGERED,
    EventKind.ORDER_DONE_FOR_DAY,
    EventKind.ORDER_SUSPENDED,
    EventKind.ORDER_RESUMED,
    EventKind.ORDER_STATUS_REPORTED,
)
"""What a venue reported, each remembered by its ExecID."""
INTEGRITY = (
    EventKind.CONFLICT_DETECTED,
    EventKind.OVERFILL_DETECTED,
    EventKind.CUM_QTY_GAP_DETECTED,
    EventKind.CUM_QTY_GAP_CLOSED,
)
"""What does not fit together, kept for people to look at."""
CORRECTIONS = (EventKind.TRADE_CORRECTED, EventKind.TRADE_BUSTED)
"""What a venue takes back of what it has reported."""
FOLLOW_UPS = (
    EventKind.OVERFILL_DETECTED,
    EventKind.CUM_QTY_GAP_DETECTED,
    EventKind.CUM_QTY_GAP_CLOSED,
    EventKind.POSITION_RESTATED,
    EventKind.HALT_LATCHED,
)
"""What the engine writes by itself because of another event."""
MASS_CANCELS = (EventKind.MASS_CANCEL_REQUESTED, EventKind.MASS_CANCEL_COMPLETED)
"""The beginning and the end of a mass cancel."""
NAMINGS = (
    EventKind.VENUE_DEFINED,
    EventKind.INSTRUMENT_DEFINED,
    EventKind.ACCOUNT_DEFINED,
    EventKind.STRATEGY_DEFINED,
    EventKind.PRINCIPAL_DEFINED,
)
"""What gives a name its handle."""
LEASES = (EventKind.FIRM_LIMIT_CHANGED, EventKind.LEASE_GRANTED, EventKind.LEASE_RETURNED)
"""The firm's limits, and each partition's share of them."""
DEFINITIONS = (
    *NAMINGS,
    EventKind.LIMITS_CHANGED,
    EventKind.EXPOSURE_LIMITS_CHANGED,
    EventKind.THROTTLES_CHANGED,
    *LEASES,
)
"""What administrators define: names, limits, and each partition's share of the firm's."""
SETTINGS = (
    EventKind.TRADING_STATE_CHANGED,
    EventKind.MARK_CHANGED,
    EventKind.TRADING_DAY_STARTED,
    EventKind.FX_CHANGED,
    EventKind.HALT_LATCHED,
    EventKind.HALT_LIFTED,
)
"""What the whole partition goes by: trading states, halts, marks, rates of exchange, trading days."""
RECALLS = (EventKind.ORDER_RECALLED, EventKind.EXECUTION_RECALLED)
"""What brings a closed order back into memory."""
UPKEEP = (EventKind.POSITION_RESTATED, EventKind.ORDERS_RETIRED, *RECALLS)
"""What follows from other events: the engine does it by itself."""


def _members(kinds: Iterable[int]) -> np.ndarray:
    """One bool for every number that a row's byte can hold."""
    members = np.zeros(_KINDS_MAX, np.bool_)
    members[list(kinds)] = True
    return members


_IS_OWNERS = _members(OWNER_COMMANDS)
_IS_VENUES = _members(VENUE_COMMANDS)
_IS_OPERATORS = _members(OPERATOR_COMMANDS)
_IS_COMMAND = _members((*OWNER_COMMANDS, *VENUE_COMMANDS, *OPERATOR_COMMANDS))
_IS_CANCEL = _members(CANCELS)
_IS_LEASE_COMMAND = _members(LEASE_COMMANDS)
_IS_REQUEST = _members(REQUESTS)
_IS_REPORT = _members(REPORTS)
_IS_CORRECTION = _members(CORRECTIONS)
_IS_FOLLOW_UP = _members(FOLLOW_UPS)
_IS_MASS_CANCEL = _members(MASS_CANCELS)
_IS_RECALL = _members(RECALLS)
_IS_NAMING = _members(NAMINGS)
_IS_DEFINITION = _members(DEFINITIONS)
_IS_LEASE = _members(LEASES)
_IS_REFERENCE = _members((*DEFINITIONS, *SETTINGS))


@rule
def is_owners(kind):
    """Whether the owner of an order may give commands of this kind."""
    return _IS_OWNERS[kind]


@rule
def is_venues(kind):
    """Whether venues may give commands of this kind."""
    return _IS_VENUES[kind]


@rule
def is_operators(kind):
    """Whether operators and administrators may give commands of this kind."""
    return _IS_OPERATORS[kind]


@rule
def is_command(kind):
    """Whether anybody may give commands of this kind."""
    return _IS_COMMAND[kind]


@rule
def is_lease_command(kind):
    """Whether a command is about the firm's limits or a partition's share of them."""
    return _IS_LEASE_COMMAND[kind]


@rule
def is_cancel(kind):
    """Whether a command of this kind asks to cancel: it must pass where others wait."""
    return _IS_CANCEL[kind]


@rule
def is_request(kind):
    """Whether an event says what was asked for an order."""
    return _IS_REQUEST[kind]


@rule
def is_report(kind):
    """Whether an event says what a venue reported, of an order or an orphan."""
    return _IS_REPORT[kind]


@rule
def is_correction(kind):
    """Whether an event says that an earlier report was wrong."""
    return _IS_CORRECTION[kind]


@rule
def is_follow_up(kind):
    """Whether the engine writes events of this kind by itself, because of another event."""
    return _IS_FOLLOW_UP[kind]


@rule
def is_mass_cancel(kind):
    """Whether an event begins or ends a mass cancel."""
    return _IS_MASS_CANCEL[kind]


@rule
def is_recall(kind):
    """Whether an event brings back a closed order or one of its reports."""
    return _IS_RECALL[kind]


@rule
def is_naming(kind):
    """Whether an event gives a name its handle."""
    return _IS_NAMING[kind]


@rule
def is_definition(kind):
    """Whether an event defines a name, limits or a lease."""
    return _IS_DEFINITION[kind]


@rule
def is_lease(kind):
    """Whether an event is about the firm's limits or a partition's share of them."""
    return _IS_LEASE[kind]


@rule
def is_reference(kind):
    """Whether an event is about what orders are measured by, definitions and settings, and not an order."""
    return _IS_REFERENCE[kind]
