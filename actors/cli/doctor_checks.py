"""Whether a machine and a directory can keep what the engine promises: a finding a check, and its fix."""

import os
import platform
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from actors.bench.raw_limit import flush_latency_ms
from actors.engine_record import is_running, token_path
from engine.config import Config
from storage.errors import LogNotFound, StorageError
from storage.file_system import REMOTE, VOLATILE, file_system_type, free_bytes
from storage.lmdb_environment import DURABLE_FLAGS, open_environment
from storage.log_reader import LogReader
from storage.manifest import read_manifest

FLUSHES = 100
"""Flushes timed: enough for a median that a busy machine doesn't move."""

HONEST_FLUSH_MS_MIN = 0.01
"""A faster flush did not reach a device: the quickest drives with power-loss protection take some 0.02 ms."""

QUICK_FLUSH_MS_MAX = 20.0
"""A slower flush makes every answer wait longer than most networks do: a spinning disk, or a busy one."""

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - where Ray and the read tables live, not a scratch file
MIB = 2**20
_NOT_OWNER = stat.S_IRWXG | stat.S_IRWXO


class Level(StrEnum):
    """How bad a finding is."""

    FINE = "fine"
    WARNING = "warning"
    FAULT = "fault"


class Finding(NamedTuple):
    """What one check saw, and what to do about it; `fix` is empty where all is fine."""

    check: str
    level: Level
    seen: str
    fix: str = ""


def examine(directory: Path, config: Config) -> list[Finding]:
    """Run every check for an engine in `directory`, which need not exist yet."""
    place = _nearest(directory)
    checks: list[Callable[[], Finding]] = [
        _python,
        _processor,
        lambda: _directory(directory),
        lambda: _file_system(place),
        lambda: _free_space(place, config),
        lambda: _flush(place),
        lambda: _lmdb(place),
        lambda: _shared_memory(config),
        lambda: _token(directory),
        lambda: _clock(directory),
    ]
    return [check() for check in checks]


def _nearest(directory: Path) -> Path:
    """The directory, or the nearest one above it that exists."""
    return next(path for path in (directory.resolve(), *directory.resolve().parents) if path.is_dir())


def _python() -> Finding:
    seen = f"Python {platform.python_version()}, asserts on"
    if os.environ.get("NUMBA_DISABLE_JIT") == "1":
        return Finding(
            "python", Level.WARNING, f"{seen}, rules not compiled", "unset NUMBA_DISABLE_JIT: it is for tests"
        )
    return Finding("python", Level.FINE, seen)


def _processor() -> Finding:
    seen = f"{platform.machine()}, {os.cpu_count()} cores"
    if platform.machine() != "x86_64" or sys.platform != "linux":
        return Finding(
            "processor",
            Level.WARNING,
            seen,
            "mapped reads are tested on x86-64 Linux only; read through actors",
        )
    if (os.cpu_count() or 1) < 2:
        return Finding(
            "processor",
            Level.WARNING,
            seen,
            "a partition and its projector want a core each: use two or more",
        )
    return Finding("processor", Level.FINE, seen)


def _directory(directory: Path) -> Finding:
    place = next(path for path in (directory, *directory.absolute().parents) if path.exists())
    if not place.is_dir():
        return Finding("directory", Level.FAULT, f"{place} is a file", "name a directory")
    if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        return Finding(
            "directory",
            Level.FAULT,
            f"{place} is not writable",
            f"chown or chmod u+rwx {place}, or name another DIR",
        )
    if place != directory:
        return Finding("directory", Level.FINE, f"{directory} is not there yet; the first start makes it")
    mode = stat.S_IMODE(directory.stat().st_mode)
    if mode & _NOT_OWNER:
        return Finding(
            "directory", Level.WARNING, f"others may enter it (mode {mode:o})", f"chmod 700 {directory}"
        )
    return Finding("directory", Level.FINE, f"{directory}, mode {mode:o}")


def _file_system(place: Path) -> Finding:
    kind = file_system_type(place)
    if kind in VOLATILE:
        return Finding(
            "file system",
            Level.FAULT,
            f"{kind} is memory",
            "put DIR on a disk: here nothing survives a power cut",
        )
    if kind in REMOTE:
        return Finding(
            "file system", Level.FAULT, f"{kind} is remote", "put DIR on a local disk: LMDB maps its files"
        )
    return Finding("file system", Level.FINE, kind)


def _free_space(place: Path, config: Config) -> Finding:
    free_mib, floor_mib = free_bytes(place) // MIB, config.log.free_space_min_mib
    seen = f"{free_mib:,} MiB free, new orders are refused below {floor_mib:,} MiB"
    if free_mib < floor_mib:
        return Finding("free space", Level.FAULT, seen, "free some, or lower [log] free_space_min_mib")
    if free_mib < 2 * floor_mib:
        return Finding("free space", Level.WARNING, seen, "free some before it runs low")
    return Finding("free space", Level.FINE, seen)


def _flush(place: Path) -> Finding:
    """Is `fdatasync` honest? One that returns before a device could answer has stored nothing."""
    try:
        median_ms = flush_latency_ms(place, times=FLUSHES)
    except OSError as error:
        return Finding(
            "flush", Level.FAULT, f"fdatasync fails: {error.strerror}", "make DIR writable, then ask again"
        )
    seen = f"fdatasync of 4 KiB takes {median_ms:.3f} ms (median of {FLUSHES})"
    if median_ms < HONEST_FLUSH_MS_MIN:
        return Finding(
            "flush", Level.FAULT, seen, "too fast to be true: use a disk that stores before it answers"
        )
    if median_ms > QUICK_FLUSH_MS_MAX:
        return Finding(
            "flush",
            Level.WARNING,
            seen,
            "every answer waits this long: use a disk with power-loss protection",
        )
    return Finding("flush", Level.FINE, seen)


def _lmdb(place: Path) -> Finding:
    """Does LMDB here run with the flags that make a commit durable?"""
    try:
        with tempfile.TemporaryDirectory(dir=place, prefix="doctor-") as probe:
            environment = open_environment(
                Path(probe) / "probe", writer=True, create=True, allow_volatile=True
            )
            environment.close()
    except PermissionError:
        return Finding("lmdb", Level.FAULT, f"{place} is not writable", "make DIR writable, then ask again")
    except (AssertionError, OSError, StorageError) as error:
        return Finding("lmdb", Level.FAULT, str(error), "reinstall the locked requirements: make setup")
    flags = ", ".join(f"{name} {'on' if is_on else 'off'}" for name, is_on in DURABLE_FLAGS.items())
    return Finding("lmdb", Level.FINE, f"0.9 engine, {flags}")


def _shared_memory(config: Config) -> Finding:
    if not SHARED_MEMORY.is_dir():
        return Finding(
            "shared memory",
            Level.WARNING,
            f"there is no {SHARED_MEMORY}",
            "mount a tmpfs there: reads use it",
        )
    free_mib, wanted_mib = free_bytes(SHARED_MEMORY) // MIB, config.ray.object_store_mib
    seen = f"{free_mib:,} MiB free in {SHARED_MEMORY}, Ray takes {wanted_mib:,} MiB"
    if free_mib < wanted_mib:
        return Finding("shared memory", Level.FAULT, seen, "enlarge it, or lower [ray] object_store_mib")
    return Finding("shared memory", Level.FINE, seen)


def _token(directory: Path) -> Finding:
    """Who holds the token is trusted, so nobody else may read it."""
    path = token_path(directory)
    if not path.exists() and is_running(directory):
        return Finding(
            "token",
            Level.FAULT,
            f"the engine runs, and {path} is gone: nobody can connect",
            "put it back, or end the host by its pid (SIGTERM) and start the engine again",
        )
    if not path.exists():
        return Finding("token", Level.FINE, "not there yet; the first start makes it, for its owner only")
    found = path.stat()
    mode = stat.S_IMODE(found.st_mode)
    if mode & _NOT_OWNER:
        return Finding(
            "token", Level.FAULT, f"{path} has mode {mode:o}", f"chmod 600 {path}, then stop and start"
        )
    if found.st_uid != os.geteuid():
        return Finding(
            "token",
            Level.FAULT,
            f"{path} belongs to user {found.st_uid}",
            f"run as that user, or chown {path}",
        )
    return Finding("token", Level.FINE, f"mode {mode:o}")


def _clock(directory: Path) -> Finding:
    """Is the clock behind the log? Block times never go back: they would stand still until it catches up."""
    try:
        last_ns = max(_last_append_ns(directory / log) for log in read_manifest(directory).logs)
    except LogNotFound:
        return Finding("clock", Level.FINE, "no log to compare it with")
    except StorageError as error:
        return Finding("clock", Level.FAULT, str(error), f"orderfold verify {directory}")
    behind_s = (last_ns - time.time_ns()) / 1e9
    if behind_s > 0:
        return Finding(
            "clock", Level.FAULT, f"{behind_s:,.1f} s behind the last event", "set the clock, then start"
        )
    return Finding(
        "clock", Level.FINE, f"after the last event by {-behind_s:,.1f} s" if last_ns else "no events yet"
    )


def _last_append_ns(log: Path) -> int:
    with LogReader.open(log) as reader:
        return reader.tip().append_ts_last_ns
