"""Where the segments of a log lie: `DIR/p0000/000001`, `DIR/p0000/000002`, and so on."""

import os
import shutil
from pathlib import Path

from storage.file_system import make_directory
from storage.log_identity import REFERENCE_PARTITION

FIRST_SEGMENT = 1
REFERENCE_LOG = "reference"

_DIGITS = 6
_DRAFT = ".new"


def log_name(partition: int) -> str:
    """Give the name of a partition's log, which is also its directory: `p0000`, or `reference`."""
    return REFERENCE_LOG if partition == REFERENCE_PARTITION else f"p{partition:04d}"


def segment_path(log: Path, number: int) -> Path:
    """Give the directory of one segment."""
    return log / f"{number:0{_DIGITS}d}"


def segment_numbers(log: Path) -> list[int]:
    """Give the numbers of the segments that exist, ascending; a segment appears whole or not at all."""
    if not log.is_dir():
        return []
    names = (entry.name for entry in os.scandir(log) if entry.is_dir())
    return sorted(int(name) for name in names if len(name) == _DIGITS and name.isascii() and name.isdigit())


def draft_segment(log: Path, number: int) -> Path:
    """Give an empty directory in which this process prepares a segment."""
    draft = log / f"{number:0{_DIGITS}d}{_DRAFT}{os.getpid()}"
    shutil.rmtree(draft, ignore_errors=True)
    make_directory(draft)
    return draft


def remove_drafts(log: Path) -> None:
    """Remove segments that were being prepared when their process died or lost the race."""
    for draft in log.glob(f"*{_DRAFT}*"):
        shutil.rmtree(draft, ignore_errors=True)
