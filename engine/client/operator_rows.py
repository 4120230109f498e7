"""Command rows of the operators' lane, recognised by a request id, and where they go."""

import numpy as np

from engine.answers import NO_SCALES, Ack, Acks, ack_of
from engine.client.accepted_words import SCOPES
from engine.client.catalog import Catalog
from engine.client.connection import Connection
from engine.client.conversation import Conversation, Send
from engine.client.request_ids import RequestId
from engine.errors import BadRequest, OrderfoldError, OutcomeUnknown
from engine.refusals import Scales
from engine.rows.commands import command_rows
from engine.values import cl_ord_id_bytes, code_of, id_text
from engine.vocabulary import CommandKind, Lane, Scope

_NAMED = {
    Scope.VENUE: "venue",
    Scope.ACCOUNT: "account",
    Scope.STRATEGY: "strategy",
    Scope.INSTRUMENT: "instrument",
}


def operator_row(connection: Connection, kind: CommandKind, request_id: RequestId | None) -> np.ndarray:
    """One COMMAND row with its kind, lane and request id."""
    rows = command_rows(1)
    rows["kind"], rows["lane"] = kind, Lane.OPERATOR
    rows["request_hi"], rows["request_lo"] = connection.request_words(request_id)
    return rows


def write_reason(rows: np.ndarray, text: str) -> None:
    """Say why: at most 20 printable ASCII characters, or none."""
    if text:
        rows["text"] = cl_ord_id_bytes(text, "text")


def write_scope(catalog: Catalog, rows: np.ndarray, scope: Scope | str, **names: str | None) -> None:
    """Say what a command is about; BadRequest unless exactly the name that the scope is about is given."""
    wanted = code_of(SCOPES, scope, "scope")
    given = [what for what, name in names.items() if name is not None]
    expected = [_NAMED[wanted]] if wanted in _NAMED else []
    if given != expected:
        form = f"{expected[0]}=" if expected else "no name"
        raise BadRequest(f"scope {wanted.name} goes with {form}, found {' and '.join(given) or 'none'}")
    rows["scope"] = wanted
    for what in given:
        rows[what] = getattr(catalog, what)(names[what]).handle


def send_operator(partition: int, rows: np.ndarray, *, scales: Scales = NO_SCALES) -> Conversation[Ack]:
    """Send one operator row to one partition, or to the reference log."""
    row = rows.view(command_rows(0).dtype)[0]
    request_id = id_text(row["request_hi"], row["request_lo"])
    try:
        answers, _ = yield Send(partition, rows)
    except OutcomeUnknown as error:
        error.add_note(f"request {request_id}: call again with request_id={request_id!r}; it executes once")
        raise
    order_id = id_text(row["order_id_hi"], row["order_id_lo"]) if row["order_id_hi"] else ""
    text = row["text"].decode("ascii")
    return ack_of(
        answers[0],
        partition,
        order_id=order_id,
        request_id=request_id,
        text=text,
        scales=scales,
        is_mass_cancel=bool(row["kind"] == CommandKind.MASS_CANCEL or _is_venues_doubt(row)),
    )


def _is_venues_doubt(row: np.void) -> bool:
    """Whether a command is about all that a venue has not answered."""
    return bool(row["kind"] == CommandKind.MARK_IN_DOUBT and row["scope"] == Scope.VENUE)


def send_everywhere(
    connection: Connection, rows: np.ndarray, *, scales: Scales = NO_SCALES
) -> Conversation[Acks]:
    """Send one operator row to every partition: one Ack each.

    Trouble with one partition keeps no other from being told: it is raised when all have been.
    """
    acks = Acks()
    trouble: OrderfoldError | None = None
    for partition in connection.catalog.partitions:
        try:
            acks.append((yield from send_operator(partition, rows, scales=scales)))
        except OrderfoldError as error:
            trouble = trouble or error
    if trouble is not None:
        raise trouble
    return acks
