"""The directory that has the snapshots of one log: files named by their position, the newest few of them.

Knows names only; what a snapshot holds and whether it may be used is for whoever reads it. Another process
may write here meanwhile, so a file that is listed may be gone when it is looked at.
"""

import errno
from contextlib import suppress
from pathlib import Path

from storage.file_system import DRAFT_SUFFIX, free_bytes, make_directory, sync_directory

KEPT = 2
"""Snapshots that stay: where the newest turns out to be damaged, the one before is at hand."""

REJECTED_SUFFIX = ".rejected"
"""Of a snapshot that may not be used; it is kept for whoever asks why."""

_DIGITS = 20
"""Of a position in a name: the names sort like the numbers, up to the largest offset."""


def file_name(position: int) -> str:
    """The name of the snapshot at a position."""
    return f"{position:0{_DIGITS}d}"


class SnapshotFiles:
    """The snapshots in directory `path`, which is made with the first."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def directory(self) -> Path:
        """Where they lie."""
        return self._path

    def newest_first(self) -> list[tuple[int, Path]]:
        """The position and the path of every snapshot."""
        named = [(int(path.name), path) for path in self._all() if path.name.isdigit()]
        return sorted(named, reverse=True)

    def newest(self) -> tuple[int, int]:
        """Position of the newest snapshot, and when it was written, UTC ns; zeros where there is none."""
        for position, path in self.newest_first():
            with suppress(FileNotFoundError):
                return position, path.stat().st_mtime_ns
        return 0, 0

    def path_at(self, position: int) -> Path:
        """Where the snapshot at a position lies, or will; its directory is there."""
        make_directory(self._path)
        return self._path / file_name(position)

    def set_aside(self, path: Path) -> None:
        """Rename a snapshot that may not be used, so that nobody reads it again."""
        try:
            path.rename(path.with_name(path.name + REJECTED_SUFFIX))
        except FileNotFoundError:
            return
        sync_directory(self._path)

    def tidy(self) -> None:
        """Delete all but the newest few snapshots and rejections, and drafts of a writer that died."""
        rejected = sorted(path for path in self._all() if path.name.endswith(REJECTED_SUFFIX))
        drafts = [path for path in self._all() if path.name.endswith(DRAFT_SUFFIX)]
        old = [path for _, path in self.newest_first()[KEPT:]]
        for path in [*drafts, *old, *rejected[:-KEPT]]:
            path.unlink(missing_ok=True)

    def require_room(self, bytes_min: int) -> None:
        """Raise OSError (no space left) where the disk under the directory has fewer bytes free."""
        make_directory(self._path)
        free = free_bytes(self._path)
        if free < bytes_min:
            raise OSError(errno.ENOSPC, f"{free} bytes are free, {bytes_min} must stay so", str(self._path))

    def _all(self) -> list[Path]:
        return list(self._path.iterdir()) if self._path.is_dir() else []
