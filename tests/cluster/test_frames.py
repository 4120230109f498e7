"""Frames that come reordered, twice, damaged or far ahead get the right answers, and happen once."""

import random

import numpy as np
import pytest

from actors.ray_runtime import ray
from engine.codec.frames import AnswerFrame, decode_answers
from engine.vocabulary import AnswerCode
from tests.cluster.engine_process import Desk
from tests.cluster.frames import begin_call, call, frame_of
from tests.cluster.log_census import doubled, events_of

FRAMES, ROWS = 12, 20
COPIES = 3
WINDOW_FRAMES = 16


def submits(desk: Desk, count: int) -> np.ndarray:
    """Orders that are accepted."""
    rows, codes = desk.flow.wave(2 * count)
    taken: np.ndarray = rows[: 2 * count][codes[: 2 * count] == AnswerCode.ACCEPTED][:count]
    return taken


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_frames_in_any_order_and_number_of_copies_happen_once_in_their_order(desk: Desk, seed: int) -> None:
    rows = [submits(desk, ROWS) for _ in range(FRAMES)]
    calls = [number for number in range(1, FRAMES + 1) for _ in range(COPIES)]
    random.Random(seed).shuffle(calls)

    pending = [begin_call(desk, frame_of(rows[n - 1], session=100 + seed, number=n)) for n in calls]
    replies = [decode_answers(data) for data in ray.get(pending, timeout=30)]

    first_offsets = [_offsets_of_one_effect(replies, number) for number in range(1, FRAMES + 1)]
    assert first_offsets == sorted(first_offsets), "frames happen in the order of their numbers"
    assert doubled(events_of(desk.engine.directory)) == 0


def _offsets_of_one_effect(replies: list[AnswerFrame], number: int) -> list[int]:
    """The offsets that a frame's answers name: one copy was accepted, the others were its duplicates."""
    copies = [reply for reply in replies if reply.header["number"] == number]
    answered = [reply.answers for reply in copies if reply.header["code"] == AnswerCode.ACCEPTED]
    # A copy that comes while an earlier one still waits for its turn takes its place: that one is sent back.
    sent_back = [reply for reply in copies if reply.header["code"] == AnswerCode.OVERLOADED]
    assert len(copies) == COPIES
    assert len(answered) + len(sent_back) == COPIES
    accepted = [answers for answers in answered if (answers["code"] == AnswerCode.ACCEPTED).all()]
    again = [answers for answers in answered if (answers["code"] == AnswerCode.DUPLICATE).all()]
    assert (len(accepted), len(again)) == (1, len(answered) - 1)
    offsets: list[int] = accepted[0]["offset"].tolist()
    assert all(answers["offset"].tolist() == offsets for answers in again)
    assert all((answers["original_code"] == AnswerCode.ACCEPTED).all() for answers in again)
    return offsets


def test_a_frame_too_far_ahead_is_sent_back_and_happens_when_its_turn_comes(desk: Desk) -> None:
    rows = submits(desk, 1)
    before = desk.status()["next_offset"]

    early = call(desk, frame_of(rows, session=200, number=1 + WINDOW_FRAMES))

    assert early.header["code"] == AnswerCode.OVERLOADED
    assert early.header["retry_after_ms"] > 0
    assert desk.status()["next_offset"] == before
    number = 1 + WINDOW_FRAMES
    later = call(desk, frame_of(rows, session=200, number=number, oldest=number))
    assert later.answers["code"].tolist() == [AnswerCode.ACCEPTED]


def test_a_damaged_frame_is_invalid_and_holds_up_nobody(desk: Desk) -> None:
    rows = submits(desk, 2)
    before = desk.status()["dead_letters_kept"]
    damaged = bytearray(frame_of(rows[:1], session=300, number=1))
    damaged[-1] ^= 1

    behind = begin_call(desk, frame_of(rows[1:], session=300, number=2))
    refused = call(desk, bytes(damaged))

    assert refused.header["code"] == AnswerCode.INVALID
    assert decode_answers(ray.get(behind, timeout=30)).answers["code"].tolist() == [AnswerCode.ACCEPTED]
    assert desk.status()["dead_letters_kept"] >= before
    assert doubled(events_of(desk.engine.directory)) == 0
