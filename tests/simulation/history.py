"""What clients have asked and heard, judged by the log: every answer is right, and stays right.

Checkers here: `lost` (an acknowledged event is in the log), `history` (an answer names the event of its
command, a repetition the first one, and what is said not to have happened has not).
"""

from collections.abc import Sequence

import numpy as np

from engine.rows.events import REPORT_EVENT
from engine.vocabulary import AnswerCode, ExecType, Reason
from tests.model.commands import (
    Command,
    ExecutionReport,
    MassCancel,
    ReplaceOrder,
    Request,
    SetMark,
    SubmitOrder,
)
from tests.properties.translation import id_of, rows_of, words_of
from tests.simulation.log_watch import Key, LogWatch, owner_key, request_key, venue_key
from tests.simulation.violation import Violation

TAKEN = (AnswerCode.ACCEPTED, AnswerCode.REJECTED)

BY_THE_CLOCK = (Reason.BAD_TRADE_DATE, Reason.BAD_TIME)
"""Why a partition finds a command malformed whose day or clock is behind those of its client."""


class Asked:
    """One command of a client, and what is known of it.

    Attributes:
        row: the COMMAND row, sent again as it is.
        sends: how often it was given to the client's delivery.
        is_doubled: whether two copies of it may have been under way at once.
        code: the first answer that says that it has an event, 0 while there is none.
        offset: where its event is, -1 while nobody has said so.
        is_over: whether its client waits for nothing any more.
        was_learned: whether its client has drawn its conclusions.
    """

    def __init__(self, command: Command) -> None:
        self.command = command
        self.row = rows_of([command])
        self.key = key_of(command, self.row)
        self.sends = 0
        self.is_doubled = False
        self.code = 0
        self.offset = -1
        self.is_over = False
        self.was_learned = False

    @property
    def is_alone(self) -> bool:
        """Whether there was never more than one copy of it: then a refusal says that nothing happened."""
        return self.sends == 1 and not self.is_doubled

    def __str__(self) -> str:
        return f"{type(self.command).__name__} {self.key[1:]}"


def key_of(command: Command, row: np.ndarray) -> Key:
    """The key by which the log knows a command."""
    if isinstance(command, Request):
        return request_key(int(row["request_hi"][0]), int(row["request_lo"][0]))
    order = words_of(id_of(command.order_id))  # type: ignore[attr-defined]
    if isinstance(command, ExecutionReport):
        return venue_key(order, command.exec_id)
    return owner_key(order, command.seq)  # type: ignore[attr-defined]


def judge(watch: LogWatch, asked: Asked, answer: np.void, sent_before: Sequence[Asked]) -> None:
    """Judge one answer; `sent_before` are the commands that were sent together with it, before it.

    Where such a one was refused at first, and taken when it came again, this one may have come in between.
    """
    code = AnswerCode(int(answer["code"]))
    offset = int(answer["offset"])
    if isinstance(asked.command, SetMark) and code == AnswerCode.DUPLICATE:
        asked.is_over = True
        return
    if code in TAKEN and offset >= 0:
        _judge_first(watch, asked, answer, code)
    elif code == AnswerCode.DUPLICATE:
        _judge_again(watch, asked, answer)
    else:
        _judge_refusal(watch, asked, code, Reason(int(answer["reason"])), sent_before)
    asked.is_over = True


def _judge_first(watch: LogWatch, asked: Asked, answer: np.void, code: AnswerCode) -> None:
    offset = int(answer["offset"])
    event = watch.event(offset)
    if asked.offset >= 0 and not isinstance(asked.command, MassCancel):
        raise Violation(
            "history", f"{watch.name}: {asked} is {code.name} at {offset}, and was at {asked.offset} before"
        )
    asked.code, asked.offset = code, offset
    _judge_place(watch, asked, offset)
    if not isinstance(asked.command, Request) and event["version"][0] != answer["version"]:
        raise Violation(
            "history",
            f"{watch.name}: {asked} is answered with version {answer['version']}, the event at {offset} "
            f"has {event['version'][0]}",
        )
    _judge_content(watch, asked, event)


def _judge_content(watch: LogWatch, asked: Asked, event: np.ndarray) -> None:
    """The event has the terms of its command."""
    command = asked.command
    if isinstance(command, SubmitOrder | ReplaceOrder):
        found, wanted = (int(event["price"][0]), int(event["order_qty"][0])), (command.price, command.qty)
    elif isinstance(command, ExecutionReport) and command.exec_type == chr(ExecType.TRADE):
        report = event.view(REPORT_EVENT)
        found, wanted = (int(report["last_px"][0]), int(report["last_qty"][0])), (command.price, command.qty)
    else:
        return
    if found != wanted:
        raise Violation("history", f"{watch.name}: {asked} is about {wanted}, its event says {found}")


def _judge_again(watch: LogWatch, asked: Asked, answer: np.void) -> None:
    offset, original = int(answer["offset"]), int(answer["original_code"])
    watch.event(offset)
    _judge_place(watch, asked, offset)
    if (
        asked.offset >= 0
        and not isinstance(asked.command, MassCancel)
        and (asked.offset, asked.code) != (offset, original)
    ):
        raise Violation(
            "history",
            f"{watch.name}: {asked} was {AnswerCode(asked.code).name} at {asked.offset}; sent again it is "
            f"said to have been {AnswerCode(original).name} at {offset}",
        )
    asked.code, asked.offset = original, offset


def _judge_place(watch: LogWatch, asked: Asked, offset: int) -> None:
    """The offset is that of the command's event; marks have no key, and a mass cancel has two events."""
    if isinstance(asked.command, SetMark | MassCancel):
        return
    found = watch.offset_of.get(asked.key)
    if found != offset:
        raise Violation(
            "history", f"{watch.name}: {asked} is answered with offset {offset}, its event is at {found}"
        )


def _judge_refusal(
    watch: LogWatch, asked: Asked, code: AnswerCode, reason: Reason, sent_before: Sequence[Asked]
) -> None:
    if asked.offset >= 0 or (asked.is_alone and asked.key in watch.offset_of):
        raise Violation("history", f"{watch.name}: {asked} is {code.name}, and has an event")
    is_our_mistake = code in {AnswerCode.GAP, AnswerCode.CONFLICT, AnswerCode.INVALID}
    if is_our_mistake and reason not in BY_THE_CLOCK and not sent_before:
        raise Violation(
            "history", f"{watch.name}: {asked} is {code.name} ({reason.name}), which nobody caused"
        )


def check_acknowledged(watch: LogWatch, asked: Asked) -> None:
    """What was acknowledged is where it was."""
    if asked.offset >= 0:
        watch.event(asked.offset)
        _judge_place(watch, asked, asked.offset)
