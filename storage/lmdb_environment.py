"""Opens LMDB environments, each at most once in a process, with the flags that make a commit durable."""

import os
import threading
from pathlib import Path
from typing import Any

import lmdb

from storage.data_file import DATA_FILE, check_size
from storage.errors import AlreadyOpen, LogCorrupted, LogNotFound, NoAccess, UnsafeFileSystem
from storage.file_system import REMOTE, VOLATILE, file_system_type, make_directory
from storage.limits import MAP_BYTES_DEFAULT, READERS_MAX, SPARE_TXNS, SUB_DATABASES_MAX

LOCK_FILE = "lock.mdb"
"""Where LMDB notes who reads; a reader writes to it too, so that no writer reuses the pages it looks at."""

LMDB_ENGINE = 0
"""The 0.9 engine; the file format of 1.0 is another, and a stray setting must not choose it."""

DURABLE_FLAGS = {"sync": True, "metasync": True, "writemap": False, "map_async": False}
"""Any other setting loses acknowledged blocks when the power goes (lmdb.h, and the crash-state tests)."""

_registry_lock = threading.Lock()
_registry: dict[tuple[int, int], "_Shared"] = {}


class Environment:
    """One use of an LMDB environment; made by `open_environment`, ended by `close`.

    All uses in one process share one handle, because LMDB forbids a second. Any number read, one may write.

    Attributes:
        path: directory of the environment.
        handle: the LMDB handle, to begin transactions with.
    """

    def __init__(self, path: Path, shared: "_Shared", *, writer: bool) -> None:
        self.path = path
        self.handle = shared.handle
        self._shared = shared
        self._writer = writer
        self._open = True

    def database(self, name: bytes, *, create: bool = False) -> Any:
        """Give the handle of a sub-database; opened once, because opening one takes a transaction."""
        databases = self._shared.databases
        with _registry_lock:
            if name not in databases:
                databases[name] = self.handle.open_db(name, create=create)
            return databases[name]

    def close(self) -> None:
        """End this use; the environment is closed with its last one."""
        with _registry_lock:
            if self._open:
                self._open = False
                self._shared.leave(writer=self._writer)


class _Shared:
    """An open environment and who uses it; guarded by the registry's lock."""

    def __init__(self, place: tuple[int, int], handle: lmdb.Environment, *, writable: bool) -> None:
        self.place = place
        self.handle = handle
        self.process = os.getpid()
        self.writable = writable
        self.has_writer = False
        self.uses = 0
        self.databases: dict[bytes, Any] = {}

    def join(self, *, writer: bool) -> None:
        self.uses += 1
        self.has_writer = self.has_writer or writer

    def leave(self, *, writer: bool) -> None:
        self.uses -= 1
        self.has_writer = self.has_writer and not writer
        if self.uses == 0:
            del _registry[self.place]
            self.handle.close()


def open_environment(
    path: Path,
    *,
    writer: bool,
    create: bool = False,
    map_size_bytes: int = MAP_BYTES_DEFAULT,
    allow_volatile: bool = False,
) -> Environment:
    """Open the environment at `path`, or share the one this process has open already.

    Args:
        path: directory of the environment.
        writer: whether to write; there is one writer a process at a time.
        create: whether to make the directory if it is missing.
        map_size_bytes: address space; only the writer's counts.
        allow_volatile: accept a memory file system, where nothing survives; for unit tests only.

    Raises AlreadyOpen, LogNotFound, NoAccess, UnsafeFileSystem, LogTruncated, or LogCorrupted if LMDB can't
    read it.
    """
    if create:
        make_directory(path)
    if not create and not (path / DATA_FILE).exists():
        raise LogNotFound(str(path))
    with _registry_lock:
        shared = _known(path, writer=writer)
        if shared is None:
            if writer:
                require_disk(path, allow_volatile=allow_volatile)
            check_size(path)
            handle = _open(path, writer=writer, create=create, map_size_bytes=map_size_bytes)
            shared = _registry[_place(path)] = _Shared(_place(path), handle, writable=writer)
        shared.join(writer=writer)
    return Environment(path, shared, writer=writer)


def _known(path: Path, *, writer: bool) -> _Shared | None:
    """Give this process's open environment at `path`, or None; raises AlreadyOpen if it can't serve."""
    known = _registry.get(_place(path))
    if known is None or known.process != os.getpid():
        return None
    if writer and (known.has_writer or not known.writable):
        raise AlreadyOpen(str(path))
    return known


def _place(path: Path) -> tuple[int, int]:
    """Give what identifies a directory whatever it is called: device and inode."""
    stat = path.stat()
    return stat.st_dev, stat.st_ino


def require_disk(path: Path, *, allow_volatile: bool = False) -> None:
    """Raise UnsafeFileSystem if a directory, which need not exist yet, does not lie on a local disk."""
    there = next(place for place in (path.resolve(), *path.resolve().parents) if place.exists())
    kind = file_system_type(there)
    if kind in REMOTE or (kind in VOLATILE and not allow_volatile):
        raise UnsafeFileSystem(str(path), kind)


def _open(path: Path, *, writer: bool, create: bool, map_size_bytes: int) -> lmdb.Environment:
    try:
        handle = lmdb.open(
            str(path),
            # A reader takes the size that the writer has recorded in the file.
            map_size=map_size_bytes if writer else 0,
            readonly=not writer,
            create=create,
            mode=0o600,
            max_readers=READERS_MAX,
            max_dbs=SUB_DATABASES_MAX,
            max_spare_txns=SPARE_TXNS,
            lib_version=LMDB_ENGINE,
            **DURABLE_FLAGS,
        )
    except lmdb.Error as error:
        _check_access(path, writer=writer)
        raise LogCorrupted(str(path), "environment", f"LMDB can't open it: {error}") from error
    _assert_durable(handle)
    handle.reader_check()
    return handle


def _check_access(path: Path, *, writer: bool) -> None:
    """Raise NoAccess if this user may not write what LMDB has to write; that it can read was seen before."""
    for file in (path / LOCK_FILE, *([path / DATA_FILE] if writer else [])):
        # A file that is missing has to be made, in its directory.
        place = file if file.exists() else path
        if not os.access(place, os.W_OK, effective_ids=True):
            raise NoAccess(
                str(place), f"this user may not write to it, and a reader too writes to {LOCK_FILE}"
            )


def _assert_durable(handle: lmdb.Environment) -> None:
    """Check that the environment is what was asked for; LMDB itself would not complain."""
    flags = handle.flags()
    found = {name: flags[name] for name in DURABLE_FLAGS}  # type: ignore[literal-required]
    assert found == DURABLE_FLAGS, f"LMDB runs with {found}, which is not durable"
    assert handle.lib_version()[0] == LMDB_ENGINE, f"LMDB engine is {handle.lib_version()}, not 0.9"
