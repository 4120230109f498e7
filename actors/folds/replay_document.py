"""What `orderfold replay log --json` prints: for programs, and to be compared with another release."""

from pathlib import Path
from typing import Any

import msgspec

from actors.folds.state_marks import Mark
from engine.errors import BadRequest

FORMAT = "orderfold/replay"
VERSION = 1


class Lines(msgspec.Struct, frozen=True):
    """Rows of a read at the beginning of a window and at its end, plain values by column."""

    before: list[dict[str, Any]]
    after: list[dict[str, Any]]


class Window(msgspec.Struct, frozen=True):
    """What the events of one log from offset `begin` to before `end` did.

    Attributes:
        log: its name; `log_uuid` tells it from other logs of the name.
        begin_ns, end_ns: times of the blocks of the first and the last event of the window, 0 without one.
        folded_from: position of the snapshot that the fold began from, 0 for the beginning of the log.
        told: why newer snapshots were not taken.
        events: how many of each kind, in the order of their names.
        orders: how many orders the events are about.
        order_ids: the first of those.
        positions: those that the window changed.
        profit: of each named account, or of the firm.
        marks: the state at the beginning, at the end, and in between if that was asked for.
    """

    log: str
    log_uuid: str
    begin: int
    end: int
    begin_ns: int
    end_ns: int
    folded_from: int
    told: tuple[str, ...]
    events: dict[str, int]
    orders: int
    order_ids: list[str]
    positions: Lines
    profit: Lines
    marks: list[Mark]


class ReplayDocument(msgspec.Struct, frozen=True):
    """Windows of the logs of one engine, and which code folded them.

    Attributes:
        layout: of the state, see `layout_of_state`: only digests of one layout can be compared.
        accounts: the accounts that events, orders, positions and profit are of; none for all.
    """

    format: str
    version: int
    code: str
    layout: str
    accounts: list[str]
    logs: list[Window]


def read_document(path: Path) -> ReplayDocument:
    """The document in a file; BadRequest if it is none."""
    try:
        document = msgspec.json.decode(path.read_bytes(), type=ReplayDocument)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadRequest(f"{path} is not what orderfold replay log --json prints: {error}") from error
    if (document.format, document.version) != (FORMAT, VERSION):
        raise BadRequest(
            f"{path} is of format {document.format} {document.version}, expected {FORMAT} {VERSION}"
        )
    for window in document.logs:
        offsets = [mark.offset for mark in window.marks]
        if offsets != sorted(set(offsets)) or min(offsets, default=0) < 0:
            raise BadRequest(f"{path}: the marks of {window.log} are not in the order of their offsets")
    return document
