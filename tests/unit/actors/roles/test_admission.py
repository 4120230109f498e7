"""Admission stamps the sender, refuses frames for others, and takes the lane of foreign commands."""

import numpy as np
import pytest

from actors.roles.admission import admit
from engine.client.session import Session
from engine.client.transport import REFERENCE
from engine.errors import BadRequest
from engine.rows.commands import command_rows
from engine.vocabulary import CommandKind, Lane

ROWS_MAX = 10


def frame_of(rows: np.ndarray, partition: int = 0) -> np.ndarray:
    session = Session((1, 2), partition)
    session.principal = 7
    return session.frame(session.put(rows))


def rows_of(kind: CommandKind, lane: Lane = Lane.OPERATOR) -> np.ndarray:
    rows = command_rows(1)
    rows["kind"], rows["lane"], rows["principal"] = kind, lane, 99
    return rows


def test_the_session_says_who_sent_it_whatever_the_rows_say() -> None:
    assert admit(frame_of(rows_of(CommandKind.SET_MARK)), ROWS_MAX, 0).commands["principal"] == [7]


def test_a_frame_for_another_partition_is_refused_whole() -> None:
    with pytest.raises(BadRequest, match="a frame for partition 3 came to partition 0"):
        admit(frame_of(rows_of(CommandKind.SET_MARK), partition=3), ROWS_MAX, 0)


@pytest.mark.parametrize(
    ("kind", "partition", "is_taken"),
    [
        (CommandKind.SET_VENUE, REFERENCE, True),
        (CommandKind.SET_VENUE, 0, False),
        (CommandKind.GRANT_LEASE, REFERENCE, True),
        (CommandKind.GRANT_LEASE, 0, False),
        (CommandKind.RETURN_LEASE, REFERENCE, True),
        (CommandKind.RETURN_LEASE, 0, True),
        (CommandKind.SUBMIT_ORDER, 0, True),
        (CommandKind.SUBMIT_ORDER, REFERENCE, False),
    ],
)
def test_each_log_decides_its_own_kinds(kind: CommandKind, partition: int, *, is_taken: bool) -> None:
    frame = admit(frame_of(rows_of(kind), partition), ROWS_MAX, partition)

    assert (frame.commands["lane"][0] == Lane.OPERATOR) == is_taken


def test_nobody_may_claim_to_be_the_reference_log() -> None:
    frame = admit(frame_of(rows_of(CommandKind.SET_MARK, Lane.REFERENCE)), ROWS_MAX, 0)

    assert frame.commands["lane"] == [0]
