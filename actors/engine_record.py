"""Where a running engine is found, and whether it runs: a file that its host writes, a lock that it holds.

The lock is the truth: the system gives it back when its holder dies, however it dies. The record says where
to go, and who to ask to stop.
"""

import fcntl
import os
import signal
import time
from hashlib import sha256
from pathlib import Path
from typing import IO

import msgspec

from engine.errors import Unavailable
from storage.file_system import make_directory, write_whole

RECORD_FILE = "engine.json"
LOCK_FILE = "engine.lock"
TOKEN_FILE = "ray-token"  # noqa: S105 - the name of a file

LOCK_WITHIN_S = 0.5
"""How long a start tries for the lock: somebody who looks whether an engine runs holds it for an instant."""

STOP_POLL_S = 0.05


class EngineRecord(msgspec.Struct, frozen=True):
    """A running engine: its host's pid, Ray's address, the number of partitions, and its token's digest."""

    pid: int
    address: str
    partitions: int
    token_sha256: str


def write_record(directory: Path, record: EngineRecord) -> None:
    """Write an engine's record: whole, and readable by its owner only."""
    write_whole(directory / RECORD_FILE, [msgspec.json.encode(record)])


def read_record(directory: Path) -> EngineRecord | None:
    """The record that the last host left, whether it still runs or not."""
    try:
        return msgspec.json.decode((directory / RECORD_FILE).read_bytes(), type=EngineRecord)
    except (FileNotFoundError, msgspec.MsgspecError):
        return None


def remove_record(directory: Path) -> None:
    """Take the record away: nobody runs here any more."""
    (directory / RECORD_FILE).unlink(missing_ok=True)


def running_record(directory: Path) -> EngineRecord:
    """The record of the engine that runs in a directory; Unavailable says why there is none."""
    record = read_record(directory)
    if is_running(directory):
        if record is None:
            raise Unavailable(f"the engine of {directory} is starting or stopping: try again in a moment")
        return record
    if record is None:
        raise Unavailable(f"no engine runs in {directory}: orderfold start {directory}")
    raise Unavailable(
        f"the engine of {directory} was killed (its host, pid {record.pid}, is gone): start it again with "
        f"orderfold start {directory}; every acknowledged order is in the log"
    )


def is_running(directory: Path) -> bool:
    """Whether a host holds the directory at this moment."""
    path = directory / LOCK_FILE
    if not path.exists():
        return False
    with path.open("rb") as file:
        return not _try_lock(file, fcntl.LOCK_SH)


def hold(directory: Path) -> IO[bytes]:
    """Hold the directory as its one host, until the file is closed; Unavailable if another holds it."""
    make_directory(directory)
    file = (directory / LOCK_FILE).open("ab")
    deadline = time.monotonic() + LOCK_WITHIN_S
    while not _try_lock(file, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            file.close()
            record = read_record(directory)
            who = f"pid {record.pid}" if record else "one that is just starting"
            raise Unavailable(f"{directory} is in use by another engine ({who}): stop it first, or wait")
        time.sleep(0.01)
    return file


def _try_lock(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stop_engine(directory: Path, within_s: float = 60.0) -> int:
    """Ask the engine of a directory to drain and stop, wait until it has, and give the pid that its host had.

    Raises Unavailable if none runs there, or if it has not stopped in time.
    """
    record = running_record(directory)
    os.kill(record.pid, signal.SIGTERM)
    deadline = time.monotonic() + within_s
    while is_running(directory):
        if time.monotonic() > deadline:
            raise Unavailable(f"the engine of {directory} (pid {record.pid}) did not stop in {within_s:g} s")
        time.sleep(STOP_POLL_S)
    return record.pid


def token_path(directory: Path) -> Path:
    """The file of the secret that whoever wants to talk to the engine must have."""
    return directory.resolve() / TOKEN_FILE


def token_digest(directory: Path) -> str:
    """SHA-256 of the token in a directory, in hex; Unavailable if there is none, or it can't be read."""
    path = token_path(directory)
    try:
        return sha256(path.read_bytes().strip()).hexdigest()
    except OSError as error:
        raise Unavailable(f"{path}: the engine's token can't be read: {error.strerror}") from error
