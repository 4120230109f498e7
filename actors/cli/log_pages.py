"""Which events of a log a reader asked for: from an offset on, the last ones, those that come."""

import time
from collections.abc import Iterator
from pathlib import Path

from actors.cli.disk_directory import engine_manifest
from actors.cli.event_records import Record, block_records
from actors.cli.failure import Failure
from engine.values import id_words
from storage.log_reader import LogReader

FOLLOW_EVERY_S = 0.2
"""How often a followed log is looked at: as fast as anybody reads."""


def open_log(directory: Path, log: str) -> LogReader:
    """A reader of one log of an engine directory; Failure names the logs there are."""
    logs = engine_manifest(directory).logs
    if log not in logs:
        raise Failure(f"{directory} has no log {log!r}: there are {', '.join(logs)}")
    return LogReader.open(directory / log)


def first_events(reader: LogReader, start: int, count: int, order: str | None = None) -> list[Record]:
    """Up to `count` events from offset `start` on; with `order`, only those of the order with this id."""
    order_id = id_words(order, "order") if order else None
    found: list[Record] = []
    for block in reader.blocks(start):
        found += block_records(block, start, order_id)
        if len(found) >= count:
            break
    return found[:count]


def last_events(reader: LogReader, count: int) -> list[Record]:
    """The last `count` events."""
    return first_events(reader, max(reader.tip_offset() - count, 0), count) if count else []


def following_events(reader: LogReader, start: int) -> Iterator[Record]:
    """Every event from offset `start` on as it is committed, without end."""
    while True:
        for block in reader.blocks(start):
            yield from block_records(block, start)
            start = block.header.next_offset
        time.sleep(FOLLOW_EVERY_S)
