"""FIX order-state scenarios as data: their rows, the paths through them, and when a request is delivered.

A scenario is what Appendix D of the FIX specification prints as a table: requests that come in and reports
that go out, with OrdStatus, OrderQty, CumQty and LeavesQty on each. Nothing here knows a scenario by name.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

REQUESTS = frozenset({"NewOrder", "Replace", "Cancel", "OrderStatusRequest"})
ANSWERS = frozenset({"Execution", "CancelReject"})

EXTRAS = {
    "alt": "the row is an alternative to what follows",
    "poss_resend": "PossResend (97): the sender does not know whether it has sent this before",
    "exec_id": "a label of the report, by which another one refers to it",
    "exec_ref_id": "the label of the report that this one corrects",
    "last_px": "LastPx (31), where it matters",
    "cxl_rej_reason": "CxlRejReason (102)",
    "ord_rej_reason": "OrdRejReason (103)",
    "time_in_force": "TimeInForce (59) by name, DAY if left out",
    "is_reopening_allowed": "the venue takes a replace to more of an order that is filled",
    "side": "Side (54) by name, BUY if left out",
    "is_early": "the report comes before its order has been submitted",
    "day": "on which trading day it happens, from 1 on",
    "reason": "what the engine finds odd about a report, by name",
}
"""What a row may say beside its columns; a row that says something else is not understood."""


class Row(NamedTuple):
    """One row of a scenario: a request (`dir` in) or an answer (`dir` out); None where its table is empty.

    Attributes:
        exec_type, ord_status: FIX's names, as "Partially Filled".
        order_qty, cum_qty, leaves_qty: what must hold after an answer; what a request asks for.
        extra: what the columns cannot say, by the names in `EXTRAS`.
    """

    dir: str
    msg: str
    clordid: str
    time: int = 0
    orig: str | None = None
    exec_type: str | None = None
    ord_status: str | None = None
    order_qty: int | None = None
    cum_qty: int | None = None
    leaves_qty: int | None = None
    last_qty: int | None = None
    note: str | None = None
    extra: dict[str, Any] = {}  # noqa: RUF012 - a default that nobody changes

    @property
    def is_request(self) -> bool:
        """Whether the row comes in: somebody asks for something."""
        return self.dir == "in"

    def __str__(self) -> str:
        said = [self.msg, self.clordid, self.exec_type, self.ord_status, self.note]
        return f"time {self.time}: {' '.join(word for word in said if word)}"


class Scenario(NamedTuple):
    """A named table of rows."""

    ref: str
    title: str
    rows: list[Row]


def scenarios_of(file: Path) -> list[Scenario]:
    """The scenarios of a file; AssertionError where a row says what nobody here understands."""
    stated = json.loads(file.read_text())
    return [
        Scenario(scenario["ref"], scenario["title"], [_row(said) for said in scenario["rows"]])
        for scenario in stated["scenarios"]
    ]


def precedence_of(file: Path) -> dict[str, int]:
    """FIX's precedence of OrdStatus as a file states it: the status with the higher number is shown."""
    return dict(json.loads(file.read_text())["precedence"])


def _row(said: dict[str, Any]) -> Row:
    unknown = said.keys() - set(Row._fields)
    assert not unknown, f"a row has columns that no scenario has: {sorted(unknown)}"
    row = Row(**said)
    known = REQUESTS if row.is_request else ANSWERS
    assert row.dir in {"in", "out"}, f"{row}: the direction {row.dir!r} is neither in nor out"
    assert row.msg in known, f"{row}: no {row.msg!r} goes {row.dir}; known are {sorted(known)}"
    assert row.extra.keys() <= EXTRAS.keys(), (
        f"{row}: nobody knows what {sorted(row.extra.keys() - EXTRAS.keys())} means"
    )
    return row


def paths_of(rows: list[Row]) -> list[list[Row]]:
    """Every way through a scenario: each row marked `alt` ends one, and the rest is the last one."""
    paths, trunk = list[list[Row]](), list[Row]()
    for row in rows:
        if row.extra.get("alt"):
            paths.append([*trunk, row])
        else:
            trunk.append(row)
    return [*paths, trunk]


def as_delivered(path: list[Row]) -> Iterator[Row]:
    """The rows of a path in the order in which the engine and the venue meet.

    A request that is printed above a report which "passes it on the connection" had not reached the venue
    when that report was made. So a request is delivered just before the first answer to it, or to one after
    it; requests keep their order.
    """
    waiting: list[Row] = []
    for row in path:
        if row.is_request:
            waiting.append(row)
            continue
        answered = [at for at, request in enumerate(waiting, 1) if request.clordid == row.clordid]
        yield from waiting[: max(answered, default=0)]
        del waiting[: max(answered, default=0)]
        yield row
    yield from waiting
