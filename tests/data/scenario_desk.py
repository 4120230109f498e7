"""Plays a path of a scenario through a client and a venue's feed, and compares every answer's numbers.

Nothing here knows what an order should be: it sends what the rows say and reads what the engine says of it.
"""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from engine import Admin, Client, VenueFeed
from engine.answers import Ack
from engine.client.command_rows import name_words
from engine.config import Config, EngineConfig
from engine.errors import BadRequest
from engine.kernel.keys import fill_order_ids
from engine.limits import QTY_MAX
from engine.rows.commands import command_rows
from engine.values import id_text
from engine.vocabulary import AnswerCode, ExecType
from tests.data.scenario import Row, Scenario, as_delivered, paths_of

PRICE = Decimal("1.00")
"""Low, so that the largest of the scaled quantities stays below the largest order an account may have."""
TICK = Decimal("0.01")
NOTIONAL_MOST = 45 * 10**9
FIRST_DAY = 20261120

SETTINGS = Config(engine=EngineConfig(orders_max=20_000, executions_max=60_000, positions_max=10_000))

OTHER = 99
"""CxlRejReason where a row names none."""

EXEC_TYPES = {
    "Replace": ExecType.REPLACED,
    "Triggered or Activated by System": ExecType.TRIGGERED,
    "Partial Fill": ExecType.TRADE,
    "Fill": ExecType.TRADE,
}
"""FIX's own names of ExecType that differ from those of the vocabulary; a fill had two before FIX 4.3."""
HAS_TRADE = {ExecType.TRADE, ExecType.TRADE_CORRECT}
IS_CORRECTION = {ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL}
HAS_TERMS = {ExecType.REPLACED, ExecType.RESTATED}


class Variant(NamedTuple):
    """How a path is played: quantities times `factor` in units of 10^-scale, random ids with a seed."""

    factor: int = 1
    scale: int = 0
    seed: int | None = None


class Desk:
    """An engine in this process with one venue, and an instrument of each scale that is asked for."""

    def __init__(self, directory: Path) -> None:
        self.client = Client.connect(f"local:{directory}", principal="desk", config=SETTINGS)
        self.admin = Admin.on(self.client)
        self.feed = VenueFeed.on(self.client, venue="VENUE")
        self.admin.set_venue("VENUE").raise_for_refusal()
        self.start_day(1)
        self._instruments = set[str]()
        self._paths = 0

    def close(self) -> None:
        """End the engine."""
        self.client.close()

    def start_day(self, number: int) -> None:
        """Begin the venue's trading day of this number, if it has not begun."""
        if self.trade_date < FIRST_DAY + number - 1:
            self.admin.start_trading_day("VENUE", FIRST_DAY + number - 1).raise_for_refusal()

    @property
    def trade_date(self) -> int:
        """The venue's trade date."""
        return self.client.catalog.venue("VENUE").trade_date

    def instrument(self, scale: int, *, is_reopening_allowed: bool = False) -> str:
        """The instrument whose quantities have this scale, at a venue that may reopen filled orders."""
        name = f"{'OPEN' if is_reopening_allowed else 'SCALE'}-{scale}"
        if name not in self._instruments:
            self._instruments.add(name)
            lot = Decimal(1).scaleb(-scale)
            self.admin.set_instrument(
                name,
                venue="VENUE",
                qty_scale=scale,
                lot=lot,
                tick=TICK,
                is_reopening_allowed=is_reopening_allowed,
            ).raise_for_refusal()
            self.admin.set_mark(name, PRICE).raise_for_refusal()
        return name

    def account(self) -> str:
        """A fresh account, which has never traded: ClOrdIDs are unique in an account."""
        self._paths += 1
        name = f"A{self._paths}"
        self.admin.set_account(name, strategies=[f"S{self._paths}"]).raise_for_refusal()
        self.admin.set_limits(
            name,
            max_order_qty=QTY_MAX,
            max_order_notional=NOTIONAL_MOST,
            max_long_qty=QTY_MAX,
            max_short_qty=QTY_MAX,
            orders_per_second=10**6,
            burst=10**6,
        ).raise_for_refusal()
        return name

    def faults_of(self, scenario: Scenario, variant: Variant) -> list[str]:
        """What goes otherwise than a scenario says, one sentence a path: empty where all paths hold."""
        faults = []
        for number, path in enumerate(paths_of(scenario.rows), 1):
            try:
                PathPlay(self, variant).play(path)
            except (AssertionError, BadRequest) as fault:
                faults.append(f"{scenario.ref}, path {number}: {fault}")
        return faults


class PathPlay:
    """One path on a fresh account: its orders by every ClOrdID that their chains have had."""

    def __init__(self, desk: Desk, variant: Variant) -> None:
        self._desk = desk
        self._variant = variant
        self._account = desk.account()
        self._random = None if variant.seed is None else Random(f"{variant.seed}-{self._account}")
        self._orders: dict[str, Ack] = {}
        self._requests: dict[str, str] = {}
        self._refused: dict[str, Ack | None] = {}
        self._ids: dict[str, str] = {}
        self._dates: dict[str, int] = {}
        self._reports = 0
        self._replaces = 0

    def play(self, path: list[Row]) -> None:
        """Send every row and compare what comes of it; AssertionError names the row that goes otherwise."""
        for row in as_delivered(path):
            self._desk.start_day(row.extra.get("day", 1))
            if row.is_request:
                _REQUESTS[row.msg](self, row)
            else:
                self._answer(row)

    def _submit(self, row: Row) -> None:
        assert row.order_qty is not None, f"{row}: an order has a quantity"
        ack = self._desk.client.submit(
            account=self._account,
            instrument=self._desk.instrument(
                self._variant.scale,
                is_reopening_allowed=row.extra.get("is_reopening_allowed", False),
            ),
            strategy=self._account.replace("A", "S"),
            side=row.extra.get("side", "BUY"),
            qty=self._qty(row.order_qty),
            price=PRICE,
            time_in_force=row.extra.get("time_in_force", "DAY"),
            cl_ord_id=self._id(row.clordid),
        )
        self._orders.setdefault(row.clordid, ack)
        self._note(row, ack)

    def _replace(self, row: Row) -> None:
        """New terms; a replace that keeps its quantity has another price, or it would ask for nothing."""
        self._replaces += 1
        assert row.order_qty is not None, f"{row}: a replace has the whole new quantity"
        qty, price = self._qty(row.order_qty), PRICE + self._replaces * TICK
        self._change(
            row,
            lambda order: self._desk.client.replace(
                order, qty=qty, price=price, cl_ord_id=self._id(row.clordid)
            ),
        )

    def _cancel(self, row: Row) -> None:
        self._change(row, lambda order: self._desk.client.cancel(order, cl_ord_id=self._id(row.clordid)))

    def _change(self, row: Row, send: Callable[[Any], Ack]) -> None:
        """Ask for a change of the order that the row refers to; it may be one that nobody has submitted."""
        order = self._orders.get(row.orig or "")
        if order is None:
            _require_unknown(send, row)
            self._refused[row.clordid] = None
            return
        self._orders[row.clordid] = order
        self._requests[row.clordid] = row.msg.upper()
        self._note(row, send(order))

    def _ask(self, row: Row) -> None:
        """A status request: reads answer it here, and the venue's answer is compared as any other."""

    def _note(self, row: Row, ack: Ack) -> None:
        """Keep an answer that is the engine's own no, or its word that it has the request already."""
        if ack.code != AnswerCode.ACCEPTED:
            self._refused[row.clordid] = ack

    def _answer(self, row: Row) -> None:
        if row.clordid in self._refused:
            ack = self._refused.pop(row.clordid)
            _require_answer(row, ack)
        elif row.msg == "CancelReject":
            ack = self._reject_request(row)
        else:
            ack = self._report(row)
        if ack is not None and row.clordid in self._orders:
            self._compare(row, ack)

    def _report(self, row: Row) -> Ack:
        exec_type = _exec_type(row)
        numbers = {"cum_qty": row.cum_qty, "leaves_qty": row.leaves_qty}
        if exec_type in HAS_TRADE:
            numbers["last_qty"] = row.last_qty
        if exec_type in HAS_TERMS:
            numbers["order_qty"] = row.order_qty
        stated: dict[str, Any] = {
            name: self._qty(number) for name, number in numbers.items() if number is not None
        }
        if exec_type in HAS_TRADE:
            stated["last_px"] = row.extra.get("last_px", PRICE)
        if exec_type in IS_CORRECTION:
            stated |= self._corrected(row)
        if exec_type == ExecType.ORDER_STATUS:
            stated["ord_status"] = _word(row.ord_status)
        is_early = row.extra.get("is_early", False)
        if is_early:
            stated |= {"account": self._account, "instrument": self._desk.instrument(self._variant.scale)}
        order_id = self._early_id(row) if is_early else self._order(row)
        ack = self._desk.feed.report(order_id, exec_type, exec_id=self._exec_id(row), **stated)
        assert ack.is_accepted or is_early, f"{row}: a venue's fact was refused: {ack}"
        _require_reason(row, ack)
        return ack

    def _early_id(self, row: Row) -> str:
        """The id that an order will have, by account, trade date and ClOrdID."""
        assert row.clordid not in self._orders, f"{row}: the order has been submitted already"
        rows = command_rows(1)
        rows["trade_date"], rows["text"] = self._desk.trade_date, self._id(row.clordid).encode()
        fill_order_ids(rows, name_words([self._account]))
        return id_text(rows["order_id_hi"][0], rows["order_id_lo"][0])

    def _reject_request(self, row: Row) -> Ack:
        assert row.clordid in self._requests, f"{row}: no request of this path is called {row.clordid}"
        ack = self._desk.feed.reject_request(
            self._order(row),
            self._requests[row.clordid],
            cl_ord_id=self._id(row.clordid),
            cxl_rej_reason=row.extra.get("cxl_rej_reason", OTHER),
        )
        assert ack.is_accepted, f"{row}: a venue's fact was refused: {ack}"
        return ack

    def _compare(self, row: Row, ack: Ack) -> None:
        """What the order is, in a read that reflects the answer, and in the answer itself."""
        (found,) = self._desk.client.orders([self._order(row)], min_position=ack)
        for name in ("order_qty", "cum_qty", "leaves_qty"):
            self._require(row, name, getattr(found, name))
        _require_status(row, found.status)
        if ack.is_duplicate:
            return
        _require_status(row, ack.status.name)
        for name in ("cum_qty", "leaves_qty"):
            self._require(row, name, getattr(ack, name))

    def _require(self, row: Row, name: str, found: Decimal) -> None:
        wanted = getattr(row, name)
        if wanted is not None:
            assert found == self._qty(wanted), f"{row}: {name} is {found}, not {self._qty(wanted)}"

    def _order(self, row: Row) -> Ack:
        assert row.clordid in self._orders, f"{row}: no request of this path is called {row.clordid}"
        return self._orders[row.clordid]

    def _qty(self, qty: int) -> Decimal:
        return Decimal(qty * self._variant.factor).scaleb(-self._variant.scale)

    def _exec_id(self, row: Row) -> str:
        self._reports += 1
        label = str(row.extra.get("exec_id", self._reports))
        self._dates[label] = self._desk.trade_date
        return self._id(f"{self._account}-{label}")

    def _corrected(self, row: Row) -> dict[str, Any]:
        """Which report a correction is about; it may be one that is still to come."""
        assert "exec_ref_id" in row.extra, f"{row}: it does not say which report it corrects"
        label = str(row.extra["exec_ref_id"])
        return {
            "exec_ref_id": self._id(f"{self._account}-{label}"),
            "exec_ref_trade_date": self._dates.get(label, self._desk.trade_date),
        }

    def _id(self, label: str) -> str:
        """The id that stands for a label on this path."""
        if self._random is None:
            return label
        return self._ids.setdefault(label, f"{self._random.getrandbits(80):020x}")


_REQUESTS: dict[str, Callable[[PathPlay, Row], None]] = {
    "NewOrder": PathPlay._submit,
    "Replace": PathPlay._replace,
    "Cancel": PathPlay._cancel,
    "OrderStatusRequest": PathPlay._ask,
}


def _word(name: str | None) -> str:
    """A name of FIX's as the vocabulary spells it."""
    return (name or "").upper().replace(" ", "_")


def _exec_type(row: Row) -> ExecType:
    name, word = row.exec_type or "", _word(row.exec_type)
    assert name in EXEC_TYPES or word in ExecType.__members__, f"{row}: {name!r} is no ExecType"
    return EXEC_TYPES.get(name) or ExecType[word]


def _require_status(row: Row, found: str) -> None:
    wanted = _word(row.ord_status)
    assert found == wanted, f"{row}: OrdStatus is {found}, not {wanted}"


def _require_reason(row: Row, ack: Ack) -> None:
    """What is odd about a report that was accepted, where the row says something about it."""
    wanted = row.extra.get("reason", ack.reason.name)
    assert ack.reason.name == wanted, f"{row}: what is odd about it is {ack.reason.name}, not {wanted}"


def _require_unknown(send: Callable[[Any], Ack], row: Row) -> None:
    """A client does not even send a request about an order that nobody has submitted."""
    try:
        ack = send(1)
    except BadRequest:
        return
    raise AssertionError(f"{row}: a request about an unknown order got {ack}")


def _require_answer(row: Row, ack: Ack | None) -> None:
    """An answer of the engine itself is the row's: no to an order or a request, or the state it had."""
    if ack is None:
        assert (row.msg, row.ord_status) == ("CancelReject", "Rejected"), f"{row}: the order is unknown"
        return
    is_no = ack.outcome in {AnswerCode.REJECTED, AnswerCode.CONFLICT}
    if row.msg == "CancelReject" or row.exec_type == "Rejected":
        assert is_no, f"{row}: the engine has said {ack}"
    else:
        assert row.exec_type == "Order Status", f"{row}: the engine has said {ack}"
        assert ack.is_duplicate, f"{row}: the engine has said {ack}"
    for name in ("cxl_rej_reason", "ord_rej_reason"):
        if name in row.extra:
            assert ack.fix_reason == row.extra[name], f"{row}: the reason is {ack.fix_reason}"
