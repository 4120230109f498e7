"""A failed write stops the log: nothing acknowledged is lost, and nothing is acknowledged afterwards."""

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.errors import DiskFull, LogPoisoned
from storage.event_log import EventLog
from tests.faults.owner_process import Owner, fault_in, lost_acks, owner_of
from tests.unit.storage.made_logs import extend, made_chain, made_identity, make_log

DISK_BYTES = 8 * 2**20


def fill(owner: Owner) -> list[str]:
    """Let the owner append until it fails, and give the words of its failure."""
    owner.tell("run 100000 200")
    while (words := owner.hear())[0] == "acked":
        pass
    return words


def assert_stopped_but_sound(owner: Owner, log: Path) -> None:
    """The stopped owner takes nothing more, and the log holds all that was acknowledged."""
    assert owner.ask("append 1")[:2] == ["failed", "LogPoisoned"]
    assert owner.acks
    assert lost_acks(log, owner.acks) == []
    assert fault_in(log) is None


def test_a_file_that_may_not_grow_stops_the_log(tmp_path: Path) -> None:
    log = tmp_path / "p0000"
    with owner_of(log) as owner:
        owner.ask("claim")
        resource.prlimit(owner.child.pid, resource.RLIMIT_FSIZE, (2 * 2**20, 2 * 2**20))

        # A write that ends just at the limit says EFBIG; one across it is short, which LMDB calls EIO.
        assert fill(owner)[1] in {"DiskFull", "LogPoisoned"}
        assert_stopped_but_sound(owner, log)

    with owner_of(log) as successor:
        successor.ask("claim")
        assert successor.ask("append 200")[0] == "acked"
    assert lost_acks(log, owner.acks + successor.acks) == []


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A real ext4 of a few megabytes, mounted from a file; skips where that is not allowed."""
    image, mount = folder / "disk.img", folder / "disk"
    mount.mkdir()
    with image.open("wb") as file:
        file.truncate(DISK_BYTES)
    made = subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("mkfs.ext4 does not work here")
    mounted = subprocess.run(
        ["mount", "-o", "loop", str(image), str(mount)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no loop mount here: {mounted.stderr.decode().strip()}")
    try:
        yield mount
    finally:
        subprocess.run(["umount", "--lazy", str(mount)], check=False)


@pytest.mark.skipif(not shutil.which("mkfs.ext4") or os.geteuid() != 0, reason="needs root and mkfs.ext4")
def test_a_full_disk_stops_the_log_and_freed_space_lets_it_go_on(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        log, ballast = disk / "p0000", disk / "ballast"
        ballast.write_bytes(bytes(2**20))
        with owner_of(log) as owner:
            owner.ask("claim")
            assert fill(owner)[:2] == ["failed", "DiskFull"]
            assert owner.ask("append 1")[:2] == ["failed", "LogPoisoned"]
        ballast.unlink()

        assert lost_acks(log, owner.acks) == []
        assert fault_in(log) is None
        with owner_of(log) as successor:
            successor.ask("claim")
            assert successor.ask("append 10")[0] == "acked"
        assert lost_acks(log, owner.acks + successor.acks) == []


def test_a_full_map_stops_the_log_with_disk_full(tmp_path: Path) -> None:
    with EventLog.open(
        tmp_path / "p0000", made_identity(), create=True, map_size_bytes=2**20, allow_volatile=True
    ) as log:
        log.claim()
        with pytest.raises(DiskFull):
            extend(log, [1000] * 100)
        (block,), _ = made_chain([1], tip=log.tip, epoch=log.epoch)
        with pytest.raises(LogPoisoned):
            log.append(block)
        assert sum(block.header.count for block in log.blocks(0)) == log.tip.next_offset


# What may go wrong in a commit, by the system call in which it does: pages, flush, meta page.
@pytest.mark.parametrize(
    "fault",
    ["fdatasync:error=EIO:when=4", "pwrite64:error=EIO:when=9", "pwrite64:error=ENOSPC:when=10"],
)
def test_an_error_in_any_part_of_a_commit_stops_the_log(strace: str, tmp_path: Path, fault: str) -> None:
    log = tmp_path / "p0000"
    make_log(log, [3])
    tracer = [strace, "-f", "-qq", "-o", str(tmp_path / "trace"), "-e", f"inject={fault}"]
    with owner_of(log, under=[*tracer, "-e", "trace=fdatasync,pwrite64"]) as owner:
        owner.ask("claim")
        failure = fill(owner)
        assert failure[:2] == ["failed", "DiskFull" if "ENOSPC" in fault else "LogPoisoned"]
        assert owner.ask("append 1")[:2] == ["failed", "LogPoisoned"]

    assert lost_acks(log, owner.acks) == []
    assert fault_in(log) is None
