"""An environment is opened once, with flags that make commits durable, never on memory or a cut file."""

import os
from collections.abc import Callable
from pathlib import Path

import lmdb
import pytest

from storage import lmdb_environment
from storage.data_file import DATA_FILE, check_size
from storage.errors import AlreadyOpen, LogCorrupted, LogTruncated, UnsafeFileSystem
from storage.file_system import file_system_type
from storage.lmdb_environment import Environment, open_environment

MEMORY = Path("/dev/shm")


def opened(path: Path) -> Environment:
    return open_environment(path, writer=True, create=True, map_size_bytes=2**24, allow_volatile=True)


def test_commits_are_synced_and_the_engine_is_pinned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMDB_DEFAULT_LIB_VERSION", "1")
    environment = opened(tmp_path / "env")

    flags = environment.handle.flags()
    assert (flags["sync"], flags["metasync"]) == (True, True)
    assert (flags["writemap"], flags["map_async"]) == (False, False)
    assert environment.handle.lib_version()[0] == 0
    environment.close()


def test_unsafe_flags_do_not_pass_the_check_at_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unsafe = {**lmdb_environment.DURABLE_FLAGS, "sync": False}
    handle = lmdb.open(str(tmp_path), lib_version=0, **unsafe)

    with pytest.raises(AssertionError, match="not durable"):
        lmdb_environment._assert_durable(handle)
    handle.close()


@pytest.mark.skipif(not MEMORY.is_dir(), reason="this machine has no /dev/shm to refuse")
def test_a_memory_file_system_is_refused() -> None:
    if file_system_type(MEMORY) != "tmpfs":
        pytest.skip("/dev/shm is no tmpfs here")
    path = MEMORY / f"orderfold-{os.getpid()}"
    try:
        with pytest.raises(UnsafeFileSystem):
            open_environment(path, writer=True, create=True)
    finally:
        path.rmdir()


def test_one_writer_and_any_number_of_readers_share_an_environment(tmp_path: Path) -> None:
    writer = opened(tmp_path / "env")
    reader = open_environment(tmp_path / "env", writer=False)

    assert reader.handle is writer.handle
    with pytest.raises(AlreadyOpen):
        opened(tmp_path / "env")
    writer.close()
    writer.close()
    successor = opened(tmp_path / "env")
    assert successor.handle is reader.handle
    reader.close()
    successor.close()
    assert opened(tmp_path / "env").handle is not reader.handle


def test_a_writer_can_not_join_readers_who_opened_first(tmp_path: Path) -> None:
    opened(tmp_path / "env").close()
    reader = open_environment(tmp_path / "env", writer=False)

    with pytest.raises(AlreadyOpen):
        opened(tmp_path / "env")
    reader.close()


def test_the_same_directory_under_another_name_is_the_same_environment(tmp_path: Path) -> None:
    environment = opened(tmp_path / "env")
    (tmp_path / "alias").symlink_to(tmp_path / "env")

    with pytest.raises(AlreadyOpen):
        opened(tmp_path / "alias")
    environment.close()


@pytest.mark.parametrize("kept_bytes", [0, 1, 100, 4096, 8192, -4096, -1])
def test_a_cut_data_file_is_noticed_before_it_is_mapped(tmp_path: Path, kept_bytes: int) -> None:
    environment = opened(tmp_path / "env")
    database = environment.database(b"blocks", create=True)
    with environment.handle.begin(write=True) as txn:
        txn.put(b"key", bytes(50_000), db=database)
    environment.close()
    check_size(tmp_path / "env")
    whole = (tmp_path / "env" / DATA_FILE).stat().st_size

    os.truncate(tmp_path / "env" / DATA_FILE, kept_bytes if kept_bytes >= 0 else whole + kept_bytes)

    with pytest.raises(LogTruncated):
        open_environment(tmp_path / "env", writer=False)


def test_a_file_that_is_no_lmdb_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / DATA_FILE).write_bytes(b"no database" * 2000)

    with pytest.raises(LogCorrupted):
        open_environment(tmp_path, writer=False)


@pytest.mark.parametrize("put", [os.mkdir, os.mkfifo])
@pytest.mark.timeout(20)
def test_what_is_no_file_is_refused_and_holds_up_nobody(tmp_path: Path, put: Callable[[Path], None]) -> None:
    put(tmp_path / DATA_FILE)

    with pytest.raises(LogCorrupted, match="no regular file"):
        open_environment(tmp_path, writer=False)


def test_the_type_of_a_file_system_is_the_kernels(tmp_path: Path) -> None:
    assert file_system_type(Path("/proc")) in {"proc", "unknown"}
    assert file_system_type(tmp_path) != ""
