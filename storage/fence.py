"""The fence: an epoch in the log itself, raised by each owner and compared inside every commit.

Ray may keep two copies of an actor alive for a minute. Whoever claimed last owns the log; LMDB lets one write
transaction through at a time, so an older owner can't slip a block in between compare and commit.
"""

from __future__ import annotations

import lmdb

from storage.errors import Fenced
from storage.segment_meta import SegmentMeta


def raise_epoch(txn: lmdb.Transaction[bytes], meta: SegmentMeta) -> int:
    """Write the next epoch in this transaction, and give it."""
    epoch = meta.epoch(txn) + 1
    meta.write_epoch(txn, epoch)
    return epoch


def require_epoch(txn: lmdb.Transaction[bytes], meta: SegmentMeta, epoch: int, log: str) -> None:
    """Check in this transaction that `epoch` still owns the log; raises Fenced with the epoch that does."""
    epoch_now = meta.epoch(txn)
    if epoch_now != epoch:
        raise Fenced(log, epoch, epoch_now)
