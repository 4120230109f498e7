"""Decides: what an order may become, and the client that asks. Everything a user imports is here."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine import errors
    from engine.answers import Ack, Acks, Answers
    from engine.client.admin import Admin
    from engine.client.client import AsyncClient, Client
    from engine.client.subscribing import Subscription
    from engine.client.venue_feed import VenueFeed
    from engine.config import Config
    from engine.flags import ExecInst
    from engine.reads.table import Table
    from engine.vocabulary import (
        AnswerCode,
        Check,
        ExecType,
        OrdStatus,
        OrdType,
        Reason,
        Scope,
        Side,
        TimeInForce,
        TradingState,
    )

_PLACES = {
    "Ack": "engine.answers",
    "Acks": "engine.answers",
    "Admin": "engine.client.admin",
    "AnswerCode": "engine.vocabulary",
    "Answers": "engine.answers",
    "AsyncClient": "engine.client.client",
    "Check": "engine.vocabulary",
    "Client": "engine.client.client",
    "Config": "engine.config",
    "ExecInst": "engine.flags",
    "ExecType": "engine.vocabulary",
    "OrdStatus": "engine.vocabulary",
    "OrdType": "engine.vocabulary",
    "Reason": "engine.vocabulary",
    "Scope": "engine.vocabulary",
    "Side": "engine.vocabulary",
    "Subscription": "engine.client.subscribing",
    "Table": "engine.reads.table",
    "TimeInForce": "engine.vocabulary",
    "TradingState": "engine.vocabulary",
    "VenueFeed": "engine.client.venue_feed",
}

__all__ = [
    "Ack",
    "Acks",
    "Admin",
    "AnswerCode",
    "Answers",
    "AsyncClient",
    "Check",
    "Client",
    "Config",
    "ExecInst",
    "ExecType",
    "OrdStatus",
    "OrdType",
    "Reason",
    "Scope",
    "Side",
    "Subscription",
    "Table",
    "TimeInForce",
    "TradingState",
    "VenueFeed",
    "errors",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first asked for: storage and actors import parts, not all of this."""
    if name == "errors":
        return import_module("engine.errors")
    if name not in _PLACES:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
