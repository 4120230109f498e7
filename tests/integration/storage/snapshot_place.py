"""A log on disk with small tables, the snapshots beside it, and a snapshotter that follows."""

from pathlib import Path
from typing import Any

import msgspec

from actors.roles.snapshots import Snapshots
from actors.roles.snapshotter import Snapshotter
from engine.config import Config, EngineConfig, LogConfig, SnapshotConfig
from storage.event_log import EventLog
from storage.log_reader import LogReader
from storage.snapshots import SnapshotFiles

SMALL = Config(
    engine=EngineConfig(
        orders_max=4_096,
        executions_max=16_384,
        requests_max=2_048,
        positions_max=256,
        limits_max=64,
        accounts_max=8,
        strategies_max=16,
        instruments_max=8,
        venues_max=4,
        principals_max=4,
        orphans_max=16,
    ),
    log=LogConfig(map_size_gib=1, segment_bytes_max=2**26, free_space_min_mib=16),
    snapshot=SnapshotConfig(events=100, verify_every=2),
)
"""The tables that made flows have, and snapshots after every few blocks."""


class Place:
    """A log on disk and the snapshots beside it."""

    def __init__(self, folder: Path, log: EventLog, reader: LogReader) -> None:
        self.log, self.reader = log, reader
        self.path = folder / "snapshots" / "p0000"

    def snapshotter(self, **changes: Any) -> Snapshotter:
        """One that begins from what lies there."""
        config = msgspec.structs.replace(SMALL, snapshot=msgspec.structs.replace(SMALL.snapshot, **changes))
        return Snapshotter(self.reader, Snapshots(self.path, self.reader), config, partition=0)

    def positions(self) -> list[int]:
        """Where the snapshots are that may be used, the newest first."""
        return [position for position, _ in SnapshotFiles(self.path).newest_first()]


def run(snapshotter: Snapshotter) -> Snapshotter:
    """Let it follow to the log's end."""
    while snapshotter.step():
        pass
    return snapshotter
