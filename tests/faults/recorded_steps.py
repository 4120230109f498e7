"""Reads from a recording (`strace -xx`) what a process did to the data files of one log, step by step."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from storage.data_file import DATA_FILE

TRACED = (
    "openat,close,lseek,pwrite64,write,writev,pwritev,fdatasync,fsync,ftruncate,"
    "mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,link,linkat"
)
"""The calls to record; a writer that used others for its data files would fail the recording."""


class Write(NamedTuple):
    """Bytes that went to a place of a folder's data file; durable on return if `synced`."""

    folder: int
    position: int
    data: bytes
    synced: bool


class Sync(NamedTuple):
    """A finished flush of everything written to a folder's data file before."""

    folder: int


class Named(NamedTuple):
    """A folder was made, or renamed; folders are numbered as they come."""

    folder: int
    name: str


class Filed(NamedTuple):
    """The data file of a folder was made."""

    folder: int


class NamesSync(NamedTuple):
    """A finished flush of the names in a folder, or of the folders' names in the log if it is None."""

    folder: int | None


class Ack(NamedTuple):
    """A line that left the process."""

    line: str


Step = Write | Sync | Named | Filed | NamesSync | Ack


_CALL = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_NAMING = {
    "mkdir",
    "mkdirat",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "rmdir",
    "link",
    "linkat",
}


def steps_of(recording: Path, log: Path, folders: list[str]) -> list[Step]:
    """Give what a recording says about the data files of a log, and the lines sent to standard output.

    `folders` are those that the log had before, each with a data file; they have the numbers 0, 1, ….
    """
    reading = _Reading(log, {name: number for number, name in enumerate(folders)}, set(range(len(folders))))
    steps = []
    for line in recording.read_text().splitlines():
        assert "<unfinished" not in line, "two threads wrote at once, which this model does not know"
        call = _CALL.match(line)
        if call is None or int(call[3]) < 0:
            continue
        step = reading.step(call[1], call[2], int(call[3]))
        if step is not None:
            steps.append(step)
    return steps


class _Opened(NamedTuple):
    """An open descriptor: of a folder's data file, of a folder, or of the log's own directory (no folder)."""

    folder: int | None
    is_file: bool
    synced: bool


@dataclass
class _Reading:
    """What is known of the process so far: its folders by name, and its descriptors."""

    log: Path
    folders: dict[str, int]
    with_file: set[int]
    opened: dict[int, _Opened] = field(default_factory=dict)
    position: dict[int, int] = field(default_factory=dict)

    def step(self, name: str, arguments: str, result: int) -> Step | None:
        """Give what one finished system call means, or None if it is nothing to us."""
        if name == "openat":
            return self._open(arguments, result)
        if name in _NAMING:
            return self._name(name, [Path(text.decode()) for text in _strings(arguments)])
        number = int(arguments.split(",", 1)[0])
        if name == "write" and number == 1:
            return Ack(b"".join(_strings(arguments)).decode().strip())
        known = self.opened.get(number)
        return None if known is None else self._use(name, arguments, result, number, known)

    def _open(self, arguments: str, number: int) -> Step | None:
        path = Path(_strings(arguments)[0].decode())
        synced = "O_DSYNC" in arguments or "O_SYNC" in arguments
        if path == self.log:
            self.opened[number] = _Opened(None, is_file=False, synced=False)
        elif path.parent == self.log and path.name in self.folders:
            self.opened[number] = _Opened(self.folders[path.name], is_file=False, synced=False)
        elif path.parent.parent == self.log and path.name == DATA_FILE:
            folder = self.folders[path.parent.name]
            self.opened[number] = _Opened(folder, is_file=True, synced=synced)
            if folder not in self.with_file:
                self.with_file.add(folder)
                return Filed(folder)
        return None

    def _name(self, name: str, paths: list[Path]) -> Step | None:
        if not any(self._is_ours(path) for path in paths):
            return None
        if name == "mkdir":
            self.folders[paths[0].name] = len(self.folders)
        elif name == "rename":
            self.folders[paths[1].name] = self.folders.pop(paths[0].name)
        else:
            raise AssertionError(f"{paths} was named with {name}, which is not modelled")
        return Named(self.folders[paths[-1].name], paths[-1].name)

    def _is_ours(self, path: Path) -> bool:
        is_folder = path.parent == self.log and path.name[:1].isdigit()
        return is_folder or (path.name == DATA_FILE and path.parent.parent == self.log)

    def _use(self, name: str, arguments: str, result: int, number: int, known: _Opened) -> Step | None:
        match name:
            case "close":
                del self.opened[number]
            case "lseek":
                self.position[number] = result
            case "fdatasync" | "fsync" if not known.is_file:
                return NamesSync(known.folder)
            case "fdatasync" | "fsync":
                assert known.folder is not None
                return Sync(known.folder)
            case "pwrite64" | "writev":
                return self._write(name, arguments, result, number)
            case _:
                raise AssertionError(f"a data file was written with {name}, which is not modelled")
        return None

    def _write(self, name: str, arguments: str, result: int, number: int) -> Write:
        data, known = b"".join(_strings(arguments)), self.opened[number]
        assert known.folder is not None
        assert len(data) == result, f"{len(data)} bytes recorded of {result} written: strace has cut them"
        if name == "pwrite64":
            position = int(arguments.rsplit(",", 1)[1])
        else:
            position = self.position[number]
            self.position[number] = position + result
        return Write(known.folder, position, data, known.synced)


def _strings(arguments: str) -> list[bytes]:
    """Give the string arguments of a call as bytes."""
    return [bytes.fromhex(text.replace("\\x", "")) for text in _STRING.findall(arguments)]
