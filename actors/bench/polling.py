"""Readers beside a benchmark: a process that polls exposures at a steady pace while the engine works."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


class PollingReader:
    """A reading process; `stop` ends it and gives its percentiles."""

    def __init__(self, directory: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "actors.bench.reading", str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # Ctrl-C is for the benchmark, which ends it.
            process_group=0,
        )

    def __enter__(self) -> "PollingReader":
        assert self._process.stdout is not None
        ready = self._process.stdout.readline()
        assert ready.strip() == "ready", "the reading process did not start"
        return self

    def stop(self) -> dict[str, Any]:
        """End the readings: read_us, read_call_ms and lag_ms."""
        out, _ = self._process.communicate("stop\n", timeout=60)
        answer: dict[str, Any] = json.loads(out)
        return answer

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
