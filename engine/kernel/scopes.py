"""Scopes: whom a mass cancel or a trading state is about."""

from engine.kernel.jit import rule
from engine.vocabulary import Reason, Scope


@rule
def unknown_scope(command, tables):
    """Why a scope is none: it names somebody we don't know, or is no scope at all; else NONE."""
    scope = command["scope"]
    if scope == Scope.ALL:
        return Reason.NONE
    if scope == Scope.ACCOUNT:
        return unknown_handle(tables.accounts, command["account"], Reason.UNKNOWN_ACCOUNT)
    if scope == Scope.STRATEGY:
        return unknown_handle(tables.strategies, command["strategy"], Reason.UNKNOWN_STRATEGY)
    if scope == Scope.INSTRUMENT:
        return unknown_handle(tables.instruments, command["instrument"], Reason.UNKNOWN_INSTRUMENT)
    if scope == Scope.VENUE:
        return unknown_handle(tables.venues, command["venue"], Reason.UNKNOWN_VENUE)
    return Reason.BAD_SCOPE


@rule
def unknown_handle(rows, handle, reason):
    """`reason` where a handle from outside names no defined row, else NONE: asked before any row is read by
    it.
    """
    if handle >= len(rows) or not rows[handle]["is_defined"]:
        return reason
    return Reason.NONE


@rule
def write_scope(row, command):
    """The one name that a scope is about; other handles in the command were never looked at."""
    scope = command["scope"]
    if scope == Scope.ACCOUNT:
        row["account"] = command["account"]
    elif scope == Scope.STRATEGY:
        row["strategy"] = command["strategy"]
    elif scope == Scope.INSTRUMENT:
        row["instrument"] = command["instrument"]
    elif scope == Scope.VENUE:
        row["venue"] = command["venue"]


@rule
def is_in_scope(command, order, tables):
    """Whether a mass cancel is about this order."""
    scope = command["scope"]
    if scope == Scope.ACCOUNT:
        return order["account"] == command["account"]
    if scope == Scope.STRATEGY:
        return order["strategy"] == command["strategy"]
    if scope == Scope.INSTRUMENT:
        return order["instrument"] == command["instrument"]
    if scope == Scope.VENUE:
        return tables.instruments[order["instrument"]]["venue"] == command["venue"]
    return True
