"""A process that owns a log and does what its parent says, so that the parent can stop, starve or kill it.

    python -m tests.faults.writing_child LOG_DIRECTORY [unsafe …]

`unsafe` is what it leaves out: a flag of LMDB's that makes a commit durable, or `names`, the flush of names.

Commands on standard input, one a line, each answered by one line on standard output:

    claim            claimed EPOCH
    append ROWS      acked NEXT_OFFSET BLOCK_HASH, or failed CLASS MESSAGE
    run COUNT ROWS   COUNT times what append answers, until one fails
    early ROWS       acked …, before the commit; the commit waits for one more line (a wrong writer)
    rotate           rotated SEGMENT
"""

import sys
from pathlib import Path

from storage import file_system, lmdb_environment
from storage.errors import StorageError
from storage.event_log import EventLog
from tests.unit.storage.made_logs import made_chain, open_log


def main(log_directory: str, *unsafe_flags: str) -> None:
    """Open the log, say `open`, and serve commands until standard input ends."""
    for flag in unsafe_flags:
        leave_out(flag)
    with open_log(Path(log_directory)) as log:
        say(f"open {log.tip.next_offset}")
        for line in sys.stdin:
            serve(log, *line.split())


def leave_out(what: str) -> None:
    """Make this a writer that can lose what it has acknowledged."""
    if what == "names":
        vars(file_system)["sync_directory"] = lambda path: None
    else:
        lmdb_environment.DURABLE_FLAGS[what] = False


def serve(log: EventLog, command: str, *numbers: str) -> None:
    """Do one command and answer it."""
    match command, *map(int, numbers):
        case ("claim",):
            say(f"claimed {log.claim()}")
        case "append", int(rows):
            append(log, rows)
        case "run", int(count), int(rows):
            all(append(log, rows + number % 7) for number in range(count))
        case "early", int(rows):
            append_after_ack(log, rows)
        case ("rotate",):
            log.rotate(append_ts_ns=log.tip.append_ts_last_ns)
            say(f"rotated {log.segment_number}")
        case _:
            raise AssertionError(f"unknown command {command}")


def append(log: EventLog, rows: int) -> bool:
    """Append one block; acknowledge it once it is committed, or say why it is not."""
    (block,), tip = made_chain([rows], tip=log.tip, epoch=log.epoch)
    try:
        log.append(block)
    except StorageError as error:
        say(f"failed {type(error).__name__} {error}")
        return False
    say(f"acked {tip.next_offset} {tip.block_hash.hex()}")
    return True


def append_after_ack(log: EventLog, rows: int) -> None:
    """Acknowledge first and commit later: what no writer may do, and what the tests must catch."""
    (block,), tip = made_chain([rows], tip=log.tip, epoch=log.epoch)
    say(f"acked {tip.next_offset} {tip.block_hash.hex()}")
    sys.stdin.readline()
    log.append(block)


def say(line: str) -> None:
    """Write one line to the parent, in one system call."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
