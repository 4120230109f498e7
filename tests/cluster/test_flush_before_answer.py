"""The kernel's own account: the log is flushed before an answer leaves, and a flush that fails is fatal."""

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from engine.vocabulary import AnswerCode
from tests.cluster.engine_process import Desk, wait_for
from tests.cluster.frames import call, frame_of
from tests.cluster.log_census import doubled, events_of
from tests.cluster.syscall_trace import FLUSHES, SENDS, WRITES, answers_in, fault_in, traced

HELD_S = 1.5

GOOD = """\
7 pwrite64(31</d/p0000/000001/data.mdb>, "x", 4096, 8192) = 4096
7 fdatasync(31</d/p0000/000001/data.mdb> <unfinished ...>
8 sendmsg(9<socket:[1]>, {msg_iov=[{iov_base="hello"}]}, MSG_NOSIGNAL) = 5
7 <... fdatasync resumed>) = 0
7 pwrite64(32</d/p0000/000001/data.mdb>, "m", 64, 0) = 64
8 sendmsg(9<socket:[1]>, {msg_iov=[{iov_base="OFAF..."}]}, MSG_NOSIGNAL) = 5
"""


def order(desk: Desk) -> np.ndarray:
    """One order that is accepted."""
    rows, codes = desk.flow.wave(2)
    accepted: np.ndarray = rows[:2][codes[:2] == AnswerCode.ACCEPTED][:1]
    return accepted


def test_the_log_is_flushed_before_the_answer_of_one_order_is_sent(desk: Desk, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    pid = desk.status()["pid"]

    with traced(pid, trace, "trace=" + ",".join({*FLUSHES, *WRITES, *SENDS})):
        answers = desk.deliver(order(desk))
        # The answer arrives before the call that sent it returns: a tracer that left now would miss its end.
        wait_for("the answer's call is traced", lambda: answers_in(trace.read_text(errors="replace")))

    assert answers["code"].tolist() == [AnswerCode.ACCEPTED]
    assert fault_in(trace.read_text(errors="replace")) == ""
    assert any(is_durable(pid, number) for number in log_descriptors(pid)), "the meta page is written through"


def log_descriptors(pid: int) -> list[str]:
    """The descriptors by which a process has the log's file open."""
    folder = Path(f"/proc/{pid}/fd")
    return [file.name for file in folder.iterdir() if "/p0000/" in str(file.readlink())]


def is_durable(pid: int, number: str) -> bool:
    """Whether each write through a descriptor is durable when it returns."""
    flags = int(Path(f"/proc/{pid}/fdinfo/{number}").read_text().split("flags:")[1].split()[0], 8)
    return bool(flags & os.O_DSYNC)


@pytest.mark.parametrize(
    ("line", "to", "fault"),
    [
        (5, 0, "before the log was flushed"),
        (5, 3, "before the log was flushed"),
        (5, 4, "before the meta page was written"),
        (0, 4, "nothing was written before the flush"),
        (5, None, "0 answers were sent"),
    ],
)
def test_a_trace_in_another_order_is_caught(line: int, to: int | None, fault: str) -> None:
    assert fault_in(GOOD) == ""
    lines = GOOD.splitlines()
    moved = lines.pop(line)
    if to is not None:
        lines.insert(to, moved)

    assert fault in fault_in("\n".join(lines))


def test_while_a_flush_is_held_nobody_is_answered_about_its_orders(desk: Desk, tmp_path: Path) -> None:
    rows = order(desk)
    answered_s: list[float] = []
    codes: list[int] = []

    def send(session: int) -> None:
        answer = call(desk, frame_of(rows, session=session, number=1))
        answered_s.append(time.monotonic())
        codes.extend(answer.answers["code"].tolist())

    hold = f"inject=fdatasync:delay_enter={int(HELD_S * 1e6)}:when=1"
    with traced(desk.status()["pid"], tmp_path / "trace", "trace=fdatasync", hold):
        began_s = time.monotonic()
        threads = [threading.Thread(target=send, args=(400 + number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    assert sorted(codes) == [AnswerCode.ACCEPTED, AnswerCode.DUPLICATE, AnswerCode.DUPLICATE]
    assert min(answered_s) > began_s + HELD_S, "a duplicate of what is not durable waits with it"


def test_a_flush_that_fails_ends_the_process_and_the_order_happens_once(desk: Desk, tmp_path: Path) -> None:
    rows = order(desk)
    pid = desk.status()["pid"]

    with traced(pid, tmp_path / "trace", "trace=fdatasync", "inject=fdatasync:error=EIO:when=1"):
        answers = desk.deliver(rows)
    status = desk.wait_for_successor(pid)

    assert "EIO" in (tmp_path / "trace").read_text(), "the flush has failed"
    assert "LogPoisoned" in status["last_words"]
    assert answers["code"].tolist() in ([AnswerCode.ACCEPTED], [AnswerCode.DUPLICATE])
    events = events_of(desk.engine.directory)
    assert int((events["cl_ord_id"] == rows["text"][0]).sum()) == 1
    assert doubled(events) == 0
