"""A log as a stream of MessagePack maps, for programs in any language; docs/export-format.md describes it."""

from collections.abc import Callable
from typing import BinaryIO

import msgpack

from actors.cli.event_records import block_records
from storage.log_reader import LogReader

FORMAT = "orderfold/events"
VERSION = 1


def write_stream(
    reader: LogReader, log: str, start: int, file: BinaryIO, show: Callable[[float, float], None]
) -> int:
    """Write the head and every event from `start` to the present end; gives how many events that were.

    `show` is told (offset reached, offset at the end), both counted from `start`.
    """
    until = max(reader.tip_offset(), start)
    packer = msgpack.Packer()
    head = {"format": FORMAT, "version": VERSION, "log": log, "log_uuid": reader.log_uuid.hex()}
    file.write(packer.pack({**head, "from": start, "until": until}))
    written = 0
    for block in reader.blocks(start, until):
        records = block_records(block, start)
        file.writelines(packer.pack(record) for record in records)
        written += len(records)
        show(written, until - start)
    return written
