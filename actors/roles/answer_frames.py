"""Answer frames as a partition writes them."""

import numpy as np

from engine.codec.frames import ANSWER_HEADER, encode_answers
from engine.rows.answers import answer_rows
from engine.vocabulary import AnswerCode


def answers_of(header: np.void, answers: np.ndarray, epoch: int, tip: int, now_ns: int) -> bytes:
    """The frame that answers every command of the frame with this header."""
    return encode_answers(_answer_header(header, AnswerCode.ACCEPTED, epoch, tip, now_ns), answers)


def refusal_of(header: np.void, code: AnswerCode, epoch: int, retry_after_ms: int) -> bytes:
    """The frame that says that nothing of a whole frame happened, and when to send it again."""
    reply = _answer_header(header, code, epoch, -1, 0)
    reply["retry_after_ms"] = retry_after_ms
    return encode_answers(reply, answer_rows(0))


def _answer_header(header: np.void, code: AnswerCode, epoch: int, tip: int, now_ns: int) -> np.void:
    reply: np.void = np.zeros(1, ANSWER_HEADER)[0]
    reply["code"] = code
    reply["number"] = header["number"]
    reply["partition"] = header["partition"]
    reply["epoch"] = epoch
    reply["tip"] = tip
    reply["now_ns"] = now_ns
    return reply
