"""The risk process as the demo sees it: started, listened to, stopped."""

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any


class RiskReader:
    """A child process that reads exposure all the time; `latest` is what it told last."""

    def __init__(self, directory: Path) -> None:
        self.latest: dict[str, Any] = {}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "actors.demo.reading", str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._told = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="risk", daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None, "the child writes to a pipe"
        for line in self._process.stdout:
            self.latest = json.loads(line)
            self._told.set()

    def wait_until_reading(self, within_s: float) -> bool:
        """Whether it has begun to tell within so many seconds."""
        return self._told.wait(within_s)

    def stop(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None, "the child reads from a pipe"
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._thread.join()
