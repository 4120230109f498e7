"""The disk of the simulation: real files, with a power cut, a refusal or a lack of space where it is told.

LMDB writes pages, flushes, and then writes one synced meta page. So what a power cut may leave of a commit
that was under way is any part of the sectors it wrote under the old meta page, or all of them under the new
one. `PowerCut` is raised in the middle of such a commit, and `tear` leaves one of those contents behind.
"""

import errno
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from storage import lmdb_environment, segment_writer
from storage.data_file import DATA_FILE
from storage.file_system import write_whole
from tests.simulation.fibers import pause

SECTOR_BYTES = 512
META_BYTES = 2 * 4096
"""The two meta pages at the beginning of an LMDB file."""

ROOMY_BYTES = 2**40
TIGHT_BYTES = 2**20
"""Free space of a disk with room, and of one that is nearly full: below any floor that may be configured."""

COMMIT_FAULTS = ("refuses", "is full", "says that it failed", "loses power")
"""What may go wrong with one commit; of the third the block is there all the same."""

FILE_FAULTS = ("refuses", "loses power")
"""What may go wrong with a file that is written whole."""


class PowerCut(BaseException):
    """The machine loses power here and now."""


class Torn(NamedTuple):
    """A data file whose commit was under way: its content before and after."""

    file: Path
    before: bytes
    after: bytes


class Disk:
    """What the disk does next, and who has claimed which log.

    Attributes:
        commit_fault: what happens to the next commit, once.
        file_fault: what happens to the next file that is written whole, once.
        commits: how many commits and claims there were.
        epochs: the epoch under which each log was claimed last.
    """

    def __init__(self, random: Random) -> None:
        self._random = random
        self.commit_fault: str | None = None
        self.file_fault: str | None = None
        self.free = ROOMY_BYTES
        self.commits = 0
        self.epochs: dict[str, int] = {}
        self._torn: list[Torn] = []

    def free_bytes(self, _: Path) -> int:
        """Stands for `storage.file_system.free_bytes`."""
        return self.free

    def append_block(self, segment: Any, block: Any, **tips: Any) -> None:
        """Stands for `storage.segment_writer.append_block`: the same, unless something goes wrong."""
        pause()
        fault, self.commit_fault = self.commit_fault, None
        self.commits += 1
        if fault == "refuses":
            raise OSError(errno.EIO, "the disk refuses")
        if fault == "is full":
            raise OSError(errno.ENOSPC, "the disk is full")
        file = segment.environment.path / DATA_FILE
        before = file.read_bytes() if fault == "loses power" else b""
        segment_writer.append_block(segment, block, **tips)
        if fault == "says that it failed":
            raise OSError(errno.EIO, "the disk says that it failed")
        if fault == "loses power":
            self._torn.append(Torn(file, before, file.read_bytes()))
            raise PowerCut
        pause()

    def claim_segment(self, segment: Any) -> int | None:
        """Stands for `storage.segment_writer.claim_segment`, and notes the epoch."""
        epoch = segment_writer.claim_segment(segment)
        self.commits += 1
        if epoch is not None:
            self.epochs[segment.log] = epoch
        return epoch

    def create_segment(self, *arguments: Any, **options: Any) -> Any:
        """Stands for `storage.segment_writer.create_segment`, with a seam before it."""
        pause()
        return segment_writer.create_segment(*arguments, **options)

    def write_whole(self, path: Path, parts: Any) -> None:
        """Stands for `storage.file_system.write_whole`."""
        fault, self.file_fault = self.file_fault, None
        if fault is None:
            write_whole(path, parts)
            return
        content = b"".join(bytes(part) for part in parts)
        draft = path.with_name(path.name + ".new")
        draft.write_bytes(content[: self._random.randrange(len(content))])
        if fault == "refuses":
            raise OSError(errno.EIO, "the disk refuses")
        raise PowerCut

    def tear(self) -> None:
        """Leave behind what a power cut leaves of the commits that were under way; nobody has them open."""
        for torn in self._torn:
            is_open = lmdb_environment._place(torn.file.parent) in lmdb_environment._registry
            assert not is_open, f"somebody who has died still has {torn.file} open"
            torn.file.write_bytes(self._left_of(torn))
        self._torn.clear()

    def _left_of(self, torn: Torn) -> bytes:
        """One of the contents that it may have: all, or a part of the new sectors under the old meta."""
        share = self._random.choice([0.0, 0.3, 0.7, 1.0, 2.0])
        if share > 1:
            return torn.after
        before = torn.before.ljust(len(torn.after), b"\0")
        left = bytearray(before)
        for at in range(META_BYTES, len(left), SECTOR_BYTES):
            new = torn.after[at : at + SECTOR_BYTES]
            if new != before[at : at + SECTOR_BYTES] and self._random.random() < share:
                left[at : at + SECTOR_BYTES] = new
        return bytes(left)
