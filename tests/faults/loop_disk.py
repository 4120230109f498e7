"""A file system of one's own in a file, whose power can be cut: what was not flushed is then gone.

The mounts are seen by nobody else and end with the last process that sees them, which also gives the loop
device back: a test that is killed leaves nothing attached.
"""

import ctypes
import errno
import fcntl
import os
import struct
import subprocess
from pathlib import Path

BYTES = {"ext4": 64 * 2**20, "xfs": 320 * 2**20}
"""Size of the file by kind; it has holes. mkfs.xfs makes nothing below 300 MiB."""

SHUTDOWN = 0x8004587D
"""FS_IOC_SHUTDOWN, `_IOR('X', 125, __u32)`: EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN have the same number."""

NO_FLUSH = struct.pack("I", 2)
"""NOLOGFLUSH: nothing more is written, the journal neither; the other ways flush first."""

CLONE_NEWNS = 0x00020000
"""unshare(2): a set of mounts of one's own. Python has no function for it before 3.12."""


class NotPossible(Exception):
    """This machine does not let us do it; says which call failed and why."""


def hide_mounts() -> None:
    """Let this process and those it starts see their mounts alone. Raises NotPossible."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise NotPossible(f"unshare(CLONE_NEWNS): {_name(ctypes.get_errno())}")
    _call("mount", "--make-rprivate", "/")


class LoopDisk:
    """A mounted file system of kind `ext4` or `xfs` in `folder`; only after `hide_mounts`.

    Raises NotPossible where it can't be made or mounted.

    Attributes:
        path: where it is mounted.
    """

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        self.path = folder / "mounted"
        self._image = folder / "image"
        with self._image.open("wb") as file:
            file.truncate(BYTES[kind])
        _call(f"mkfs.{kind}", "-q", str(self._image))
        self.path.mkdir()
        self.mount()

    def mount(self) -> None:
        """Mount it, which replays its journal. Raises NotPossible."""
        _call("mount", "-t", self.kind, "-o", "loop", str(self._image), str(self.path))

    def unmount(self) -> None:
        """Unmount it, and with that forget what memory holds of it. Raises NotPossible."""
        _call("umount", str(self.path))

    def cut_power(self) -> None:
        """End every write at once; whoever goes on writing gets an error. Raises NotPossible."""
        root = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.ioctl(root, SHUTDOWN, NO_FLUSH)
        except OSError as error:
            raise NotPossible(f"ioctl(FS_IOC_SHUTDOWN): {_name(error.errno)}") from error
        finally:
            os.close(root)


def _call(*command: str) -> None:
    """Run a command to its end; what it says of paths of this very run is left out of the reason."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise NotPossible(f"{command[0]}: {_name(error.errno)}") from error
    if done.returncode:
        said = " ".join(word for word in done.stderr.split() if not word.startswith("/"))
        raise NotPossible(f"{command[0]} ended with {done.returncode}: {said}")


def _name(number: int | None) -> str:
    return f"{errno.errorcode.get(number or 0, 'errno')} ({os.strerror(number or 0)})"
