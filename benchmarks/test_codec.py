"""What framing, admission and answering 4,000 rows cost."""

from typing import Any

import numpy as np

from actors.roles.admission import admit
from benchmarks.conftest import ROWS, Prepared
from engine.client.session import Session
from engine.codec.frames import ANSWER_HEADER, decode_answers, encode_answers
from engine.rows.answers import answer_rows
from engine.vocabulary import AnswerCode


def framed(prepared: Prepared) -> np.ndarray:
    """One command frame's bytes."""
    session = Session((0, 1), 0)
    return session.frame(session.put(prepared.frame()))


def test_frame(benchmark: Any, prepared: Prepared) -> None:
    """The client's side: header, checksum, one copy."""
    session = Session((0, 1), 0)
    number = session.put(prepared.frame())
    benchmark(session.frame, number)


def test_admit(benchmark: Any, prepared: Prepared) -> None:
    """The partition's side: checksum, one copy, stamps."""
    data = framed(prepared)
    benchmark(lambda: admit(data, ROWS, 0))


def test_answer(benchmark: Any) -> None:
    """4,000 acceptances, encoded and decoded."""
    answers = answer_rows(ROWS)
    answers["code"] = AnswerCode.ACCEPTED
    benchmark(lambda: decode_answers(encode_answers(np.zeros(1, ANSWER_HEADER)[0], answers)))
