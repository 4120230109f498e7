"""The kill: one partition's process ended without warning, and its successor awaited."""

import os
import signal
import threading
import time

from actors.demo.scene import Screen
from actors.engine_host import EngineHost
from storage.log_directory import log_name

POLL_S = 0.1


class Kill:
    """Ends the process of a partition with SIGKILL, once, and waits for its successor on a thread of its own.

    Attributes:
        pid: the process that was killed; 0 before.
        successor: the process that took over; 0 until it is ready.
        recovered_s: seconds from the kill until the successor was ready.
    """

    def __init__(self, host: EngineHost, partition: int, screen: Screen) -> None:
        self.pid = 0
        self.successor = 0
        self.recovered_s = 0.0
        self._host = host
        self._name = log_name(partition)
        self._screen = screen
        self._thread = threading.Thread(target=self._await_successor, name="kill", daemon=True)

    def strike(self) -> None:
        """Kill it now; where nobody serves just now there is nothing to kill: `pid` stays 0, try again."""
        self.pid = self._pid()
        if not self.pid:
            return
        os.kill(self.pid, signal.SIGKILL)
        self._screen.say(
            f"✂ killed the process of partition {self._name}: kill -9 {self.pid}; orders go on being sent"
        )
        self._thread.start()

    def wait(self, within_s: float) -> None:
        """Wait for the successor, at most so many seconds."""
        self._thread.join(within_s)

    def _pid(self) -> int:
        """The pid of the partition that serves at this moment, 0 if none does."""
        status = next(status for status in self._host.status() if status["actor"] == self._name)
        return int(status["pid"]) if status["ready"] else 0

    def _await_successor(self) -> None:
        began_s = time.monotonic()
        while self._pid() in (0, self.pid):
            time.sleep(POLL_S)
        self.recovered_s = time.monotonic() - began_s
        self.successor = self._pid()
        self._screen.say(
            f"✔ pid {self.successor} has folded the log and serves, {self.recovered_s:.1f} s after the kill; "
            "what was under way is sent again"
        )
