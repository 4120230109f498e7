"""What a flow has reached: a log that holds together, and the words that were answered."""

import numpy as np

from engine import vocabulary
from engine.remedies import answers_with
from tests.properties.chains import broken_chains, chain_ends, unread_bytes
from tests.properties.side_by_side import SentFrame, SideBySide, same

WITHOUT_KERNEL = {"OVERLOADED", "NOT_READY", "FENCED"}
"""Answers that the writer gives before a command reaches the kernel."""


def check_log(side: SideBySide) -> None:
    """The log's chains hold, end where the tables say, and no event has a byte that nobody would read."""
    log = side.logged.log
    same("chains", broken_chains(log), [], "the log")
    same("chain ends", chain_ends(log), side.logged.chain_ends(), "the log against the tables")
    same("unread bytes", unread_bytes(log), [], "the log")


def check_refusals(side: SideBySide) -> None:
    """Every reason came with an answer that the table of refusals names beside it."""
    for frame in side.sent:
        is_again = frame.answers["code"] == vocabulary.AnswerCode.DUPLICATE
        codes = np.where(is_again, frame.answers["original_code"], frame.answers["code"])
        for code, number in sorted(
            {(int(c), int(r)) for c, r in zip(codes, frame.answers["reason"], strict=True)}
        ):
            reason = vocabulary.Reason(number)
            if reason != vocabulary.Reason.NONE:
                same(f"answers with {reason.name}", code in answers_with(reason), True, f"code {code}")


def words_of(answers: np.ndarray) -> list[str]:
    """Each answer's code, reason and check, by their names."""
    found = []
    for answer in answers:
        found += [
            f"code {vocabulary.AnswerCode(answer['code']).name}",
            f"reason {vocabulary.Reason(answer['reason']).name}",
            f"check {vocabulary.Check(answer['check']).name}",
            f"status {vocabulary.OrdStatus(answer['status']).name}",
        ]
    return found


def deeds_of(frame: SentFrame) -> list[str]:
    """What became of each submit, replace and cancel, and of what races a replace in flight."""
    found = []
    for command, answer in zip(frame.commands, frame.answers, strict=True):
        kind = vocabulary.CommandKind(command["kind"]) if command["kind"] in KINDS else None
        is_accepted = answer["code"] == vocabulary.AnswerCode.ACCEPTED
        if kind in ASKED:
            found.append(f"{kind.name} {vocabulary.AnswerCode(answer['code']).name}")
        elif kind == vocabulary.CommandKind.EXECUTION_REPORT and is_accepted:
            found += _race(command, answer)
    return found


def _race(command: np.void, answer: np.void) -> list[str]:
    """A venue does a replace, or fills an order whose replace is in flight."""
    if command["exec_type"] == vocabulary.ExecType.REPLACED:
        return ["replace done"]
    is_fill = command["exec_type"] == vocabulary.ExecType.TRADE
    is_raced = is_fill and answer["status"] == vocabulary.OrdStatus.PENDING_REPLACE
    return ["replace raced by a fill"] if is_raced else []


KINDS = set(vocabulary.CommandKind)
ASKED = (
    vocabulary.CommandKind.SUBMIT_ORDER,
    vocabulary.CommandKind.REPLACE_ORDER,
    vocabulary.CommandKind.CANCEL_ORDER,
)


def share_of(words: dict[str, int], kind: str, code: str) -> float:
    """How many of the commands of a kind were answered so."""
    return words[f"{kind} {code}"] / sum(
        count for word, count in words.items() if word.startswith(f"{kind} ")
    )


def every_word() -> set[str]:
    """All that the kernel can say."""
    return {
        *(f"code {code.name}" for code in vocabulary.AnswerCode if code.name not in WITHOUT_KERNEL),
        *(f"reason {reason.name}" for reason in vocabulary.Reason),
        *(f"check {check.name}" for check in vocabulary.Check),
        *(f"status {status.name}" for status in vocabulary.OrdStatus),
    }
