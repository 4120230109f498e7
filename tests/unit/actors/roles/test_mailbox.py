"""The mailbox holds so many bytes over all callers, and takes the frame that others wait for."""

import numpy as np

from actors.roles.mailbox import EARLY_SHARE, Mailbox
from actors.roles.partition import FrameTask
from engine.codec.frames import FRAME_HEADER, Frame
from engine.rows.commands import COMMAND_BYTES, command_rows

ROWS = 10
FRAME_BYTES = ROWS * COMMAND_BYTES
WINDOW = 32


def task(number: int, *, session: int = 1, rows: int = ROWS) -> FrameTask:
    header = np.zeros(1, FRAME_HEADER)[0]
    header["session_lo"], header["number"], header["oldest"] = session, number, 1
    return FrameTask(Frame(header, command_rows(rows)), lambda _: None)


def test_frames_are_taken_in_order_up_to_the_rows_of_a_block() -> None:
    mailbox = Mailbox(10 * FRAME_BYTES, WINDOW)
    tasks = [task(number) for number in (1, 2, 3)]
    for one in tasks:
        assert mailbox.offer(one) == []

    assert mailbox.take(2 * ROWS) == tasks[:2]
    assert mailbox.take(1) == tasks[2:]
    assert mailbox.take(1) == []
    assert mailbox.waiting_bytes == 0


def test_the_bound_counts_the_frames_of_every_caller() -> None:
    mailbox = Mailbox(3 * FRAME_BYTES, WINDOW)
    for session in (1, 2, 3):
        assert mailbox.offer(task(1, session=session)) == []

    late = task(1, session=4)

    assert not mailbox.has_room(late.size)
    assert mailbox.offer(late) == [late]
    mailbox.take(1)
    assert mailbox.offer(late) == []


def test_an_empty_mailbox_takes_a_frame_of_any_size() -> None:
    mailbox = Mailbox(FRAME_BYTES, WINDOW)

    assert mailbox.offer(task(1, rows=5 * ROWS)) == []


def test_early_frames_fill_no_more_than_their_share() -> None:
    mailbox = Mailbox(4 * EARLY_SHARE * FRAME_BYTES, WINDOW)
    early = [task(number) for number in range(2, 8)]

    refused = [gone for one in early for gone in mailbox.offer(one)]

    assert refused == early[4:]
    assert mailbox.waiting_bytes == 4 * FRAME_BYTES
    assert mailbox.offer(task(1)) == []
    assert len(mailbox) == 5


def test_a_silent_session_gives_way_to_a_live_one() -> None:
    mailbox = Mailbox(EARLY_SHARE * FRAME_BYTES, WINDOW)
    silent = task(2, session=1)
    assert mailbox.offer(silent) == []
    assert mailbox.offer(task(1, session=2)) == []

    assert mailbox.offer(task(3, session=2)) == [silent]
