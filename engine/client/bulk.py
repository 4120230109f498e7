"""Many commands at once: rows grouped by partition, sent as they stand, answered in the caller's order."""

import numpy as np

from engine.answers import Answers
from engine.client.catalog import Account
from engine.client.command_rows import commands_of, picked, probe_rows
from engine.client.connection import Connection, refresh
from engine.client.conversation import Conversation, Send
from engine.errors import BadRequest
from engine.kernel.kinds import VENUE_COMMANDS
from engine.refusals import Scales
from engine.rows.answers import answer_rows
from engine.vocabulary import CommandKind

NOWHERE = -1
"""The partition of a row that no account leads to."""


def send_rows(connection: Connection, rows: np.ndarray) -> Conversation[Answers]:
    """Send command rows that are ready made, order ids and numbers included; the answers keep their order.

    Rows go to the partition of their account; without one, to the partition that has their order. Each
    partition's rows stay in order and travel in frames, several under way at once. BadRequest names a row
    that no partition can be found for, before any is sent. After `OutcomeUnknown` send the same rows again.

    - `rows`: COMMAND rows, or of another command dtype; owner's and venue's lanes, and operators' cancels.
    """
    commands = commands_of(rows)
    partitions = yield from _partitions_of(connection, commands)
    answers = answer_rows(len(commands))
    connection.orders.forget_numbers(commands)
    for partition in np.unique(partitions):
        at = np.flatnonzero(partitions == partition)
        part = commands if len(at) == len(commands) else picked(commands, at)
        answers[at], _ = yield Send(int(partition), part)
    return Answers(answers, commands, partitions, _scales_of(connection))


def _partitions_of(connection: Connection, commands: np.ndarray) -> Conversation[np.ndarray]:
    """The partition of each row, int64."""
    numbers = connection.catalog.partitions
    if len(numbers) == 1:
        return np.full(len(commands), numbers[0], np.int64)
    partitions = yield from _partitions_by_account(connection, commands["account"])
    homeless = np.flatnonzero(partitions == NOWHERE)
    if len(homeless):
        partitions[homeless] = yield from _partitions_by_order(connection, commands[homeless])
    return partitions


def _partitions_by_account(connection: Connection, accounts: np.ndarray) -> Conversation[np.ndarray]:
    """The partition of each account handle, NOWHERE for handle 0."""
    handles, at = np.unique(accounts, return_inverse=True)
    if any(connection.catalog.by_handle(Account, handle) is None for handle in handles if handle):
        yield from refresh(connection)
    known = [connection.catalog.by_handle(Account, handle) for handle in handles]
    for handle, account in zip(handles, known, strict=True):
        if handle and account is None:
            raise BadRequest(f"unknown account handle {handle}: nobody defined it")
    homes = np.array([NOWHERE if account is None else account.partition for account in known], np.int64)
    partitions: np.ndarray = homes[at]
    return partitions


def _partitions_by_order(connection: Connection, commands: np.ndarray) -> Conversation[np.ndarray]:
    """The partition that has each row's order; the first one where none has, to keep what it says."""
    foreign = np.flatnonzero(~np.isin(commands["kind"], [*VENUE_COMMANDS, CommandKind.CANCEL_ORDER]))
    if len(foreign):
        row = commands[foreign[0]]
        raise BadRequest(f"a row of kind {CommandKind(row['kind']).name} names no account, so no partition")
    words = [(int(row["order_id_hi"]), int(row["order_id_lo"])) for row in commands]
    unique = sorted(set(words))
    homes = dict.fromkeys(unique, connection.catalog.partitions[0])
    for partition in connection.catalog.partitions:
        answers, _ = yield Send(partition, probe_rows(unique))
        homes |= {
            key: partition for key, answer in zip(unique, answers, strict=True) if answer["expected_seq"] > 1
        }
    return np.array([homes[key] for key in words], np.int64)


def _scales_of(connection: Connection) -> dict[int, Scales]:
    """Scales by instrument handle, for showing prices and quantities."""
    return {
        instrument.handle: Scales(instrument.price_scale, instrument.qty_scale)
        for instrument in connection.catalog.instruments.values()
    }
