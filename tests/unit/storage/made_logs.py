"""Small made logs: rows of seeded noise, blocks in any sizes, and the name tag they carry."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from storage.block import Block
from storage.chain_tip import ChainTip
from storage.event_log import EventLog
from storage.log_identity import LogIdentity
from storage.seal import seal

ROW_BYTES = 192
MAP_BYTES = 2**30


def made_identity(partition: int = 0, *, log_uuid: bytes | None = None) -> LogIdentity:
    """Give the name tag of a made log; its uuid follows from the partition unless given."""
    return LogIdentity(
        log_uuid=log_uuid or bytes([partition + 1]) * 16,
        partition=partition,
        row_bytes=ROW_BYTES,
        schema_digest=b"s" * 32,
        code_version=b"c" * 32,
    )


def made_rows(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Give `count` rows of noise, the same for the same seed."""
    return np.random.default_rng(seed).integers(0, 256, (count, ROW_BYTES), dtype=np.uint8)


def made_chain(
    sizes: Iterable[int], *, tip: ChainTip | None = None, identity: LogIdentity | None = None, epoch: int = 1
) -> tuple[list[Block], ChainTip]:
    """Give blocks of these sizes, sealed one on the other, and the tip behind them."""
    tip = tip or ChainTip()
    blocks = []
    for size in sizes:
        block, tip = seal(
            tip,
            made_rows(size, seed=tip.next_offset),
            {},
            identity=identity or made_identity(),
            epoch=epoch,
            append_ts_first_ns=tip.append_ts_last_ns + 1,
            append_ts_last_ns=tip.append_ts_last_ns + 2,
        )
        blocks.append(block)
    return blocks, tip


def open_log(path: Path, identity: LogIdentity | None = None, *, segment_bytes_max: int = 2**30) -> EventLog:
    """Open or create a log for tests that don't ask whether it survives a power cut."""
    return EventLog.open(
        path,
        identity or made_identity(),
        map_size_bytes=MAP_BYTES,
        create=True,
        segment_bytes_max=segment_bytes_max,
        allow_volatile=True,
    )


def extend(log: EventLog, sizes: Iterable[int], identity: LogIdentity | None = None) -> list[Block]:
    """Append blocks of these sizes to a claimed log and give them."""
    blocks, _ = made_chain(sizes, tip=log.tip, identity=identity, epoch=log.epoch)
    for block in blocks:
        log.append(block)
    return blocks


def make_log(path: Path, sizes: Iterable[int], identity: LogIdentity | None = None) -> list[Block]:
    """Make a closed log with blocks of these sizes and give the blocks."""
    with open_log(path, identity) as log:
        log.claim()
        return extend(log, sizes, identity)
