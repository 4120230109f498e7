"""Opens LMDB environments, each at most once in a process, with the flags that make a commit durable."""

import os
import threading
from pathlib import Path
from typing import Any

import lmdb

from storage.data_file import DATA_FILE, check_size
from storage.errors import AlreadyOpen, LogCorrupted, LogNotFound, UnsafeFileSystem
from storage.file_system import REMOTE, VOLATILE, file_system_type, make_directory
from storage.limits import MAP_BYTES_DEFAULT, READERS_MAX, SPARE_TXNS, SUB_DATABASES_MAX

LMDB_ENGINE = 0
"""The 0.9 engine; the file format of 1.0 is another, and a stray setting must not choose it."""

DURABLE_FLAGS = {"sync": True, "metasync": True, "writemap": False, "map_async": False}
"""Any other setting loses acknowledged blocks when the power goes (lmdb.h, and the crash-state tests)."""

_registry_lock = threading.Lock()
_registry: dict[tuple[int, int], "Environment"] = {}


class Environment:
    """One LMDB environment, shared by everybody in this process who has the same directory open.

    Made by `open_environment` only. There is one writer or none; readers share the writer's handle, because
    LMDB forbids a second one in the same process.
    """

    def __init__(self, path: Path, handle: lmdb.Environment, *, writable: bool) -> None:
        self.path = path
        self.place = _place(path)
        self.handle = handle
        self.process = os.getpid()
        self.writable = writable
        self.has_writer = writable
        self.users = 1
        self._databases: dict[bytes, Any] = {}

    def database(self, name: bytes, *, create: bool = False) -> Any:
        """Give the handle of a sub-database; opened once, because opening one takes a transaction."""
        with _registry_lock:
            if name not in self._databases:
                self._databases[name] = self.handle.open_db(name, create=create)
            return self._databases[name]

    def close(self, *, writer: bool) -> None:
        """Give up one use; the environment is closed with its last user."""
        with _registry_lock:
            self.users -= 1
            self.has_writer = self.has_writer and not writer
            if self.users == 0:
                _registry.pop(self.place, None)
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

    Raises AlreadyOpen, LogNotFound, UnsafeFileSystem, LogTruncated, or LogCorrupted if LMDB can't read it.
    """
    if create:
        make_directory(path)
    if not create and not (path / DATA_FILE).exists():
        raise LogNotFound(str(path))
    with _registry_lock:
        shared = _share(path, writer=writer)
        if shared is not None:
            return shared
        if writer:
            _refuse_unsafe(path, allow_volatile=allow_volatile)
        check_size(path)
        handle = _open(path, writer=writer, create=create, map_size_bytes=map_size_bytes)
        opened = Environment(path, handle, writable=writer)
        _registry[opened.place] = opened
        return opened


def _share(path: Path, *, writer: bool) -> Environment | None:
    """Give this process's open environment at `path` if there is one that can serve."""
    known = _registry.get(_place(path))
    if known is None or known.process != os.getpid():
        return None
    if writer and (known.has_writer or not known.writable):
        raise AlreadyOpen(str(path))
    known.users += 1
    known.has_writer = known.has_writer or writer
    return known


def _place(path: Path) -> tuple[int, int]:
    """Give what identifies a directory whatever it is called: device and inode."""
    stat = path.stat()
    return stat.st_dev, stat.st_ino


def _refuse_unsafe(path: Path, *, allow_volatile: bool) -> None:
    kind = file_system_type(path)
    if kind in REMOTE or (kind in VOLATILE and not allow_volatile):
        raise UnsafeFileSystem(str(path), kind)


def _open(path: Path, *, writer: bool, create: bool, map_size_bytes: int) -> lmdb.Environment:
    try:
        handle = lmdb.open(
            str(path),
            map_size=map_size_bytes,
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
        raise LogCorrupted(str(path), "environment", f"LMDB can't open it: {error}") from error
    _assert_durable(handle)
    handle.reader_check()
    return handle


def _assert_durable(handle: lmdb.Environment) -> None:
    """Check that the environment is what was asked for; LMDB itself would not complain."""
    flags = handle.flags()
    found = {name: flags[name] for name in DURABLE_FLAGS}  # type: ignore[literal-required]
    assert found == DURABLE_FLAGS, f"LMDB runs with {found}, which is not durable"
    assert handle.lib_version()[0] == LMDB_ENGINE, f"LMDB engine is {handle.lib_version()}, not 0.9"
