"""Answers on their way from a projector, as MessagePack, and the table they become."""

from collections.abc import Sequence

import msgspec
import numpy as np

from engine.errors import BadRequest
from engine.reads.merging import merged_rows
from engine.reads.schema import SUBJECTS
from engine.reads.table import Table


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What one partition's projector answers; the attributes are those of `engine.reads.table.Table`."""

    subject: str
    rows: bytes
    partition: int
    as_of: int
    lag_events: int = 0
    lag_seconds: float = 0.0
    unpriced: tuple[str, ...] = ()
    has_more: bool = False


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Answer)


def encode_answer(answer: Answer) -> bytes:
    """The answer as MessagePack."""
    return _ENCODER.encode(answer)


def decode_answer(data: bytes) -> Answer:
    """Read an answer; BadRequest says what is wrong with one that can't be understood."""
    try:
        answer: Answer = _DECODER.decode(data)
    except msgspec.MsgspecError as error:
        raise BadRequest(f"an answer that can't be read ({error}): use the same release") from error
    if answer.subject not in SUBJECTS:
        raise BadRequest(f"an answer about {answer.subject!r}, which is unknown here: use the same release")
    return answer


def table_of(answers: Sequence[Answer]) -> Table:
    """One table of the answers of one or more partitions to the same question."""
    subject = SUBJECTS[answers[0].subject]
    parts = [np.frombuffer(answer.rows, subject.dtype) for answer in answers]
    return Table(
        subject,
        parts[0] if len(parts) == 1 else merged_rows(subject.name, parts),
        as_of={answer.partition: answer.as_of for answer in answers},
        lag_events=max(answer.lag_events for answer in answers),
        lag_seconds=max(answer.lag_seconds for answer in answers),
        unpriced=tuple(sorted({name for answer in answers for name in answer.unpriced})),
        has_more=any(answer.has_more for answer in answers),
    )
