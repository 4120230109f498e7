"""A log on disk that holds a made flow, for projectors to follow."""

from pathlib import Path

from storage.event_log import EventLog
from tests.unit.actors.flow_blocks import IDENTITY, sealed
from tests.unit.engine.projections.made_flow import MadeBlock


def open_flow_log(path: Path) -> EventLog:
    """An empty log, claimed; for tests that don't ask whether it survives a power cut."""
    log = EventLog.open(path, IDENTITY, map_size_bytes=2**30, create=True, allow_volatile=True)
    log.claim()
    return log


def append(log: EventLog, blocks: list[MadeBlock]) -> None:
    """Append made blocks as they are."""
    for block in sealed(blocks, log.tip):
        log.append(block)
