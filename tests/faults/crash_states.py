"""Rebuilds what a disk may hold after a power cut, from a recording of the calls that wrote a file.

What the kernel had confirmed is there: everything before a finished `fdatasync` of the file, and every
finished write through a descriptor opened with `O_DSYNC`. Of all other writes, the one under way included,
any subset of sectors of 512 bytes may be there, and nothing else.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

SECTOR_BYTES = 512

TRACED = "openat,close,lseek,pwrite64,write,writev,pwritev,fdatasync,fsync,ftruncate"
"""The calls to record; a writer that used others for its data file would fail the recording."""


class Write(NamedTuple):
    """Bytes that went to a place of the file; durable on return if `synced`."""

    position: int
    data: bytes
    synced: bool


class Sync(NamedTuple):
    """A finished flush of everything written before."""


class Ack(NamedTuple):
    """A line that left the process."""

    line: str


Step = Write | Sync | Ack


class CrashState(NamedTuple):
    """One content the file may have after the power went during step `step`, and the last ack before."""

    step: int
    content: bytes
    ack: str | None


@dataclass
class _Descriptors:
    """The open descriptors of the recorded file."""

    synced: dict[int, bool] = field(default_factory=dict)
    position: dict[int, int] = field(default_factory=dict)


_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


def steps_of(recording: Path, file: Path) -> list[Step]:
    """Give what a recording (`strace -xx`) says about one file, and the lines sent to standard output."""
    descriptors, steps = _Descriptors(), []
    for line in recording.read_text().splitlines():
        assert "<unfinished" not in line, "two threads wrote at once, which this model does not know"
        call = _CALL.match(line)
        if call is None or int(call[3]) < 0:
            continue
        step = _step(call[1], call[2], int(call[3]), descriptors, file)
        if step is not None:
            steps.append(step)
    return steps


def _step(name: str, arguments: str, result: int, descriptors: _Descriptors, file: Path) -> Step | None:
    """Give what one finished system call means, or None if it is nothing to us."""
    if name == "openat":
        if _strings(arguments).decode() == str(file):
            descriptors.synced[result] = "O_DSYNC" in arguments or "O_SYNC" in arguments
        return None
    number = int(arguments.split(",", 1)[0])
    if name == "write" and number == 1:
        return Ack(_strings(arguments).decode().strip())
    if number not in descriptors.synced:
        return None
    match name:
        case "close":
            del descriptors.synced[number]
        case "lseek":
            descriptors.position[number] = result
        case "fdatasync" | "fsync":
            return Sync()
        case "pwrite64" | "writev":
            return _write(name, arguments, result, number, descriptors)
        case _:
            raise AssertionError(f"the data file was written with {name}, which is not modelled")
    return None


def _write(name: str, arguments: str, result: int, number: int, descriptors: _Descriptors) -> Write:
    data = _strings(arguments)
    assert len(data) == result, f"{len(data)} bytes recorded of {result} written: strace has cut them"
    if name == "pwrite64":
        position = int(arguments.rsplit(",", 1)[1])
    else:
        position = descriptors.position[number]
        descriptors.position[number] = position + result
    return Write(position, data, descriptors.synced[number])


def _strings(arguments: str) -> bytes:
    """Give all string arguments of a call, one after the other, as bytes."""
    return b"".join(bytes.fromhex(text.replace("\\x", "")) for text in _STRING.findall(arguments))


def crash_states(base: bytes, steps: list[Step], *, count: int, seed: int) -> Iterator[CrashState]:
    """Give `count` possible contents of a file that held `base` before the steps, at seeded instants."""
    chance = random.Random(seed)
    instants = sorted(chance.randrange(len(steps)) for _ in range(count))
    durable, pending, ack, done = bytearray(base), list[Write](), None, 0
    for instant in instants:
        for step in steps[done:instant]:
            match step:
                case Ack(line):
                    ack = line
                case Sync():
                    _apply_all(durable, pending)
                    pending.clear()
                case Write(synced=True):
                    _apply(durable, step.position, step.data)
                case Write():
                    pending.append(step)
        done = instant
        under_way = [step for step in steps[instant : instant + 1] if isinstance(step, Write)]
        yield CrashState(instant, _torn(durable, pending + under_way, chance), ack)


def _torn(durable: bytearray, pending: list[Write], chance: random.Random) -> bytes:
    """Give the durable bytes with a random part of the pending sectors, in the order they were written."""
    content, kept = bytearray(durable), chance.random()
    for write in pending:
        for start in range(0, len(write.data), SECTOR_BYTES):
            if chance.random() < kept:
                _apply(content, write.position + start, write.data[start : start + SECTOR_BYTES])
    return bytes(content)


def _apply_all(content: bytearray, writes: list[Write]) -> None:
    for write in writes:
        _apply(content, write.position, write.data)


def _apply(content: bytearray, position: int, data: bytes) -> None:
    """Write into the file's bytes; what lies between its end and the place is zero, as on a disk."""
    content.extend(bytes(max(position + len(data) - len(content), 0)))
    content[position : position + len(data)] = data
