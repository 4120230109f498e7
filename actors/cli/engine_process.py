"""An engine in a process of its own: started from here, and waited for until it can be used."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from actors.cli.failure import Failure
from actors.engine_record import OUTPUT_FILE, EngineRecord, is_running, read_record, require_room
from storage.lmdb_environment import require_disk

READY_WITHIN_S = 240.0
"""How long a start may take: compiling on a slow machine, and folding a log of a hundred million events."""

POLL_S = 0.1


def start_detached(directory: Path, config: Path | None) -> EngineRecord:
    """Start an engine that outlives this process; returns once it can be used.

    What it prints goes to engine.log in its directory; Failure quotes the last line if it does not start.
    """
    require_disk(directory)
    require_room(directory)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = [sys.executable, "-P", "-m", "actors.cli.main", "start", str(directory)]
    log = directory / OUTPUT_FILE
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program, with arguments that no shell reads
            [*command, *(["--config", str(config)] if config else [])],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        return _wait_until_ready(directory, process, log)
    except KeyboardInterrupt:
        # It has a session of its own, where Ctrl-C does not reach it: it cleans up and ends.
        process.send_signal(signal.SIGINT)
        process.wait()
        raise


def _wait_until_ready(directory: Path, process: "subprocess.Popen[bytes]", log: Path) -> EngineRecord:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        record = read_record(directory)
        if record is not None and record.pid == process.pid and is_running(directory):
            return record
        if process.poll() is not None:
            raise Failure(f"the engine did not start: {_last_line(log)}")
        time.sleep(POLL_S)
    process.terminate()
    raise Failure(f"the engine was not ready after {READY_WITHIN_S:g} s: look into {log}")


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    return lines[-1].removeprefix("orderfold: ") if lines else f"it said nothing in {log}"
