"""What each event makes of an order's life: one table, to be read beside docs/order-states.md.

Rows are events, columns the lives of `Life`, first that of an order nobody knows. A cell is a number: the
next life (0: as it was), what else the event does, and the reason that an odd report is accepted with, or
that a request is refused for. Being filled is no life; what a request finds filled or pending is judged
in `replacing`. Source: FIX 4.4 volume 4, appendix D, and the rules of docs/order-states.md.
"""

import numpy as np

from engine.kernel.jit import rule
from engine.vocabulary import EventKind, Life, Reason

_LIFE_BITS = 15
_REASON_SHIFT = 8

CANCEL_ANSWERED = 16
"""No cancel is pending any more."""
REPLACE_ANSWERED = 32
"""No replace is pending any more."""
TERMS = 64
"""OrderQty and price are the report's from now on."""


def _odd(reason: Reason) -> int:
    """The part of a cell that says what is odd about a report, or why a request is refused."""
    return reason << _REASON_SHIFT


STAY = 0
C, R, T = CANCEL_ANSWERED, REPLACE_ANSWERED, TERMS
WAIT, DENY = int(Life.PENDING_NEW), int(Life.REJECTED)
NEW, SUSP, DONE = int(Life.NEW), int(Life.SUSPENDED), int(Life.DONE_FOR_DAY)
CANC, EXPI, REJ = Life.CANCELED | C | R, Life.EXPIRED | C | R, Life.REJECTED | C | R
AGAIN, ORPHAN = _odd(Reason.DUPLICATE_ORDER), _odd(Reason.UNKNOWN_ORDER)
EARLY, OVER = _odd(Reason.NOT_ACKNOWLEDGED), _odd(Reason.TOO_LATE)
LATE, TWICE = _odd(Reason.LATE_REPORT), _odd(Reason.ENDED_TWICE)
WRONG, BACK = _odd(Reason.WRONG_LIFE), _odd(Reason.REJECTION_WITHDRAWN)

LIVES = (
    Life.NONE,
    Life.PENDING_NEW,
    Life.NEW,
    Life.SUSPENDED,
    Life.DONE_FOR_DAY,
    Life.CANCELED,
    Life.EXPIRED,
    Life.REJECTED,
)
"""The columns of the table: an order nobody knows, four that live, three that have ended."""

# fmt: off
TRANSITIONS = {
    # what comes                     nobody   waits    NEW      SUSPEND  DONE     CANCEL   EXPIRE   REJECT
    EventKind.ORDER_SUBMITTED:      (WAIT,    AGAIN,   AGAIN,   AGAIN,   AGAIN,   AGAIN,   AGAIN,   AGAIN),
    EventKind.ORDER_DENIED:         (DENY,    AGAIN,   AGAIN,   AGAIN,   AGAIN,   AGAIN,   AGAIN,   AGAIN),
    EventKind.CANCEL_REQUESTED:     (ORPHAN,  STAY,    STAY,    STAY,    STAY,    OVER,    OVER,    OVER),
    EventKind.REPLACE_REQUESTED:    (ORPHAN,  EARLY,   STAY,    STAY,    STAY,    OVER,    OVER,    OVER),
    EventKind.ORDER_ACCEPTED:       (ORPHAN,  NEW,     STAY,    STAY,    STAY,    LATE,    LATE,    NEW|BACK),
    EventKind.ORDER_REJECTED:       (ORPHAN,  REJ,     REJ,     REJ,     REJ,     STAY,    STAY,    STAY),
    EventKind.TRADE_EXECUTED:       (ORPHAN,  NEW,     STAY,    WRONG,   STAY,    STAY,    STAY,    WRONG),
    EventKind.TRADE_CORRECTED:      (ORPHAN,  STAY,    STAY,    STAY,    STAY,    STAY,    STAY,    STAY),
    EventKind.TRADE_BUSTED:         (ORPHAN,  STAY,    STAY,    STAY,    STAY,    STAY,    STAY,    STAY),
    EventKind.ORDER_CANCELED:       (ORPHAN,  CANC,    CANC,    CANC,    CANC,    STAY,    TWICE,   STAY),
    EventKind.CANCEL_REJECTED:      (ORPHAN,  C,       C,       C,       C,       C,       C,       C),
    EventKind.ORDER_REPLACED:       (ORPHAN,  NEW|R|T, R|T,     R|T,     NEW|R|T, R|LATE,  R|LATE,  R|LATE),
    EventKind.REPLACE_REJECTED:     (ORPHAN,  R,       R,       R,       R,       R,       R,       R),
    EventKind.ORDER_EXPIRED:        (ORPHAN,  EXPI,    EXPI,    EXPI,    EXPI,    STAY,    STAY,    STAY),
    EventKind.ORDER_DONE_FOR_DAY:   (ORPHAN,  WRONG,   DONE,    DONE,    STAY,    STAY,    STAY,    STAY),
    EventKind.ORDER_SUSPENDED:      (ORPHAN,  SUSP,    SUSP,    STAY,    WRONG,   LATE,    LATE,    LATE),
    EventKind.ORDER_RESUMED:        (ORPHAN,  STAY,    STAY,    NEW,     WRONG,   LATE,    LATE,    LATE),
    EventKind.ORDER_RESTATED:       (ORPHAN,  T,       T,       T,       NEW|T,   LATE,    LATE,    LATE),
    EventKind.ORDER_TRIGGERED:      (ORPHAN,  NEW,     STAY,    STAY,    STAY,    LATE,    LATE,    LATE),
    EventKind.ORDER_STATUS_REPORTED:(ORPHAN,  STAY,    STAY,    STAY,    STAY,    STAY,    STAY,    STAY),
}
# fmt: on
"""Event to one cell a life. Where the first column says ORPHAN a report is kept until the order appears."""


def _cells() -> np.ndarray:
    """The table as an array that rules look up: uint16 by (event kind, life)."""
    cells = np.zeros((max(EventKind) + 1, len(Life)), np.uint16)
    for kind, row in TRANSITIONS.items():
        for life, cell in zip(LIVES, row, strict=True):
            cells[kind, life] = cell
    return cells


_CELLS = _cells()


@rule
def transition(kind, life):
    """The cell of an event and the life that it meets; read it with the functions below."""
    return np.int64(_CELLS[np.int64(kind), np.int64(life)])


@rule
def life_after(cell, life):
    """The life that a cell leads to from `life`."""
    after = cell & _LIFE_BITS
    if after == 0:
        return np.int64(life)
    return after


@rule
def reason_in(cell):
    """Why a request is refused or what is odd about a report, or NONE."""
    return cell >> _REASON_SHIFT


@rule
def swaps_terms(cell):
    """Whether OrderQty and price are the report's from now on."""
    return cell & TERMS != 0


@rule
def pending_after(cell, order):
    """Which requests are still pending after a report: (cancel, replace)."""
    is_canceling = order["is_canceling"]
    is_replacing = order["is_replacing"]
    if cell & CANCEL_ANSWERED != 0:
        is_canceling = np.uint8(0)
    if cell & REPLACE_ANSWERED != 0:
        is_replacing = np.uint8(0)
    return is_canceling, is_replacing
