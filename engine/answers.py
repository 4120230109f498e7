"""What a client gets back: one frozen `Ack` for a command, `Acks` for a few, `Answers` for many."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import msgspec
import numpy as np

from engine.check_order import checks_of
from engine.client.transport import REFERENCE
from engine.errors import Refused
from engine.fix_reasons import FIX_REASON
from engine.refusals import Breach, Quantity, Scales, breach_of, named, refusal_text
from engine.values import id_text, unscaled
from engine.vocabulary import AnswerCode, Check, CommandKind, OrdStatus, Reason

NO_SCALES = Scales(0, 0)
"""For commands about no instrument, whose answers carry no price and no quantity."""


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one command; an accepted one is durable in the log when its Ack is here.

    Attributes:
        code: ACCEPTED, REJECTED, DUPLICATE … as in the table of docs/guarantees.md.
        outcome: the same, and for a DUPLICATE what the original was.
        order_id: 32 hex digits; empty for a command about no order.
        request_id: 32 hex digits of an operator's or administrator's command; send it again with the same id.
        cl_ord_id: ClOrdID (11) of a submit or replace, ExecID (17) of a report, the name of a definition.
        partition: whose log holds the event.
        position: the event's offset in that log, -1 where nothing is kept.
        version: the order's after the event; at VERSION_CONFLICT the actual one.
        status: OrdStatus (39) after the event.
        cum_qty: CumQty (14), whole units; of a mass cancel the same number as `total_affected_orders`.
        leaves_qty: LeavesQty (151), whole units.
        total_affected_orders: TotalAffectedOrders (533), how many orders a mass cancel asked to cancel; None
            for every other command.
        reason: why it was refused, `fix_reason` being FIX's number for it; or what is odd about a report that
            was accepted all the same.
        check: which pre-trade check refused, the first of `violations`.
        violations: every check that a refused order broke, in the order in which they run.
        warnings: the checks that an accepted order passed only just: it is beyond the soft share of a limit.
        limit: what the check allows, in its unit (see `engine.refusals.Breach`).
        observed: what the check saw, in the same unit.
        mark: the price the checks measured by; None where there was none, or nothing to measure.
        limits_version: of the limits that decided; None where none did.
        expected_seq: the order's next number, set by GAP.
        handle: of the account, instrument … that a definition named.
    """

    code: AnswerCode
    outcome: AnswerCode
    partition: int
    position: int
    order_id: str = ""
    request_id: str = ""
    cl_ord_id: str = ""
    version: int = 0
    status: OrdStatus = OrdStatus.NONE
    cum_qty: Decimal = Decimal(0)
    leaves_qty: Decimal = Decimal(0)
    total_affected_orders: int | None = None
    reason: Reason = Reason.NONE
    check: Check = Check.NONE
    violations: tuple[Check, ...] = ()
    warnings: tuple[Check, ...] = ()
    limit: Quantity = None
    observed: Quantity = None
    mark: Decimal | None = None
    limits_version: int | None = None
    expected_seq: int = 0
    handle: int = 0

    @property
    def is_accepted(self) -> bool:
        """Whether the command took effect, now or when it was first sent."""
        return self.outcome == AnswerCode.ACCEPTED

    @property
    def is_duplicate(self) -> bool:
        """Whether the command had been executed before; everything else here is the original outcome."""
        return self.code == AnswerCode.DUPLICATE

    @property
    def order_id_number(self) -> int:
        """The order id as a 128-bit number, 0 if there is none."""
        return int(self.order_id or "0", 16)

    @property
    def fix_reason(self) -> int | None:
        """OrdRejReason (103) of an order, CxlRejReason (102) of a cancel or replace; None if FIX has none."""
        return FIX_REASON.get(self.reason)

    def raise_for_refusal(self) -> "Ack":
        """The same Ack if the command took effect; else `Refused`, for scripts that would rather stop."""
        if not self.is_accepted:
            raise Refused(str(self), self)
        return self

    def __str__(self) -> str:
        """One line: what became of it, why, and where it is kept."""
        if self.is_accepted:
            warned = f", close to the limit of {named(self.warnings)}" if self.warnings else ""
            remark = "" if self.reason == Reason.NONE else f": {self._why()}"
            return f"{self._title()}{self._subject()} at {self._place()}{warned}{remark}"
        return f"{self._title()}: {self._why()}"

    def __repr__(self) -> str:
        """What tells one Ack from another in a list: code, reason, subject and position."""
        what = f"order {self.order_id}" if self.order_id else self.cl_ord_id
        place = self._place() if self.position >= 0 else "not kept"
        return f"Ack({', '.join(part for part in (self._title(), what, place) if part)})"

    def _title(self) -> str:
        repeated = "DUPLICATE of " if self.is_duplicate else ""
        reason = "" if self.reason == Reason.NONE else f" {self.reason.name}"
        return f"{repeated}{self.outcome.name}{reason}"

    def _subject(self) -> str:
        if self.total_affected_orders is not None:
            noun = "order" if self.total_affected_orders == 1 else "orders"
            return f" cancel of {self.total_affected_orders:,} {noun}"
        if not self.order_id:
            return f" {self.cl_ord_id}".rstrip()
        return f" order {self.order_id} {self.status.name} leaves {self.leaves_qty}"

    def _place(self) -> str:
        whose = "the reference log" if self.partition == REFERENCE else f"partition {self.partition}"
        return f"position {self.position} of {whose}"

    def _why(self) -> str:
        return refusal_text(
            self.outcome,
            self.reason,
            Breach(self.limit, self.observed),
            mark=self.mark,
            version=self.version,
            limits_version=self.limits_version,
            expected_seq=self.expected_seq,
            others=tuple(check for check in self.violations if check != self.check),
        )


def ack_of(
    answer: np.void,
    partition: int,
    *,
    order_id: str = "",
    request_id: str = "",
    text: str = "",
    scales: Scales = NO_SCALES,
    is_mass_cancel: bool = False,
) -> Ack:
    """An ANSWER row as an Ack; `scales` are those of the order's instrument."""
    code = AnswerCode(answer["code"])
    check = Check(answer["check"])
    breach = breach_of(check, int(answer["limit"]), int(answer["observed"]), scales)
    cum_qty = int(answer["cum_qty"])
    outcome = AnswerCode(answer["original_code"]) if code == AnswerCode.DUPLICATE else code
    # The last number of an answer is a handle, unless it is about an order.
    is_order = int(order_id or "0", 16) != 0
    checks = checks_of(int(answer["violations"])) if is_order else ()
    is_accepted = outcome == AnswerCode.ACCEPTED
    return Ack(
        code=code,
        outcome=outcome,
        order_id=order_id,
        request_id=request_id,
        cl_ord_id=text,
        partition=partition,
        position=int(answer["offset"]),
        version=int(answer["version"]),
        status=OrdStatus(answer["status"]),
        cum_qty=unscaled(cum_qty, scales.qty),
        leaves_qty=unscaled(answer["leaves_qty"], scales.qty),
        total_affected_orders=cum_qty if is_mass_cancel else None,
        reason=Reason(answer["reason"]),
        check=check,
        violations=() if is_accepted else checks,
        warnings=checks if is_accepted else (),
        limit=breach.limit,
        observed=breach.observed,
        mark=unscaled(answer["mark"], scales.price) if answer["mark"] else None,
        limits_version=int(answer["limits_version"]) or None,
        expected_seq=int(answer["expected_seq"]),
        handle=0 if is_order else int(answer["handle"]),
    )


class Acks(list[Ack]):
    """The Acks of one call: one a partition, or one for each thing it was about."""

    @property
    def all_accepted(self) -> bool:
        """Whether every command took effect, now or when it was first sent."""
        return all(ack.is_accepted for ack in self)

    def raise_for_refusal(self) -> "Acks":
        """The same Acks if every command took effect; else `Refused` with the first that did not."""
        for ack in self:
            ack.raise_for_refusal()
        return self


@dataclass(frozen=True, eq=False, repr=False)
class Answers:
    """What became of many commands, one row a command in the order in which they were given; frozen.

    Attributes:
        rows: ANSWER rows; quantities and prices in units of each order's instrument.
        commands: the COMMAND rows they answer, as sent.
        partitions: whose log holds each event, int64.
    """

    rows: np.ndarray
    commands: np.ndarray
    partitions: np.ndarray
    _scales: Mapping[int, Scales]

    def __post_init__(self) -> None:
        self.rows.flags.writeable = False

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        counts = ", ".join(f"{count:,} {code.name}" for code, count in self.counts().items())
        return f"Answers({counts})"

    @property
    def codes(self) -> np.ndarray:
        """An `AnswerCode` a command, uint8."""
        return self.rows["code"]

    @cached_property
    def outcomes(self) -> np.ndarray:
        """The same, with the original code where a command was a DUPLICATE, uint8."""
        is_again = self.rows["code"] == AnswerCode.DUPLICATE
        return np.where(is_again, self.rows["original_code"], self.rows["code"])

    @property
    def positions(self) -> np.ndarray:
        """The offset of each event in its partition's log, -1 where nothing is kept, int64."""
        return self.rows["offset"]

    @property
    def order_ids(self) -> list[str]:
        """The order id of each command, 32 hex digits."""
        return [id_text(row["order_id_hi"], row["order_id_lo"]) for row in self.commands]

    @property
    def all_accepted(self) -> bool:
        """Whether every command took effect, now or when it was first sent."""
        return bool((self.outcomes == AnswerCode.ACCEPTED).all())

    def counts(self) -> dict[AnswerCode, int]:
        """How many commands got each code, the most frequent first."""
        counted = Counter(self.codes.tolist())
        return {AnswerCode(code): count for code, count in counted.most_common()}

    def __getitem__(self, at: int) -> Ack:
        command = self.commands[at]
        return ack_of(
            self.rows[at],
            int(self.partitions[at]),
            order_id=id_text(command["order_id_hi"], command["order_id_lo"]),
            text=command["text"].decode("ascii", "replace"),
            scales=self._scales.get(int(command["instrument"]), NO_SCALES),
            is_mass_cancel=bool(command["kind"] == CommandKind.MASS_CANCEL),
        )

    def refusals(self) -> list[Ack]:
        """An Ack for each command that did not take effect."""
        return [self[int(at)] for at in np.flatnonzero(self.outcomes != AnswerCode.ACCEPTED)]

    def raise_for_refusal(self) -> "Answers":
        """The same Answers if every command took effect; else `Refused` with the first that did not."""
        if self.all_accepted:
            return self
        first = int(np.argmax(self.outcomes != AnswerCode.ACCEPTED))
        raise Refused(f"command {first} of {len(self)} ({self!r}): {self[first]}", self[first])
