"""Where a harness lays out files that need survive nothing: in memory, where flushes cost nothing."""

import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")


def memory() -> Path:
    """A folder in memory, or the one for temporary files where there is none."""
    return _MEMORY if _MEMORY.is_dir() else disk()


def disk() -> Path:
    """The folder for temporary files: on a disk, or `TMPDIR` should name one that is."""
    return Path(tempfile.gettempdir())
