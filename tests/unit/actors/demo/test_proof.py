"""The demo's proof finds what is lost, doubled, misplaced or made up, and reads that are not the fold."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from actors.demo.acked import Acked
from actors.demo.proof import (
    Census,
    census,
    count_recognised,
    digest_of_answers,
    digest_of_fold,
    logged_keys,
    lost,
)
from actors.roles.engine_files import capacity_of
from engine.reads.answers import decode_answer
from storage.log_reader import LogReader
from tests.unit.actors.demo.conftest import INSTRUMENTS, SMALL, Traded


@pytest.fixture(scope="module")
def reader(traded: Traded) -> Iterator[LogReader]:
    with LogReader.open(traded.directory / "p0000") as reader:
        yield reader


@pytest.fixture
def logged(reader: LogReader) -> np.ndarray:
    return logged_keys(reader)


def test_what_was_acknowledged_is_in_the_log_once_and_nothing_else_is(
    traded: Traded, logged: np.ndarray
) -> None:
    assert census(traded.acked, logged) == Census(acked=len(traded.acked), lost=0, doubled=0, unasked=0)
    assert census(traded.acked, logged).is_exact


def without_its_event(acked: Acked, logged: np.ndarray) -> tuple[Acked, np.ndarray]:
    logged[acked.offsets[10]] = 0
    return acked, logged


def behind_the_end(acked: Acked, logged: np.ndarray) -> tuple[Acked, np.ndarray]:
    return acked, logged[: acked.offsets.max()]


def at_no_place(acked: Acked, logged: np.ndarray) -> tuple[Acked, np.ndarray]:
    acked.offsets[10] = -1
    return acked, logged


def without_its_answer(acked: Acked, logged: np.ndarray) -> tuple[Acked, np.ndarray]:
    return acked.last(len(acked) - 1), logged


def executed_twice(acked: Acked, logged: np.ndarray) -> tuple[Acked, np.ndarray]:
    return acked, np.concatenate([logged, logged[acked.offsets[10:11]]])


def in_each_others_place(acked: Acked, logged: np.ndarray) -> tuple[Acked, np.ndarray]:
    acked.offsets[[10, 11]] = acked.offsets[[11, 10]]
    return acked, logged


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        (without_its_event, {"lost": 1, "unasked": -1}),
        (behind_the_end, {"lost": 1, "unasked": -1}),
        (at_no_place, {"lost": 1}),
        (without_its_answer, {"unasked": 1}),
        (executed_twice, {"doubled": 1, "unasked": 1}),
        (in_each_others_place, {"lost": 2}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_planted_fault_is_found(
    traded: Traded,
    logged: np.ndarray,
    planted: Callable[[Acked, np.ndarray], tuple[Acked, np.ndarray]],
    found: dict[str, int],
) -> None:
    own = replace(traded.acked, offsets=traded.acked.offsets.copy())

    acked, changed = planted(own, logged)

    counted = census(acked, changed)
    faults = {name: count for name, count in counted._asdict().items() if name != "acked" and count}
    assert faults == found
    assert not counted.is_exact


def test_a_lost_command_is_told_from_those_beside_it(traded: Traded, logged: np.ndarray) -> None:
    logged[traded.acked.offsets[10]] = 0

    assert np.flatnonzero(lost(traded.acked, logged)).tolist() == [10]


def test_what_is_sent_once_more_is_recognised_and_changes_nothing(traded: Traded, reader: LogReader) -> None:
    end = reader.tip_offset()

    assert count_recognised(traded.client, traded.acked) == len(traded.acked)
    assert reader.tip_offset() == end


def test_an_answer_with_another_position_is_not_the_first_one(traded: Traded) -> None:
    moved = replace(traded.acked, offsets=traded.acked.offsets + 1)

    assert count_recognised(traded.client, moved) == 0


def test_the_projection_is_the_fold_of_the_log(traded: Traded, reader: LogReader) -> None:
    position = reader.tip_offset() - 1
    transport = traded.client.connection.transport

    answered = digest_of_answers(lambda question: transport.ask(0, question), position, INSTRUMENTS)

    assert answered == digest_of_fold(reader, capacity_of(SMALL, 0), position, INSTRUMENTS)


def test_one_wrong_bit_of_one_answer_changes_the_digest(traded: Traded, reader: LogReader) -> None:
    position = reader.tip_offset() - 1
    transport = traded.client.connection.transport

    def wrong(question: bytes) -> bytes:
        data = transport.ask(0, question)
        answer = decode_answer(data)
        if not answer.subject.startswith("positions"):
            return data
        flipped = bytes([answer.rows[-1] ^ 1])
        return data.replace(answer.rows, answer.rows[:-1] + flipped)

    assert digest_of_answers(wrong, position, INSTRUMENTS) != digest_of_fold(
        reader, capacity_of(SMALL, 0), position, INSTRUMENTS
    )


def test_commands_that_were_never_sent_are_not_recognised(traded: Traded, reader: LogReader) -> None:
    """Last in this file: it adds to the log."""
    offsets = np.arange(len(traded.unsent)) + reader.tip_offset()

    assert count_recognised(traded.client, Acked(traded.unsent, offsets, offsets.astype(float))) == 0
