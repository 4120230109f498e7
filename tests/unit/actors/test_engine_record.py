"""Who runs in a directory is told by a lock; nobody is signalled on the word of an old file."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.engine_record import (
    EngineRecord,
    hold,
    make_token,
    read_record,
    remove_record,
    stop_engine,
    token_path,
    why_gone,
    write_record,
)
from engine.errors import Unavailable


def record_of(pid: int) -> EngineRecord:
    return EngineRecord(pid=pid, address="127.0.0.1:1", partitions=1, token_sha256="0" * 64)


@pytest.fixture
def innocent() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with any engine."""
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()


def test_a_stop_spares_whoever_got_the_number_of_a_host_that_was_killed(
    tmp_path: Path, innocent: subprocess.Popen[bytes]
) -> None:
    write_record(tmp_path, record_of(innocent.pid))

    with hold(tmp_path), pytest.raises(Unavailable, match="another program has it open as local:"):
        stop_engine(tmp_path, within_s=0.1)

    assert innocent.poll() is None
    assert read_record(tmp_path) is None


def test_a_stop_of_a_host_that_just_ended_says_so(tmp_path: Path, innocent: subprocess.Popen[bytes]) -> None:
    innocent.kill()
    innocent.wait()

    with hold(tmp_path):
        write_record(tmp_path, record_of(innocent.pid))
        with pytest.raises(Unavailable, match="has just ended by itself"):
            stop_engine(tmp_path, within_s=0.1)


def test_why_an_engine_is_gone(tmp_path: Path) -> None:
    mine = record_of(1)
    with hold(tmp_path):
        write_record(tmp_path, mine)
        assert why_gone(tmp_path, mine) == ""
        assert "started again" in why_gone(tmp_path, record_of(2))
    assert "was killed" in why_gone(tmp_path, mine)
    remove_record(tmp_path)
    assert "was stopped" in why_gone(tmp_path, mine)


def test_a_token_is_made_for_its_owner_only_and_kept(tmp_path: Path) -> None:
    make_token(tmp_path)
    path = token_path(tmp_path)
    first = path.read_bytes()
    make_token(tmp_path)

    assert (path.stat().st_mode & 0o777, len(first)) == (0o600, 64)
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    ("content", "mode", "why"), [("", 0o600, "is empty"), ("f" * 64, 0o644, "others may read")]
)
def test_a_token_that_protects_nothing_is_refused(tmp_path: Path, content: str, mode: int, why: str) -> None:
    path = token_path(tmp_path)
    path.write_text(content)
    path.chmod(mode)

    with pytest.raises(Unavailable, match=why):
        make_token(tmp_path)
