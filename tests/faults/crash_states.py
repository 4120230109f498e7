"""Rebuilds what a disk may hold of a log after a power cut, from the steps that wrote it (`recorded_steps`).

What the kernel had confirmed is there: everything before a finished flush of a file or of a directory's
names, and every finished write through a descriptor opened with `O_DSYNC`. Of all other writes, the one under
way included, any subset of sectors of 512 bytes may be there; of the names that folders were given since, any
may be the one; a file that was made may be missing. Nothing else may be there.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.faults.recorded_steps import Ack, Filed, Named, NamesSync, Step, Sync, Write

SECTOR_BYTES = 512


class CrashState(NamedTuple):
    """What a log may hold after the power went during step `step`, and the last line acknowledged before.

    Attributes:
        number: which of all states of a seed.
        step: of the recording.
        folders: name of a folder to the content of its data file, None where it has none.
        ack: the last line that had left the process.
        torn: sectors that were written and are not there.
    """

    number: int
    step: int
    folders: dict[str, bytes | None]
    ack: str | None
    torn: int


@dataclass
class _Folder:
    """What is durable of a folder, and what was done to it since."""

    name: str | None = None
    has_file: bool = False
    content: bytearray = field(default_factory=bytearray)
    names: list[str] = field(default_factory=list)
    is_filed: bool = False
    writes: list[Write] = field(default_factory=list)


class _Disk:
    """A log's folders as they change step by step."""

    def __init__(self, base: Mapping[str, bytes]) -> None:
        self.folders = [_Folder(name, has_file=True, content=bytearray(data)) for name, data in base.items()]
        self.ack: str | None = None

    def do(self, step: Step) -> None:
        """Take in one finished step."""
        match step:
            case Ack(line):
                self.ack = line
            case Named(folder, name):
                self.folders.extend([_Folder()] if folder == len(self.folders) else [])
                self.folders[folder].names.append(name)
            case Filed(folder):
                self.folders[folder].is_filed = True
            case NamesSync(None):
                for each in self.folders:
                    each.name, each.names = each.names[-1] if each.names else each.name, []
            case NamesSync(int(folder)):
                each = self.folders[folder]
                each.has_file, each.is_filed = each.has_file or each.is_filed, False
            case Sync(folder):
                each = self.folders[folder]
                for write in each.writes:
                    _apply(each.content, write.position, write.data)
                each.writes.clear()
            case Write(folder, position, data, synced=True):
                _apply(self.folders[folder].content, position, data)
            case Write(folder):
                self.folders[folder].writes.append(step)

    def after_cut(self, under_way: Step | None, chance: random.Random) -> tuple[dict[str, bytes | None], int]:
        """Give what may be there if the power goes now, and how many sectors are not."""
        kept_share, found, torn = chance.random(), dict[str, bytes | None](), 0
        for number, folder in enumerate(self.folders):
            name = chance.choice([folder.name, *folder.names])
            has_file = folder.has_file or (folder.is_filed and chance.random() < kept_share)
            writes = [*folder.writes, *_write_to(number, under_way)]
            content, lost = _torn(folder.content, writes, chance, kept_share)
            if name is not None:
                found[name] = content if has_file else None
                torn += lost
        return found, torn


def crash_states(
    base: Mapping[str, bytes], steps: list[Step], numbers: Iterable[int], seed: int
) -> Iterator[CrashState]:
    """Give the states with these numbers of a log that held `base` before the steps, by the step they are of.

    A number and a seed always give the same state of the same steps.
    """
    drawn = []
    for number in numbers:
        chance = random.Random(f"{seed} {number}")
        drawn.append((chance.randrange(len(steps) + 1), number, chance))
    disk, done = _Disk(base), 0
    for at, number, chance in sorted(drawn, key=lambda one: one[:2]):
        for step in steps[done:at]:
            disk.do(step)
        done = at
        folders, torn = disk.after_cut(steps[at] if at < len(steps) else None, chance)
        yield CrashState(number, at, folders, disk.ack, torn)


def _write_to(folder: int, step: Step | None) -> list[Write]:
    return [step] if isinstance(step, Write) and step.folder == folder else []


def _torn(
    durable: bytearray, writes: list[Write], chance: random.Random, kept_share: float
) -> tuple[bytes, int]:
    """Give the durable bytes with a random part of the pending sectors, in the order they were written."""
    content, lost = bytearray(durable), 0
    for write in writes:
        for start in range(0, len(write.data), SECTOR_BYTES):
            if chance.random() < kept_share:
                _apply(content, write.position + start, write.data[start : start + SECTOR_BYTES])
            else:
                lost += 1
    return bytes(content), lost


def _apply(content: bytearray, position: int, data: bytes) -> None:
    """Write into the file's bytes; what lies between its end and the place is zero, as on a disk."""
    content.extend(bytes(max(position + len(data) - len(content), 0)))
    content[position : position + len(data)] = data
