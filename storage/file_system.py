"""What storage asks of the file system: its type, its free space, files that appear whole or not at all."""

import os
from collections.abc import Iterable
from io import FileIO
from pathlib import Path

VOLATILE = frozenset({"tmpfs", "ramfs", "devtmpfs"})
REMOTE = frozenset({"nfs", "nfs4", "cifs", "smb3", "ceph", "fuse.sshfs"})

DRAFT_SUFFIX = ".new"
"""Of a file that is being written; after a crash it may lie there."""

FLUSH_BYTES = 2**24
"""A large file is flushed as often as this while it is written: others' flushes wait for no more at once."""

_MOUNTS = Path("/proc/self/mountinfo")


def file_system_type(path: Path) -> str:
    """Give the type of the file system that holds `path`, as the kernel names it; `unknown` off Linux.

    Rows of mountinfo (proc(5)): `id parent major:minor root mount_point options … - type source …`.
    A path belongs to the mount with its device, or else to the longest mount point above it.
    """
    if not _MOUNTS.exists():
        return "unknown"
    mounts = [_mount(line) for line in _MOUNTS.read_text().splitlines()]
    stat = path.stat()
    device = f"{os.major(stat.st_dev)}:{os.minor(stat.st_dev)}"
    for mount_device, _, kind in mounts:
        if mount_device == device:
            return kind
    above = [(point, kind) for _, point, kind in mounts if path.resolve().is_relative_to(point)]
    return max(above, key=lambda mount: len(mount[0]), default=("", "unknown"))[1]


def _mount(line: str) -> tuple[str, str, str]:
    """Give device, mount point and type of one row of mountinfo."""
    left, right = line.split(" - ", 1)
    fields = left.split()
    return fields[2], fields[4].replace("\\040", " "), right.split()[0]


def free_bytes(path: Path) -> int:
    """Give the bytes that this process may still write to the file system under `path`."""
    space = os.statvfs(path)
    return space.f_bavail * space.f_frsize


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable: a synced file whose name is lost is lost too."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_directory(path: Path) -> None:
    """Create a directory and those above it, readable by its owner only, and make their names durable."""
    if path.exists():
        return
    make_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    sync_directory(path.parent)


def publish_directory(draft: Path, path: Path) -> bool:
    """Give a prepared directory its name, durably and in one step; false if another process was faster."""
    try:
        sync_directory(draft)
        draft.rename(path)
    except OSError:
        if not path.exists():
            raise
        return False
    sync_directory(path.parent)
    return True


def write_whole(path: Path, parts: Iterable[bytes | memoryview]) -> None:
    """Replace a file by `parts`: after a crash at any instant it holds all of the old or all of the new."""
    draft = path.with_name(path.name + DRAFT_SUFFIX)
    with open(draft, "wb", buffering=0, opener=_open_private) as file:
        _write_all(file, parts)
        os.fsync(file.fileno())
    draft.rename(path)
    sync_directory(path.parent)


def _write_all(file: FileIO, parts: Iterable[bytes | memoryview]) -> None:
    """Write runs of bytes one behind the other; an unbuffered file may take less than it is given."""
    unflushed = 0
    for part in parts:
        left = memoryview(part)
        while left:
            written = file.write(left[:FLUSH_BYTES])
            left, unflushed = left[written:], unflushed + written
            if unflushed >= FLUSH_BYTES:
                os.fdatasync(file.fileno())
                unflushed = 0


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
