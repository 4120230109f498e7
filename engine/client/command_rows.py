"""Command rows of the owner's lane, one function a kind: what is written here is what is sent."""

import numpy as np

from engine.client.catalog import Account, Instrument, Strategy
from engine.client.order_memory import KnownOrder
from engine.client.order_terms import Conditions, Terms
from engine.errors import BadRequest
from engine.kernel.keys import fill_order_ids
from engine.limits import CL_ORD_ID_BYTES_MAX
from engine.rows.commands import COMMAND, COMMAND_BYTES, ORDER_COMMAND, command_rows
from engine.values import cl_ord_id_bytes, flag, whole_within
from engine.vocabulary import CommandKind, Lane, Side

SEQ_PROBE = 2**32 - 1
"""A number that no order reaches: the partition answers GAP with the right one, and keeps nothing."""

VERSION_MAX = 2**32 - 1
"""Largest version that a row holds; no order has so many events."""

_RAW = np.dtype((np.void, COMMAND_BYTES))
"""A row as plain bytes: NumPy copies structured rows by field, and leaves to chance what no field covers."""

NAME_WORDS = np.dtype([("name_w0", "<u8"), ("name_w1", "<u8")])


def submit_row(
    account: Account,
    instrument: Instrument,
    strategy: Strategy,
    *,
    trade_date: int,
    side: Side,
    terms: Terms,
    conditions: Conditions,
    cl_ord_id: str,
) -> np.ndarray:
    """SubmitOrder, one COMMAND row with its order id."""
    rows = command_rows(1)
    row = rows.view(ORDER_COMMAND)[0]
    row["account"], row["instrument"], row["strategy"] = account.handle, instrument.handle, strategy.handle
    row["trade_date"] = trade_date
    _write_terms(row, side, terms, cl_ord_id)
    for name, value in conditions._asdict().items():
        row[name] = value
    row["kind"], row["lane"], row["seq"] = CommandKind.SUBMIT_ORDER, Lane.OWNER, 1
    fill_order_ids(rows, name_words([account.name]))
    return rows


def name_words(names: list[str]) -> np.ndarray:
    """Account names as pairs of machine words, one row a name, for `fill_order_ids`."""
    return np.array(names, "S16").view(NAME_WORDS)


def _write_terms(row: np.void, side: int, terms: Terms, cl_ord_id: str) -> None:
    for name, value in terms._asdict().items():
        row[name] = value
    row["side"] = side
    row["text"] = cl_ord_id_bytes(cl_ord_id)


def replace_row(
    order: KnownOrder,
    *,
    terms: Terms,
    cl_ord_id: str,
    expected_version: int,
) -> np.ndarray:
    """ReplaceOrder, one COMMAND row without its number."""
    rows = _owner_row(order, CommandKind.REPLACE_ORDER, expected_version)
    row = rows.view(ORDER_COMMAND)[0]
    row["account"], row["instrument"], row["strategy"] = (
        order.account,
        order.instrument.handle,
        order.strategy,
    )
    _write_terms(row, order.side, terms, cl_ord_id)
    row["time_in_force"] = order.time_in_force
    return rows


def write_locate(rows: np.ndarray, has_locate: bool) -> None:
    """Say whether the stock that a SubmitOrder or ReplaceOrder sells short has been found."""
    rows.view(ORDER_COMMAND)["is_locate"] = flag(has_locate, "has_locate")


def cancel_row(order: KnownOrder, *, cl_ord_id: str, expected_version: int) -> np.ndarray:
    """CancelOrder, one COMMAND row without its number."""
    rows = _owner_row(order, CommandKind.CANCEL_ORDER, expected_version)
    if cl_ord_id:
        rows["text"] = cl_ord_id_bytes(cl_ord_id)
    return rows


def cancel_text(order: KnownOrder, seq: int) -> bytes:
    """The ClOrdID of the cancel with this number of an order: the same whoever makes it, at most 20 bytes."""
    return f"X{seq}-{order.lo:016X}"[:CL_ORD_ID_BYTES_MAX].encode("ascii")


def _owner_row(order: KnownOrder, kind: CommandKind, expected_version: int) -> np.ndarray:
    rows = command_rows(1)
    row = rows[0]
    row["order_id_hi"], row["order_id_lo"] = order.hi, order.lo
    row["kind"], row["lane"] = kind, Lane.OWNER
    row["expected_version"] = version_number(expected_version)
    return rows


def version_number(expected_version: int) -> int:
    """The version that a decision was based on, 0 for none; BadRequest where it is none."""
    return whole_within(expected_version, 0, VERSION_MAX, "expected_version")


def commands_of(rows: np.ndarray) -> np.ndarray:
    """Rows of any command dtype as COMMAND rows in one piece; BadRequest where they are of another size."""
    if rows.ndim != 1 or rows.dtype.itemsize != COMMAND_BYTES:
        raise BadRequest(
            f"rows of shape {rows.shape} and {rows.dtype.itemsize} bytes each are no command rows"
        )
    whole: np.ndarray = np.ascontiguousarray(rows.view(_RAW)).view(COMMAND)
    return whole


def picked(commands: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The COMMAND rows at these places, byte for byte, in memory of their own."""
    rows: np.ndarray = commands.view(_RAW)[at].view(COMMAND)
    return rows


def copied(commands: np.ndarray) -> np.ndarray:
    """A writable copy of COMMAND rows, byte for byte."""
    return picked(commands, np.arange(len(commands)))


def probe_rows(words: list[tuple[int, int]]) -> np.ndarray:
    """Rows that change nothing and are answered with each order's next number (GAP)."""
    rows = command_rows(len(words))
    rows["order_id_hi"] = [hi for hi, _ in words]
    rows["order_id_lo"] = [lo for _, lo in words]
    rows["kind"], rows["lane"], rows["seq"] = CommandKind.CANCEL_ORDER, Lane.OWNER, SEQ_PROBE
    return rows
