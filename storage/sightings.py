"""What the checkpoints beside the logs have seen of them: these give away a log that is rolled back whole.

A projection's checkpoint and a snapshot each name a position of a log and the hash of the block before it.
They are caches, and nothing is lost with one; but one that is not what was written is a sign of a bad disk.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from storage.block_header import NO_HASH
from storage.checkpoints import Checkpoint, Discarded, decode_checkpoint
from storage.faults import BlockFault, FaultKind
from storage.file_system import DRAFT_SUFFIX
from storage.manifest import Manifest
from storage.snapshots import REJECTED_SUFFIX, file_name


class Sighting(NamedTuple):
    """That a file has seen the block before an offset of a log, and which hash it had.

    Attributes:
        file: path below the engine directory.
        log: name of the log.
        next_offset: behind the last event that was seen.
        block_hash: of the block that ends there.
    """

    file: str
    log: str
    next_offset: int
    block_hash: bytes

    def argument(self) -> str:
        """Give it as a word of a command line, without the log."""
        return f"{self.next_offset}:{self.block_hash.hex()}:{self.file}"

    @classmethod
    def of_argument(cls, log: str, word: str) -> "Sighting":
        """Give what `argument` gave."""
        next_offset, block_hash, file = word.split(":", 2)
        return cls(file, log, int(next_offset), bytes.fromhex(block_hash))


def sightings_in(directory: Path, manifest: Manifest) -> tuple[list[Sighting], list[BlockFault]]:
    """Give what all checkpoints of an engine directory have seen, and what is wrong with checkpoints.

    Read before the logs: while an engine runs, a log only ever has more than a file had seen before.
    """
    seen, faults = list[Sighting](), list[BlockFault]()
    for path in _files(directory):
        try:
            found = decode_checkpoint(path)
        except FileNotFoundError:
            # A running engine has replaced it by a newer one.
            continue
        name = str(path.relative_to(directory))
        if isinstance(found, Discarded):
            faults.append(_fault(name, found.reason))
            continue
        of_file = _sightings_of(name, found, manifest)
        seen += of_file
        if not any(_is_at_home(path, one, found.projection) for one in of_file):
            faults.append(_fault(name, "its content belongs under another name, or to another engine"))
    return seen, faults


def _files(directory: Path) -> Iterator[Path]:
    """Give the files that the next start of an engine may read."""
    files = [*directory.glob("checkpoints/*"), *directory.glob("snapshots/*/*")]
    return (path for path in sorted(files) if not path.name.endswith((DRAFT_SUFFIX, REJECTED_SUFFIX)))


def _sightings_of(name: str, checkpoint: Checkpoint, manifest: Manifest) -> list[Sighting]:
    logs = {bytes.fromhex(entry.uuid): log for log, entry in manifest.logs.items()}
    marks = [mark for mark in checkpoint.marks if mark.log_uuid in logs]
    return [Sighting(name, logs[mark.log_uuid], mark.next_offset, mark.block_hash) for mark in marks]


def _is_at_home(path: Path, seen: Sighting, projection: str) -> bool:
    """Say whether a file that has seen this lies where such files do."""
    if path.parent.name == "checkpoints":
        return path.name.startswith(f"{seen.log}-{projection}")
    return (path.parent.name, path.name) == (seen.log, file_name(seen.next_offset))


def _fault(name: str, reason: str) -> BlockFault:
    detail = f"{name}: {reason}; delete this file, it is made again from the log"
    return BlockFault(FaultKind.CHECKPOINT, detail)


class Witnesses:
    """What was seen of one log, struck off block by block as a walk meets it."""

    def __init__(self, seen: Iterable[Sighting]) -> None:
        self._waiting: dict[int, list[Sighting]] = defaultdict(list)
        for one in seen:
            # Nothing was seen by whoever stands at the beginning.
            if one.block_hash != NO_HASH:
                self._waiting[one.next_offset].append(one)

    def meet(self, next_offset: int, block_hash: bytes) -> None:
        """Compare a block that ends at `next_offset`; raises BlockFault if another was seen there."""
        for seen in self._waiting.pop(next_offset, []):
            if seen.block_hash != block_hash:
                detail = f"{seen.file} has seen another block before offset {next_offset}: it was replaced"
                raise BlockFault(FaultKind.ROLLED_BACK, detail)

    def require_all_met(self, log_end: int) -> None:
        """Raise BlockFault if something was seen that a log which ends at `log_end` does not have."""
        if self._waiting:
            seen = self._waiting[max(self._waiting)][0]
            detail = (
                f"{seen.file} has seen a block that ends at offset {seen.next_offset}; the log has none, it "
                f"ends at {log_end}: it was rolled back"
            )
            raise BlockFault(FaultKind.ROLLED_BACK, detail)
