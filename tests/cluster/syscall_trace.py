"""The system calls of a running process, by strace: to read in which order they were made, or to bend one."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

ANSWER_BYTES = "OFAF"
"""What an answer frame begins with, as strace shows it."""

LOG_FILE = "/p0000/"

SENDS = ("sendmsg", "sendto", "write", "writev")
FLUSHES = ("fdatasync", "fsync", "msync")
WRITES = ("pwrite64", "pwritev", "write", "writev")

ATTACHED_WITHIN_S = 20.0

_LINE = re.compile(r"(\d+)\s+(.*)")
_CALL = re.compile(r"(\w+)\((.*)")
_RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)")


class SystemCall(NamedTuple):
    """A call: its text, and the lines of the trace where it began and where it returned."""

    name: str
    text: str
    began: int
    returned: int


def calls_of(trace: str) -> list[SystemCall]:
    """The calls of a trace of several threads, in the order in which they returned."""
    calls = []
    unfinished: dict[tuple[str, str], tuple[str, int]] = {}
    for at, line in enumerate(trace.splitlines()):
        parted = _LINE.match(line)
        if parted is None:
            continue
        thread, text = parted.groups()
        if resumed := _RESUMED.match(text):
            name = resumed[1]
            begun, began = unfinished.pop((thread, name), ("", at))
            calls.append(SystemCall(name, begun + resumed[2], began, at))
        elif call := _CALL.match(text):
            if text.endswith("<unfinished ...>"):
                unfinished[thread, call[1]] = (call[2], at)
            else:
                calls.append(SystemCall(call[1], call[2], at, at))
    return calls


def answers_in(trace: str) -> list[SystemCall]:
    """The calls that sent an answer and have returned."""
    return [call for call in calls_of(trace) if call.name in SENDS and ANSWER_BYTES in call.text]


def fault_in(trace: str) -> str:
    """What is wrong with the way from the commit to the answer; empty if the log was flushed first."""
    calls = calls_of(trace)
    answers = [call.began for call in answers_in(trace)]
    if len(answers) != 1:
        return f"{len(answers)} answers were sent"
    on_log = [call for call in calls if LOG_FILE in call.text]
    flushed = [call for call in on_log if call.name in FLUSHES and call.returned < answers[0]]
    if not flushed:
        return "the answer was sent before the log was flushed"
    written = [call for call in on_log if call.name in WRITES]
    if not [call for call in written if call.returned < flushed[0].began]:
        return "nothing was written before the flush"
    # LMDB writes its meta page behind the flush, through a descriptor that makes each write durable itself.
    if not [call for call in written if flushed[-1].returned < call.began and call.returned < answers[0]]:
        return "the answer was sent before the meta page was written"
    return ""


@contextmanager
def traced(pid: int, output: Path, *expressions: str) -> Iterator[None]:
    """Trace a process and all its threads with strace; `expressions` are arguments of its option -e."""
    command = ["strace", "-f", "-y", "-s", "4096", "-p", str(pid), "-o", str(output)]
    for expression in expressions:
        command += ["-e", expression]
    try:
        tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    except FileNotFoundError:
        _leave_out("strace is not installed")
    try:
        _wait_until_attached(tracer)
        yield
    finally:
        if tracer.poll() is None:
            tracer.send_signal(signal.SIGINT)
        tracer.wait(20)


def _wait_until_attached(tracer: "subprocess.Popen[str]") -> None:
    assert tracer.stderr is not None
    patience = threading.Timer(ATTACHED_WITHIN_S, tracer.kill)
    patience.start()
    said = tracer.stderr.readline()
    patience.cancel()
    if "attached" not in said:
        _leave_out(f"strace can't trace a process here: {said.strip()}")
    # It goes on telling what it does, and must never wait for a reader.
    threading.Thread(target=tracer.stderr.read, daemon=True).start()


def _leave_out(why: str) -> None:
    """Skip the test, or fail it where everything must run."""
    if os.environ.get("ORDERFOLD_DATA_REQUIRED") == "1":
        pytest.fail(f"{why}, and no test may be left out here")
    pytest.skip(why)
