"""A process that publishes as fast as it can: in every publication all holdings have the same quantity."""

import sys
from pathlib import Path

import numpy as np

from actors.view_writer import ViewWriter
from engine.kernel.tables import Capacity, new_tables
from engine.projections.changes import new_changes

HOLDINGS = 2_000
CAPACITY = Capacity(*[HOLDINGS] * len(Capacity._fields))


def main(path: Path) -> None:
    """Publish until the parent closes our input."""
    tables = new_tables(CAPACITY)
    changes = new_changes(tables)
    writer = ViewWriter.create(path, tables, log_uuid=b"t" * 16, partition=0)
    every = np.arange(HOLDINGS + 1, dtype=np.uint32)
    tables.firm["holdings"] = HOLDINGS
    print("publishing", flush=True)
    while True:
        tables.holdings["qty"] += 1
        tables.firm["next_offset"] += 1
        changes.holdings.slots[: len(every)] = every
        changes.holdings.used[0] = len(every)
        writer.publish(tables, changes, 1)
        writer.beat(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
