"""Where a running engine is found, and whether it runs: a file that its host writes, a lock that it holds.

The lock is the truth: the system gives it back when its holder dies, however it dies. The record says where
to go, and who to ask to stop.
"""

import fcntl
import os
import secrets
import signal
import time
from hashlib import sha256
from pathlib import Path
from typing import IO

import msgspec

from engine.errors import BadRequest, Unavailable
from storage.file_system import DRAFT_SUFFIX, make_directory, write_whole
from storage.manifest import MANIFEST_FILE, holds_engine

RECORD_FILE = "engine.json"
LOCK_FILE = "engine.lock"
TOKEN_FILE = "ray-token"  # noqa: S105 - the name of a file
OUTPUT_FILE = "engine.log"
"""What an engine in the background prints."""

BEFORE_MANIFEST = frozenset({RECORD_FILE, LOCK_FILE, TOKEN_FILE, OUTPUT_FILE, MANIFEST_FILE, "lost+found"})
"""Names that may lie in a directory that is to become an engine's: of a start that failed, of a new disk."""

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


def why_gone(directory: Path, record: EngineRecord) -> str:
    """Why the engine of this record is not there any more; empty while it is."""
    now = read_record(directory)
    if now is not None and now != record:
        return f"the engine of {directory} was started again meanwhile"
    if is_running(directory):
        return ""
    return f"the engine of {directory} was {'stopped' if now is None else 'killed'}"


def running_record(directory: Path) -> EngineRecord:
    """The record of the engine that runs in a directory; Unavailable says why there is none."""
    record = read_record(directory)
    if is_running(directory):
        if record is None:
            raise Unavailable(
                f"the engine of {directory} is starting or stopping, or another program has it open as "
                f"local:{directory}: try again in a moment"
            )
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


def require_room(directory: Path) -> None:
    """Raise BadRequest if files of somebody else lie in a directory that is no engine's."""
    if not directory.exists() or holds_engine(directory):
        return
    if {path.name.removesuffix(DRAFT_SUFFIX) for path in directory.iterdir()} - BEFORE_MANIFEST:
        raise BadRequest(f"{directory} is not empty and no engine's: name a new or empty directory")


def hold(directory: Path) -> IO[bytes]:
    """Hold the directory as its one host, until the file is closed; Unavailable if another holds it.

    What an earlier host left of its record goes: a pid that nobody has any more may be anybody's next.
    """
    require_room(directory)
    make_directory(directory)
    file = (directory / LOCK_FILE).open("ab")
    deadline = time.monotonic() + LOCK_WITHIN_S
    while not _try_lock(file, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            file.close()
            raise Unavailable(
                f"{directory} is in use by another engine ({_holder(directory)}): stop it first, or wait"
            )
        time.sleep(0.01)
    remove_record(directory)
    return file


def _holder(directory: Path) -> str:
    """Who holds a directory, as far as can be told."""
    record = read_record(directory)
    if record is not None:
        return f"pid {record.pid}"
    return "one that is just starting, or a local: client, perhaps of this program"


def _try_lock(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stop_engine(directory: Path, within_s: float = 60.0) -> int:
    """Ask the engine of a directory to drain and stop, wait until it has, and give the pid that its host had.

    Raises Unavailable if none runs there, if it has not stopped in time, or if it ended in another way.
    """
    record = running_record(directory)
    _ask_to_stop(directory, record)
    deadline = time.monotonic() + within_s
    while is_running(directory):
        if time.monotonic() > deadline:
            raise Unavailable(f"the engine of {directory} (pid {record.pid}) did not stop in {within_s:g} s")
        time.sleep(STOP_POLL_S)
    if read_record(directory) == record:
        raise Unavailable(
            f"the engine of {directory} (pid {record.pid}) ended without draining: it was killed, or failed; "
            "every acknowledged order is in the log"
        )
    return record.pid


def _ask_to_stop(directory: Path, record: EngineRecord) -> None:
    """Send SIGTERM to the host, and to nobody who has got its number since: the one that holds the lock."""
    try:
        host = os.pidfd_open(record.pid)
    except ProcessLookupError as error:
        raise Unavailable(f"the engine of {directory} has just ended by itself") from error
    try:
        if running_record(directory) == record:
            signal.pidfd_send_signal(host, signal.SIGTERM)
    finally:
        os.close(host)


def token_path(directory: Path) -> Path:
    """The file of the secret that whoever wants to talk to the engine must have."""
    return directory.resolve() / TOKEN_FILE


def make_token(directory: Path) -> None:
    """Make the engine's token on first use; Unavailable if the one that is there protects nothing."""
    path = token_path(directory)
    if not path.exists():
        write_whole(path, [secrets.token_hex(32).encode()])
    status = path.stat()
    if status.st_size == 0:
        raise Unavailable(f"{path}: the engine's token is empty: remove it, the next start makes one")
    if status.st_mode & 0o077:
        raise Unavailable(
            f"{path}: others may read the engine's token: remove it, the next start makes one, "
            "and give that to those who may trade"
        )


def token_digest(directory: Path) -> str:
    """SHA-256 of the token in a directory, in hex; Unavailable if there is none, or it can't be read."""
    path = token_path(directory)
    try:
        return sha256(path.read_bytes().strip()).hexdigest()
    except OSError as error:
        raise Unavailable(f"{path}: the engine's token can't be read: {error.strerror}") from error
