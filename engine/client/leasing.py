"""The firm's limits, and each partition's lease on them.

The reference log grants, so that all leases together never pass a limit; the engine itself asks for what its
partitions need and returns what is idle. `grant_lease` and `return_lease` are for people who know better.
"""

import numpy as np

from engine.answers import Ack
from engine.client.connection import Connection
from engine.client.conversation import Conversation
from engine.client.operator_rows import operator_row, send_operator
from engine.client.request_ids import RequestId
from engine.client.transport import REFERENCE
from engine.errors import BadRequest
from engine.limits import LIMIT_MAX, MONEY_SCALE
from engine.rows.commands import LEASE_COMMAND, command_rows
from engine.values import Number, currency_bytes, units_of, unscaled, whole_within
from engine.vocabulary import CommandKind

NO_LIMIT = -1
TTL_MS_MAX = 2**32 - 1
"""Longest lease that a row holds, in ms: 49 days."""


def set_firm_limit(
    connection: Connection, currency: str, limit: Number | None, *, request_id: RequestId | None = None
) -> Conversation[Ack]:
    """Limit the credit of the whole firm in a currency: what positions have cost, and what works.

    From then on a partition takes orders that add credit only as far as it has a lease on the limit.

    - `currency`: three letters, ISO 4217; instruments in another one are not looked at.
    - `limit`: whole units of it; None takes the limit away. One below what is leased already is REJECTED with
      FIRM_BUDGET: partitions return what is idle by themselves, and `return_lease` makes one do so at once.
    """
    amount = NO_LIMIT if limit is None else _amount(limit, "limit")
    rows = _lease_row(connection, CommandKind.SET_FIRM_LIMIT, currency, amount, request_id)
    return (yield from send_operator(REFERENCE, rows.view(command_rows(0).dtype)))


def grant_lease(
    connection: Connection,
    partition: int,
    currency: str,
    amount: Number,
    *,
    ttl_ms: int,
    request_id: RequestId | None = None,
) -> Conversation[Ack]:
    """Let a partition use so much more of the firm's limit, and all that it has for `ttl_ms` from now on.

    REJECTED with FIRM_BUDGET where all leases together would pass the limit. `amount` 0 only renews.
    """
    rows = _lease_row(connection, CommandKind.GRANT_LEASE, currency, _amount(amount, "amount"), request_id)
    rows["partition"] = _known(connection, partition)
    rows["ttl_ms"] = whole_within(ttl_ms, 1, TTL_MS_MAX, "ttl_ms")
    return (yield from send_operator(REFERENCE, rows.view(command_rows(0).dtype)))


def return_lease(
    connection: Connection,
    partition: int,
    currency: str,
    amount: Number,
    *,
    request_id: RequestId | None = None,
) -> Conversation[Ack]:
    """Let a partition give back so much of its lease: from its answer on it may use so much less.

    The engine records it in the reference log by itself, a moment later: then another partition may have it.
    REJECTED with FIRM_BUDGET where the partition uses too much, with ALREADY_PENDING as long as an earlier
    return is not recorded.
    """
    rows = _lease_row(connection, CommandKind.RETURN_LEASE, currency, _amount(amount, "amount"), request_id)
    rows["partition"] = _known(connection, partition)
    return (yield from send_operator(partition, rows.view(command_rows(0).dtype)))


def _lease_row(
    connection: Connection, kind: CommandKind, currency: str, amount: int, request_id: RequestId | None
) -> np.ndarray:
    rows = operator_row(connection, kind, request_id).view(LEASE_COMMAND)
    rows["currency"] = currency_bytes(currency)
    rows["amount"] = amount
    return rows


def _amount(value: Number, what: str) -> int:
    """Money in 10^-8 of its currency."""
    units = units_of(value, MONEY_SCALE, what)
    if not 0 <= units <= LIMIT_MAX:
        raise BadRequest(f"{what}={value} is not between 0 and {unscaled(LIMIT_MAX, MONEY_SCALE)}")
    return units


def _known(connection: Connection, partition: int) -> int:
    """A partition's number; BadRequest where the engine has no such partition."""
    if partition not in connection.catalog.partitions:
        raise BadRequest(f"partition={partition!r} is none of {connection.catalog.partitions}")
    return partition
