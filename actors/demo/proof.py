"""The proof: what was acknowledged is in the log, each once, and what reads show is the fold of that log."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from actors.demo.acked import Acked
from actors.roles.projector import Projector
from engine import Client
from engine.kernel.tables import Capacity
from engine.reads.answers import decode_answer
from engine.reads.questions import (
    ROWS_MAX,
    AnyQuestion,
    ReadBook,
    ReadExposure,
    ReadOrders,
    ReadPositions,
    ReadProfit,
    ReadStatus,
    encode_question,
)
from engine.rows.events import HEAD, REQUEST_EVENT
from engine.vocabulary import AnswerCode, EventKind, Lane
from storage.log_reader import LogReader

_WORDS = ("order_id_lo", "order_id_hi", "text_w0", "text_w1", "text_w2", "seq", "lane")

KEY = np.dtype([(word, "<u8") for word in _WORDS])
"""What tells one command of an owner or a venue from every other: order, ClOrdID or ExecID, number."""

AGAIN_MAX = 4_000
"""Commands that are sent once more: enough to reach back over many blocks, and done in a moment."""

Ask = Callable[[bytes], bytes]
"""From a question to its answer, both MessagePack: a running projector, or one of our own."""


class Census(NamedTuple):
    """How acknowledged commands stand in a log; every count but the first is 0 where nothing is wrong.

    Attributes:
        acked: commands acknowledged.
        lost: acknowledged commands whose event is not where the answer said, or is another command's.
        doubled: events with the key of an earlier event: a command that took effect twice.
        unasked: events of owners and venues beyond those acknowledged.
    """

    acked: int
    lost: int
    doubled: int
    unasked: int

    @property
    def is_exact(self) -> bool:
        """Whether each acknowledged command is in the log once, and nothing else is."""
        return not (self.lost or self.doubled or self.unasked)


def census(acked: Acked, logged: np.ndarray) -> Census:
    """Compare what was acknowledged with the keys of a log (`logged_keys`)."""
    from_outside = logged[logged["lane"] != 0]
    return Census(
        acked=len(acked),
        lost=int(lost(acked, logged).sum()),
        doubled=_repeated(from_outside),
        unasked=len(from_outside) - len(acked),
    )


def lost(acked: Acked, logged: np.ndarray) -> np.ndarray:
    """For each acknowledged command, whether its event is missing from the place that its answer named."""
    is_there = (acked.offsets >= 0) & (acked.offsets < len(logged))
    is_lost = ~is_there
    is_lost[is_there] = logged[acked.offsets[is_there]] != _keys_of_commands(acked.commands[is_there])
    return is_lost


def count_recognised(client: Client, acked: Acked) -> int:
    """Send commands once more: how many are `DUPLICATE`, with the position that they had the first time."""
    answers = client.send_rows(acked.commands)
    return int(((answers.codes == AnswerCode.DUPLICATE) & (answers.positions == acked.offsets)).sum())


def logged_keys(reader: LogReader) -> np.ndarray:
    """One KEY an event of a log, by offset; all zeros for events that no owner and no venue has caused."""
    keys = np.zeros(reader.tip_offset(), KEY)
    for block in reader.blocks(0, len(keys)):
        rows = block.rows(HEAD)
        typed = rows.view(REQUEST_EVENT)
        part = keys[block.header.base_offset : block.header.next_offset]
        is_outside = np.isin(rows["lane"], (Lane.OWNER, Lane.VENUE)) & (
            rows["kind"] != EventKind.CONFLICT_DETECTED
        )
        for word in _WORDS:
            # ClOrdID and ExecID lie at the same place in every kind that an owner or a venue causes.
            values = typed[word.replace("text", "cl_ord_id")]
            part[word] = np.where(is_outside, values, 0)
    return keys


def _keys_of_commands(commands: np.ndarray) -> np.ndarray:
    keys = np.zeros(len(commands), KEY)
    for word in _WORDS:
        keys[word] = commands[word]
    return keys


def _repeated(keys: np.ndarray) -> int:
    """How many keys are there a second time."""
    ordered = keys[np.lexsort([keys[word] for word in _WORDS])]
    return int((ordered[1:] == ordered[:-1]).sum())


def digest_of_answers(ask: Ask, position: int, instruments: int) -> str:
    """SHA-256 over everything that a projector answers about the state at one offset, in hex."""
    digest = sha256()
    for question in _questions(position, instruments):
        answer = decode_answer(ask(encode_question(question)))
        assert answer.as_of == position, f"asked about offset {position}, answered about {answer.as_of}"
        digest.update(answer.subject.encode() + answer.rows)
    return digest.hexdigest()


def digest_of_fold(reader: LogReader, capacity: Capacity, position: int, instruments: int) -> str:
    """The same over a fold of the log from its first event to that offset, made here and now."""
    projector = Projector(reader, capacity)
    projector.step(upto=position)
    return digest_of_answers(projector.read, position, instruments)


def _questions(position: int, instruments: int) -> Iterator[AnyQuestion]:
    """Every question that is not about one order."""
    yield ReadStatus(min_position=position)
    yield ReadOrders(limit=ROWS_MAX, min_position=position)
    yield ReadPositions(min_position=position)
    for by in ("account", "strategy", "instrument"):
        yield ReadExposure(by=by, min_position=position)
        yield ReadProfit(by=by, min_position=position)
    for handle in range(1, instruments + 1):
        yield ReadBook(instrument=handle, levels=1_024, min_position=position)
