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
def write_scope(head, command):
    """The one name that a scope is about; other handles in the command were never looked at."""
    scope = command["scope"]
    if scope == Scope.ACCOUNT:
        head["account"] = command["account"]
    elif scope == Scope.STRATEGY:
        head["strategy"] = command["strategy"]
    elif scope == Scope.INSTRUMENT:
        head["instrument"] = command["instrument"]


@rule
def is_in_scope(command, order):
    """Whether a mass cancel is about this order."""
    scope = command["scope"]
    if scope == Scope.ACCOUNT:
        return order["account"] == command["account"]
    if scope == Scope.STRATEGY:
        return order["strategy"] == command["strategy"]
    if scope == Scope.INSTRUMENT:
        return order["instrument"] == command["instrument"]
    return True
