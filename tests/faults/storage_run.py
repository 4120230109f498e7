"""A small run of all that storage does, which says through a pipe what is done, until something fails.

It makes a manifest and a log, claims it, appends blocks over two segments, reads them back and leaves a
checkpoint. Lines: `acked NEXT_OFFSET BLOCK_HASH`, `failed CLASS MESSAGE`, `done`.
"""

import os
from collections.abc import Callable
from pathlib import Path

from storage.checkpoints import Checkpoint, LogMark, decode_checkpoint, write_checkpoint
from storage.errors import LogNotFound, StorageError
from storage.event_log import EventLog
from storage.log_reader import LogReader
from storage.manifest import read_manifest, write_manifest
from tests.faults.owner_process import Ack, fault_in
from tests.unit.storage.made_engine import made_manifest
from tests.unit.storage.made_logs import extend, made_chain, open_log

ROWS = (1, 30, 2)
"""Rows of the blocks; before the last one the segment is closed."""

Append = Callable[[EventLog, int, int], bool]


def run_all(engine: Path, pipe: int, append: Append) -> None:
    """Do the whole run in an engine directory, or as much of it as goes well."""
    try:
        write_manifest(engine, made_manifest())
        with open_log(engine / "p0000") as log:
            log.claim()
            if fill(log, pipe, append):
                read_back(engine)
                say(pipe, "done")
    except (StorageError, OSError) as error:
        say(pipe, f"failed {type(error).__name__} {error}")


def fill(log: EventLog, pipe: int, append: Append) -> bool:
    """Append all blocks; after a failure try once more, which must be refused, and give false."""
    for at, rows in enumerate(ROWS, start=1):
        if at == len(ROWS):
            log.rotate(append_ts_ns=log.tip.append_ts_last_ns)
        if not append(log, pipe, rows):
            append(log, pipe, rows)
            return False
    return True


def append_or_say(log: EventLog, pipe: int, rows: int) -> bool:
    """Append one block and acknowledge it, or say why it is not there."""
    (block,), tip = made_chain([rows], tip=log.tip, epoch=log.epoch)
    try:
        log.append(block)
    except StorageError as error:
        say(pipe, f"failed {type(error).__name__} {error}")
        return False
    say(pipe, f"acked {tip.next_offset} {tip.block_hash.hex()}")
    return True


def read_back(engine: Path) -> None:
    """Read the log as others do, and leave a checkpoint that has seen its end."""
    with LogReader.open(engine / "p0000") as reader:
        blocks = list(reader.blocks(0))
        assert sum(block.header.count for block in blocks) == reader.tip_offset(), "read less than there is"
    write_checkpoint(
        engine / "checkpoints" / "p0000-risk",
        Checkpoint("risk", "1", (LogMark.behind(blocks[-1]),), {"rows": bytes(5000)}),
    )


def say(pipe: int, line: str) -> None:
    """Send one line in one call."""
    os.write(pipe, (line.replace("\n", " ") + "\n").encode())


def fault_after(engine: Path, lines: list[str]) -> str | None:
    """Give what is wrong with a directory after such a run that said these lines, or None."""
    words = [line.split() for line in lines]
    acks = [Ack(int(word[1]), word[2]) for word in words if word[0] == "acked"]
    first_failure = next((at for at, word in enumerate(words) if word[0] == "failed"), len(words))
    if any(word[0] == "acked" for word in words[first_failure:]):
        return "something was acknowledged after a failure"
    return _fault_of_files(engine) or _fault_of_log(engine / "p0000", acks)


def _fault_of_files(engine: Path) -> str | None:
    """Manifest and checkpoint are whole, or not there."""
    try:
        read_manifest(engine)
        found = decode_checkpoint(engine / "checkpoints" / "p0000-risk")
    except (LogNotFound, FileNotFoundError):
        return None
    except StorageError as error:
        return str(error)
    return None if isinstance(found, Checkpoint) else found.reason


def _fault_of_log(log: Path, acks: list[Ack]) -> str | None:
    """What was acknowledged is there, the log is sound, and the next owner goes on."""
    held = _held(log)
    lost = [ack for ack in acks if ack not in held]
    if lost:
        return f"the acknowledged block before offset {lost[0].next_offset} is not there"
    if len(held) > len(acks) + 1:
        return f"{len(held) - len(acks)} blocks are there that nobody has acknowledged"
    try:
        with open_log(log) as successor:
            successor.claim()
            extend(successor, [1])
    except StorageError as error:
        return f"the next owner can't go on: {error}"
    return fault_in(log)


def _held(log: Path) -> list[Ack]:
    try:
        with LogReader.open(log) as reader:
            headers = [block.header for block in reader.blocks(0)]
    except LogNotFound:
        return []
    return [Ack(header.next_offset, header.block_hash.hex()) for header in headers]
