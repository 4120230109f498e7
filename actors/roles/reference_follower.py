"""The reference follower: brings the events of the reference log into a partition, each once, in order."""

from actors.roles.partition import Batch, Partition
from engine.errors import IntegrityError
from engine.rows.events import HEAD
from storage.event_log import EventLog
from storage.log_reader import LogReader


def require_all_copied(partition: Partition, reference_next: int) -> None:
    """IntegrityError if a reference log that ends before offset `reference_next` lacks what was copied of it.

    It would give those offsets to other definitions, which this partition would never copy.
    """
    copied = partition.kernel.reference_next
    if copied > reference_next:
        raise IntegrityError(
            f"partition {partition.number} has copied the reference log up to offset {copied - 1}, but that "
            f"log ends before {reference_next}: it was rolled back. Restore all logs from one backup: "
            "docs/runbooks.md"
        )


def follow_reference(partition: Partition, log: EventLog | LogReader, batch: Batch) -> bool:
    """Copy what the partition has not seen of the reference log; False where the block was full first."""
    for block in log.blocks(partition.kernel.reference_next):
        rows = block.rows(HEAD).copy()
        if not partition.copy_reference(batch, rows, block.header.base_offset):
            return False
    return True
