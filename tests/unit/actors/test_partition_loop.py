"""A partition's loop answers whatever comes to it, also in the moment in which it stops."""

from pathlib import Path

import numpy as np
import pytest

from actors import partition_loop
from actors.partition_loop import PartitionLoop
from actors.roles.admission import admit
from actors.roles.engine_files import open_manifest
from actors.roles.partition import Partition
from actors.warm_up import SMALL
from engine.client.session import Session
from engine.codec.frames import Frame, decode_answers
from engine.rows.commands import command_rows
from engine.vocabulary import AnswerCode


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
