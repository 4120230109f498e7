"""The mailbox holds so many bytes over all callers, and takes the frame that others wait for."""

import numpy as np

from actors.roles.mailbox import EARLY_SHARE, KILL_SHARE, Mailbox
from actors.roles.partition import FrameTask
from engine.codec.frames import FRAME_HEADER, Frame
from engine.rows.commands import COMMAND_BYTES, command_rows
from engine.vocabulary import CommandKind, TradingState

ROWS = 10
FRAME_BYTES = ROWS * COMMAND_BYTES
WINDOW = 32


def task(number: int, *, session: int = 1, rows: int = ROWS, is_kill: bool = False) -> FrameTask:
    header = np.zeros(1, FRAME_HEADER)[0]
    header["session_lo"], header["number"], header["oldest"] = session, number, 1
    commands = command_rows(rows)
    if is_kill:
        commands["kind"][-1], commands["trading_state"][-1] = (
            CommandKind.MASS_CANCEL,
            TradingState.CANCEL_ONLY,
        )
    return FrameTask(Frame(header, commands), lambda _: None)


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


def test_a_kill_goes_first_and_its_session_keeps_its_order() -> None:
    mailbox = Mailbox(100 * FRAME_BYTES, WINDOW)
    others = [task(number, session=1) for number in (1, 2)]
    before, kill, behind = task(1, session=2), task(2, session=2, is_kill=True), task(3, session=2)
    for one in (others[0], before, others[1], kill, behind):
        assert mailbox.offer(one) == []

    assert len(mailbox) == 5
    assert mailbox.take(100 * ROWS) == [before, kill, *others, behind]


def test_a_second_kill_does_not_overtake_the_first() -> None:
    mailbox = Mailbox(100 * FRAME_BYTES, WINDOW)
    kills = [task(1, session=session, is_kill=True) for session in (1, 2)]
    for one in (task(1, session=3), *kills):
        assert mailbox.offer(one) == []

    assert mailbox.take(2 * ROWS) == kills


def test_a_full_mailbox_still_takes_kills_up_to_a_bound_of_their_own() -> None:
    mailbox = Mailbox(KILL_SHARE * FRAME_BYTES, WINDOW)
    assert mailbox.offer(task(1, rows=KILL_SHARE * ROWS)) == []
    kills = [task(1, session=session, is_kill=True) for session in (2, 3)]

    assert mailbox.offer(task(1, session=4, rows=1)) != []
    assert mailbox.offer(kills[0]) == []
    assert mailbox.offer(kills[1]) == [kills[1]]


def test_a_mass_cancel_that_halts_nothing_waits_its_turn() -> None:
    mailbox = Mailbox(100 * FRAME_BYTES, WINDOW)
    first, gentle = task(1, session=1), task(1, session=2, is_kill=True)
    gentle.commands["trading_state"] = 0
    gentle = FrameTask(Frame(gentle.header, gentle.commands), lambda _: None)
    for one in (first, gentle):
        assert mailbox.offer(one) == []

    assert mailbox.take(1) == [first]
