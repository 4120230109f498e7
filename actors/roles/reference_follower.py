"""The reference follower: brings the events of the reference log into a partition, each once, in order."""

from actors.roles.partition import Batch, Partition
from engine.rows.events import HEAD
from storage.event_log import EventLog
from storage.log_reader import LogReader


def follow_reference(partition: Partition, log: EventLog | LogReader, batch: Batch) -> bool:
    """Copy what the partition has not seen of the reference log; False where the block was full first."""
    for block in log.blocks(partition.kernel.reference_next):
        rows = block.rows(HEAD).copy()
        if not partition.copy_reference(batch, rows, block.header.base_offset):
            return False
    return True
