"""Compiles the rules once, before any actor starts, so that they all load them from disk."""

import numpy as np

from engine.kernel.kernel import FrameInWork, Kernel, StagedBlock
from engine.kernel.keys import fill_order_ids
from engine.kernel.past import fetch_past
from engine.kernel.tables import Capacity
from engine.kernel.views import command_views_of
from engine.rows.commands import command_rows

SMALL = Capacity(*[16] * len(Capacity._fields))
"""Tables that are only there to give the compiler their types."""


def warm_up() -> None:
    """Call every native entry once with the types it is called with in earnest."""
    kernel = Kernel(SMALL)
    block = StagedBlock(16)
    frame = FrameInWork(command_rows(1))
    kernel.decide(frame, block, 1, lambda offsets: block.buffer[offsets])
    kernel.fold(block.rows(), 1)
    kernel.copy_reference(block.buffer[:0], 0, block, 1)
    fill_order_ids(command_rows(1), kernel.tables.accounts[:1].copy())
    fetch_past(
        command_views_of(command_rows(1)),
        0,
        kernel.tables,
        block.views,
        0,
        frame.past,
        np.zeros(1, np.int64),
        lambda offsets: block.buffer[offsets],
    )
