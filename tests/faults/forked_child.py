"""A child that is forked, says lines through a pipe, and is killed; what it said survives it.

It is forked from a process that has imported all it needs, so that a life costs milliseconds.
"""

import os
import select
import signal
import time
import traceback
from collections.abc import Callable

SILENT_S = 30.0
"""A child that says nothing for so long hangs, which is a failure too."""

Life = Callable[[int], None]
"""What a child does: it writes lines to a descriptor, each in one call, and never ends by itself."""


class ForkedChild:
    """One child; `kill` ends it and gives the lines that it has said."""

    def __init__(self, life: Life) -> None:
        self._receiving, sending = os.pipe()
        self._said = b""
        self._pid = os.fork()
        if self._pid == 0:
            os.close(self._receiving)
            _live(life, sending)
        os.close(sending)

    def hear(self, lines: int) -> None:
        """Wait until it has said so many lines."""
        while self._said.count(b"\n") < lines:
            assert self._hear_more(), "the child has said nothing for too long, or has ended"

    def hear_to_the_end(self) -> None:
        """Wait until it has killed itself."""
        while self._hear_more():
            pass

    def kill(self) -> list[str]:
        """Kill -9, if it lives, and give every whole line that it has said."""
        os.kill(self._pid, signal.SIGKILL)
        _, status = os.waitpid(self._pid, 0)
        with os.fdopen(self._receiving, "rb") as rest:
            self._said += rest.read()
        assert os.WIFSIGNALED(status), f"the child ended by itself, with status {os.WEXITSTATUS(status)}"
        return [line for line in self._said.decode().splitlines(keepends=True) if line.endswith("\n")]

    def _hear_more(self) -> bool:
        """Wait for more of what it says; false once it is dead. A silent one is a failure."""
        ready, _, _ = select.select([self._receiving], [], [], SILENT_S)
        assert ready, "the child has said nothing for too long"
        more = os.read(self._receiving, 2**16)
        self._said += more
        return bool(more)


def pause_ns(nanoseconds: int) -> None:
    """Wait so long, to the microsecond: sleeping would be too coarse."""
    moment_ns = time.perf_counter_ns() + nanoseconds
    while time.perf_counter_ns() < moment_ns:
        pass


def _live(life: Life, sending: int) -> None:
    """The child's life; it never returns to the parent's code."""
    try:
        life(sending)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)
