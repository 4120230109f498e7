"""Ends what a program has started, and waits until it is gone."""

import os
import select
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

ENDED_WITHIN_S = 5.0
"""How long a child may take to tidy up; then it is killed."""


def end_children(within_s: float = ENDED_WITHIN_S) -> None:
    """Ask every child of this process to end, and kill what has not in `within_s`; none runs afterwards.

    For a program that started all of them itself, not for a library in somebody's process.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        running = _running_children()
        for pid in running:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        _wait(running, within_s)


def _running_children() -> list[int]:
    """The pids of all children that have not ended, whichever thread started them."""
    lists = (task.joinpath("children").read_text().split() for task in Path("/proc/self/task").iterdir())
    return [int(pid) for pids in lists for pid in pids if not _has_ended(int(pid))]


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _wait(pids: Iterable[int], within_s: float) -> None:
    """Wait until all have ended, `within_s` altogether."""
    deadline = time.monotonic() + within_s
    for pid in pids:
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(pid)
            try:
                select.select([handle], [], [], max(0.0, deadline - time.monotonic()))
            finally:
                os.close(handle)
