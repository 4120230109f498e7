"""What a flow has reached: a log that holds together, and the words that were answered."""

import numpy as np

from engine import vocabulary
from tests.properties.chains import broken_chains, chain_ends, unread_bytes
from tests.properties.side_by_side import SideBySide, same

WITHOUT_KERNEL = {"OVERLOADED", "NOT_READY", "FENCED"}
"""Answers that the writer gives before a command reaches the kernel."""


def check_log(side: SideBySide) -> None:
    """The log's chains hold, end where the tables say, and no event has a byte that nobody would read."""
    log = side.logged.log
    same("chains", broken_chains(log), [], "the log")
    same("chain ends", chain_ends(log), side.logged.chain_ends(), "the log against the tables")
    same("unread bytes", unread_bytes(log), [], "the log")


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


def every_word() -> set[str]:
    """All that the kernel can say."""
    return {
        *(f"code {code.name}" for code in vocabulary.AnswerCode if code.name not in WITHOUT_KERNEL),
        *(f"reason {reason.name}" for reason in vocabulary.Reason),
        *(f"check {check.name}" for check in vocabulary.Check),
        *(f"status {status.name}" for status in vocabulary.OrdStatus),
    }
