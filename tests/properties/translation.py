"""Between the model's words and the kernel's rows: commands to rows, answers from rows."""

from typing import Any

import numpy as np

from engine.flags import Given, InDoubt
from engine.kernel.tables import Capacity
from engine.rows.commands import (
    COMMAND,
    CORRECTION_COMMAND,
    DOUBT_COMMAND,
    EXPOSURE_LIMITS_COMMAND,
    FX_COMMAND,
    INSTRUMENT_COMMAND,
    LEASE_COMMAND,
    LIMITS_COMMAND,
    ORDER_COMMAND,
    REPORT_COMMAND,
    THROTTLES_COMMAND,
    command_rows,
)
from engine.vocabulary import (
    AnswerCode,
    Check,
    CommandKind,
    EventKind,
    Lane,
    OrdStatus,
    Reason,
    Scope,
    TradingState,
)
from tests.model import commands as model
from tests.model import reference_data, siphash
from tests.model import words as words_of_model
from tests.model.answers import Answer

KINDS = {
    model.SubmitOrder: CommandKind.SUBMIT_ORDER,
    model.ReplaceOrder: CommandKind.REPLACE_ORDER,
    model.CancelOrder: CommandKind.CANCEL_ORDER,
    model.MassCancel: CommandKind.MASS_CANCEL,
    model.LiftHalt: CommandKind.LIFT_HALT,
    model.MarkInDoubt: CommandKind.MARK_IN_DOUBT,
    model.ResolveInDoubt: CommandKind.RESOLVE_IN_DOUBT,
    model.BustTrade: CommandKind.BUST_TRADE,
    model.CorrectTrade: CommandKind.CORRECT_TRADE,
    model.SetThrottles: CommandKind.SET_THROTTLES,
    model.SetExposureLimits: CommandKind.SET_EXPOSURE_LIMITS,
    model.ExecutionReport: CommandKind.EXECUTION_REPORT,
    model.CancelReject: CommandKind.CANCEL_REJECT,
    model.SetVenue: CommandKind.SET_VENUE,
    model.SetInstrument: CommandKind.SET_INSTRUMENT,
    model.SetAccount: CommandKind.SET_ACCOUNT,
    model.SetStrategy: CommandKind.SET_STRATEGY,
    model.SetPrincipal: CommandKind.SET_PRINCIPAL,
    model.SetLimits: CommandKind.SET_LIMITS,
    model.SetTradingState: CommandKind.SET_TRADING_STATE,
    model.SetMark: CommandKind.SET_MARK,
    model.SetFx: CommandKind.SET_FX,
    model.SetFirmLimit: CommandKind.SET_FIRM_LIMIT,
    model.GrantLease: CommandKind.GRANT_LEASE,
    model.ReturnLease: CommandKind.RETURN_LEASE,
    model.StartTradingDay: CommandKind.START_TRADING_DAY,
}
DTYPES = {
    model.MarkInDoubt: DOUBT_COMMAND,
    model.ResolveInDoubt: DOUBT_COMMAND,
    model.BustTrade: CORRECTION_COMMAND,
    model.CorrectTrade: CORRECTION_COMMAND,
    model.ExecutionReport: REPORT_COMMAND,
    model.SetFx: FX_COMMAND,
    model.SetFirmLimit: LEASE_COMMAND,
    model.GrantLease: LEASE_COMMAND,
    model.ReturnLease: LEASE_COMMAND,
    model.CancelReject: REPORT_COMMAND,
    model.SubmitOrder: ORDER_COMMAND,
    model.ReplaceOrder: ORDER_COMMAND,
    model.SetInstrument: INSTRUMENT_COMMAND,
    model.SetLimits: LIMITS_COMMAND,
    model.SetThrottles: THROTTLES_COMMAND,
    model.SetExposureLimits: EXPOSURE_LIMITS_COMMAND,
}
TEXTS = ("cl_ord_id", "exec_id", "name", "text")
CHARACTERS = ("side", "ord_type", "time_in_force", "exec_type", "response_to")
WORDS = {"lane": Lane, "scope": Scope, "verdict": EventKind}
BITS: dict[str, Any] = {"in_doubt": InDoubt, "given": Given}
OR_NOTHING = ("restatement_reason", "ord_status")
"""Numbers and characters that share a byte: what is nothing leaves it to the other."""


def rows_of(commands: list[model.Command]) -> np.ndarray:
    """One COMMAND row a command."""
    rows = command_rows(len(commands))
    for row, command in zip(np.split(rows, len(commands)) if commands else [], commands, strict=True):
        _fill(row.view(DTYPES.get(type(command), COMMAND)), command)
    return rows


def _fill(row: np.ndarray, command: model.Command) -> None:
    """Write a command's fields into a one-row array; the names are the same wherever they can be."""
    row["kind"] = command.kind if isinstance(command, model.UnknownCommand) else KINDS[type(command)]
    for name, value in vars(command).items():
        _write(row, name, value)


def _write(row: np.ndarray, name: str, value: Any) -> None:
    if name in WORDS:
        row[name] = code_of(WORDS[name], value) if value else 0
    elif name == "order_id":
        row["order_id_hi"], row["order_id_lo"] = words_of(id_of(value))
    elif name == "request_id":
        row["request_hi"], row["request_lo"] = words_of(value)
    elif name == "state":
        row["trading_state"] = code_of(TradingState, value) if value else 0
    elif name in TEXTS:
        row["text"] = value
    elif name in BITS:
        row[name] = sum(BITS[name][word.upper()] for word in value)
    elif name == "exec_ref":
        row["exec_ref_hi"], row["exec_ref_lo"] = words_of(siphash.execution_key(*value) if value else 0)
    elif name in OR_NOTHING:
        row[name] |= ord(value) if isinstance(value, str) else value
    elif name in CHARACTERS:
        row[name] = ord(value)
    elif name != "kind":
        row[name] = value


def code_of(words: Any, name: str) -> int:
    """The engine's code for a word; 99 for one that it does not have."""
    return int(words[name]) if name in words.__members__ else 99


def id_of(order_id: model.OrderId) -> int:
    """The 128-bit number of an order id: by the published function, or itself where it is nobody's."""
    return siphash.order_id(*order_id) if isinstance(order_id, tuple) else int(order_id)  # type: ignore[call-overload]


def words_of(number: int) -> tuple[int, int]:
    """A 128-bit number as two words."""
    return number >> 64, number & (2**64 - 1)


def answer_of(row: np.void, command: model.Command) -> Answer:
    """An ANSWER row in the model's words; what its last number means depends on the command."""
    original = int(row["original_code"])
    is_order = isinstance(command, model.SubmitOrder | model.ReplaceOrder)
    checks = checks_of_bits(int(row["violations"])) if is_order else frozenset()
    is_accepted = AnswerCode.ACCEPTED in (row["code"], original)
    return Answer(
        code=words_of_model.Code(AnswerCode(int(row["code"])).name),
        reason=words_of_model.Reason(Reason(int(row["reason"])).name),
        check=words_of_model.Check(Check(int(row["check"])).name),
        status=words_of_model.Status(OrdStatus(int(row["status"])).name),
        original_code=words_of_model.Code(AnswerCode(original).name) if original else None,
        handle=0 if is_order else int(row["handle"]),
        violations=frozenset() if is_accepted else checks,
        warnings=checks if is_accepted else frozenset(),
        **{name: int(row[name]) for name in NUMBERS},
    )


def checks_of_bits(bits: int) -> frozenset[words_of_model.Check]:
    """The checks whose bits are set: bit n is the check with number n."""
    return frozenset(words_of_model.Check(Check(n).name) for n in range(32) if bits >> n & 1)


NUMBERS = (
    "offset",
    "version",
    "cum_qty",
    "leaves_qty",
    "limit",
    "observed",
    "mark",
    "limits_version",
    "expected_seq",
)


def engine_capacity(capacity: reference_data.Capacity) -> Capacity:
    """The same capacity for the kernel."""
    return Capacity(**vars(capacity))
