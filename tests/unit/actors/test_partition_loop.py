"""A partition's loop answers whatever comes to it, also in the moment in which it stops."""

from pathlib import Path

import numpy as np
import pytest

from actors import partition_loop
from actors.partition_loop import PartitionLoop
from actors.roles.admission import admit
from actors.roles.engine_files import open_manifest
from actors.roles.partition import Batch, Partition
from actors.warm_up import SMALL
from engine.client.session import Session
from engine.codec.frames import Frame, decode_answers
from engine.rows.commands import command_rows
from engine.vocabulary import AnswerCode, CommandKind, Lane, Scope


@pytest.fixture
def loop(tmp_path: Path) -> PartitionLoop:
    """A running loop on a fresh partition."""
    manifest = open_manifest(tmp_path, 1, lambda: b"u" * 16)
    partition = Partition.open(tmp_path, manifest, 0, SMALL, lambda: 1, allow_volatile=True)
    loop = PartitionLoop(partition, SMALL, on_commit=lambda: None, on_failure=lambda error: None)
    loop.start()
    return loop


def test_a_frame_that_meets_the_stop_is_refused_and_not_forgotten(
    loop: PartitionLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session((1, 2), 0)
    frame = session.frame(session.put(command_rows(1)))

    def admit_late(data: bytes | np.ndarray, rows_max: int, partition: int) -> Frame:
        loop.stop()
        return admit(data, rows_max, partition)

    monkeypatch.setattr(partition_loop, "admit", admit_late)
    answers: list[bytes] = []
    loop.submit(frame, answers.append)

    assert [decode_answers(data).header["code"] for data in answers] == [AnswerCode.NOT_READY]


def test_a_frame_of_an_older_epoch_is_fenced_and_nothing_of_it_happens(
    loop: PartitionLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    epoch, end = loop.partition.log.epoch, loop.partition.log.tip.next_offset
    session = Session((1, 2), 0)
    session.epoch = epoch
    number = session.put(command_rows(1))
    monkeypatch.setattr(loop.partition.log, "epoch", epoch + 1)
    answers: list[bytes] = []

    loop.submit(session.frame(number), answers.append)
    loop.stop()

    (header,) = [decode_answers(data).header for data in answers]
    assert (header["code"], header["epoch"]) == (AnswerCode.FENCED, epoch + 1)
    assert loop.partition.log.tip.next_offset == end


def test_what_a_predecessor_left_owed_is_written_before_anything_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = open_manifest(tmp_path, 1, lambda: b"u" * 16)
    partition = Partition.open(tmp_path, manifest, 0, SMALL, lambda: 1, allow_volatile=True)
    written: list[Batch] = []
    follow_up = partition.follow_up

    def note(batch: Batch) -> bool:
        written.append(batch)
        return follow_up(batch)

    monkeypatch.setattr(partition, "follow_up", note)
    loop = PartitionLoop(partition, SMALL, on_commit=lambda: None, on_failure=lambda error: None)
    loop.start()
    loop.stop()

    assert len(written) == 1


def test_an_answer_names_the_end_of_the_log_behind_its_own_events(loop: PartitionLoop) -> None:
    rows = command_rows(1)
    rows["kind"], rows["lane"], rows["scope"] = CommandKind.MASS_CANCEL, Lane.OPERATOR, Scope.ALL
    rows["request_lo"] = 1
    session = Session((1, 2), 0)
    answers: list[bytes] = []

    loop.submit(session.frame(session.put(rows)), answers.append)
    loop.stop()

    (frame,) = [decode_answers(data) for data in answers]
    assert frame.answers["code"].tolist() == [AnswerCode.ACCEPTED]
    assert frame.header["tip"] == frame.answers["offset"][0] + 1 == loop.partition.log.tip.next_offset
