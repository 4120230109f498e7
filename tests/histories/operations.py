"""What a client notes of one call: when it began and ended, what was asked, what was answered."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

UNKNOWN = "UNKNOWN"
"""The outcome of a command that got no answer in time: it may have happened."""

NOTHING = "NOTHING"
"""The outcome of a command of which the client was told that nothing of it has happened."""


class Wrote(msgspec.Struct, frozen=True, tag=True):
    """A command, or the same one sent again.

    Attributes:
        client: who called.
        begun_ns: when, on the host's monotonic clock; `ended_ns` likewise.
        text: ClOrdID or ExecID: no two commands have the same.
        order_id: 32 hex digits; empty where nobody was told.
        outcome: name of the original AnswerCode; UNKNOWN, or NOTHING.
        offset: of the event, -1 if none was named.
        version, cum_qty, leaves_qty: of the order after it, as answered; whole units.
    """

    client: str
    begun_ns: int
    ended_ns: int
    text: str
    outcome: str
    order_id: str = ""
    offset: int = -1
    version: int = 0
    cum_qty: int = 0
    leaves_qty: int = 0


class Read(msgspec.Struct, frozen=True, tag=True):
    """A read of one order, or of one account's position or exposure.

    Attributes:
        client, begun_ns, ended_ns: as above.
        subject: `order`, `position` or `exposure`.
        key: order id (32 hex digits), or the account's handle as text.
        asked: the offset that the answer had to reflect; -1 where any would do.
        as_of: the offset that it says it reflects.
        lag: how many events it says that it lacks.
        values: what it showed, by the name of the column; nothing where there was no row.
    """

    client: str
    begun_ns: int
    ended_ns: int
    subject: str
    key: str
    asked: int
    as_of: int
    lag: int
    values: dict[str, int]


Operation = Wrote | Read


def write_operations(path: Path, operations: Iterable[Operation]) -> None:
    """Write them down, one a line."""
    path.write_bytes(b"".join(msgspec.json.encode(operation) + b"\n" for operation in operations))


def read_operations(path: Path) -> list[Operation]:
    """What was written down."""
    return [msgspec.json.decode(line, type=Operation) for line in path.read_bytes().splitlines()]
