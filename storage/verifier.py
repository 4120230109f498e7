"""Verifies an engine directory: every block of every log, each log walked by a child process."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from storage.data_file import DATA_FILE, check_size
from storage.errors import IntegrityFault, LogTruncated, ManifestInvalid, VerifyFailed
from storage.faults import FaultKind
from storage.log_directory import segment_numbers, segment_path
from storage.manifest import LogEntry, Manifest, read_manifest
from storage.sightings import Sighting, sightings_in
from storage.verify_report import Fault, LogReport, Progress, VerifyReport, WalkFailed

DAMAGE_SIGNALS = frozenset({signal.SIGBUS, signal.SIGSEGV, signal.SIGABRT, signal.SIGFPE, signal.SIGILL})
"""What reading damaged pages can raise; any other signal was sent by somebody and tells nothing of a log."""

_Message = Progress | LogReport | WalkFailed
_MESSAGES: msgspec.json.Decoder[_Message] = msgspec.json.Decoder(_Message)


def verify_directory(path: Path, *, progress: Callable[[Progress], None] | None = None) -> VerifyReport:
    """Walk everything under an engine directory and report what is sound and what is wrong.

    Checks per block: shape, CRC, log uuid, partition, key, body hash, block hash, chain link, offsets without
    gap, times and epochs that never go back, tree root; per segment: its records, frontier and place; that
    the log has what checkpoints and snapshots have seen of it, and that these are whole. The engine may be
    running. Damage is reported, not raised.

    Args:
        path: the engine directory, with its manifest.
        progress: called now and then with how far the walk has come.

    Raises LogNotFound if neither manifest nor log is there: then this is no engine directory. Raises
    VerifyFailed if a log could not be read for a reason that lies outside it.
    """
    path = Path(path)
    try:
        manifest = read_manifest(path)
    except ManifestInvalid as error:
        return VerifyReport(str(path), (), Fault(FaultKind.MANIFEST, 0, 0, 0, str(error)))
    seen, faults = sightings_in(path, manifest)
    reports = [
        _verify_log(path, name, entry, manifest, progress, [one for one in seen if one.log == name])
        for name, entry in manifest.logs.items()
    ]
    fault = Fault(faults[0].kind, 0, 0, 0, faults[0].detail) if faults else None
    return VerifyReport(str(path), tuple(reports), fault)


def _verify_log(
    path: Path,
    name: str,
    entry: LogEntry,
    manifest: Manifest,
    progress: Callable[[Progress], None] | None,
    seen: list[Sighting],
) -> LogReport:
    """Give the report of one log, whatever becomes of the child that walks it."""
    log = path / name
    data_bytes_total = _data_bytes(log)
    reached: Progress | None = None
    with _start_walk(log, entry, manifest.row_bytes, seen) as child:
        for message in _messages(child):
            if isinstance(message, LogReport):
                return message
            if isinstance(message, WalkFailed):
                raise VerifyFailed(name, message.reason)
            reached = msgspec.structs.replace(message, data_bytes_total=data_bytes_total)
            if progress is not None:
                progress(reached)
    if reached is None or (child.returncode < 0 and -child.returncode not in DAMAGE_SIGNALS):
        raise VerifyFailed(name, f"its reader ended early: {_cause_of_death(child.returncode)}; try again")
    return _report_of_death(log, reached, child.returncode)


def _start_walk(log: Path, entry: LogEntry, row_bytes: int, seen: list[Sighting]) -> subprocess.Popen[bytes]:
    words = [one.argument() for one in seen]
    arguments = [str(log), entry.uuid, str(entry.partition), str(row_bytes), *words]
    paths = os.pathsep.join(folder for folder in sys.path if folder)
    return subprocess.Popen(  # noqa: S603 - our own module, our own interpreter
        # -P: what lies in the current directory must not stand in for our modules.
        [sys.executable, "-P", "-m", "storage.verify_walk", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
        # A group of its own: Ctrl-C is for the parent, without whom the child ends by itself.
        process_group=0,
    )


def _messages(child: subprocess.Popen[bytes]) -> Iterator[_Message]:
    """Give what the child tells, and pass over what another program in its process may print."""
    assert child.stdout is not None, "the child writes to a pipe"
    for line in child.stdout:
        with suppress(msgspec.MsgspecError, UnicodeDecodeError):
            yield _MESSAGES.decode(line)


def _report_of_death(log: Path, reached: Progress, exit_status: int) -> LogReport:
    """Give the report for a log whose walk died: a cut file raises SIGBUS in the child, and so on."""
    kind, detail = FaultKind.UNREADABLE, f"reading it killed the reader: {_cause_of_death(exit_status)}"
    for number in segment_numbers(log):
        try:
            check_size(segment_path(log, number))
        except IntegrityFault as error:
            kind = FaultKind.TRUNCATED if isinstance(error, LogTruncated) else kind
            detail = str(error)
    if exit_status == -signal.SIGBUS:
        kind = FaultKind.TRUNCATED
    return LogReport(
        log=log.name,
        segments=max(reached.segment - 1, 0),
        blocks=reached.blocks,
        events=reached.events,
        data_bytes=reached.data_bytes,
        tip_hash="",
        tree_root="",
        fault=Fault(kind, reached.segment, reached.blocks, reached.events, detail),
    )


def _cause_of_death(exit_status: int) -> str:
    return signal.Signals(-exit_status).name if exit_status < 0 else f"exit status {exit_status}"


def _data_bytes(log: Path) -> int:
    """Give about how many bytes there are to walk: the sizes of the data files."""
    files = (segment_path(log, number) / DATA_FILE for number in segment_numbers(log))
    return sum(file.stat().st_size for file in files if file.exists())
