"""The lease keeper: asks for what one partition needs of the firm's limits, and returns what is idle.

It looks at the partition's own tables and says which commands to send, and never what became of the last
ones: every command says which change of the lease it is to be, so what was lost is asked again, what was done
is not done twice, and a restart needs no memory. It decides nothing: the logs do, by their own time.
"""

from typing import NamedTuple

import numpy as np

from engine.config import LeasesConfig
from engine.kernel.tables import Tables
from engine.limits import NS_PER_MS
from engine.reads.lease_rows import lease_rows
from engine.rows.commands import COMMAND, LEASE_COMMAND, command_rows
from engine.rows.layout import joined
from engine.vocabulary import CommandKind, Lane

FREE_SLICES_MIN = 1
"""With less than so many slices free a partition asks for more."""
FREE_SLICES = 2
"""So many are free then, if the firm has them; and as many once it has returned some."""
FREE_SLICES_MAX = 3
"""With more than so many free it returns some."""


class Wishes(NamedTuple):
    """Commands to be sent, COMMAND rows: to the reference log, and to the partition itself."""

    of_reference: np.ndarray
    of_partition: np.ndarray

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send."""
        return len(self.of_reference) == 0 and len(self.of_partition) == 0


class LeaseKeeper:
    """Keeps the leases of one of `partitions` partitions; whoever owns its tables calls `look`."""

    def __init__(self, partitions: int, config: LeasesConfig) -> None:
        self._partitions = partitions
        self._config = config

    def look(self, tables: Tables, durable_next: int, now_ns: int) -> Wishes:
        """What is to be sent now.

        What an event from offset `durable_next` on returns may still be lost: nobody else may have it yet.
        `now_ns`, UTC, only says when to renew.
        """
        of_reference, of_partition = [], []
        for row in lease_rows(tables):
            if row["returning"]:
                # One change after the other: the next one is known once this one is copied.
                of_reference += [_record(row)] * int(row["returned_offset"] < durable_next)
                continue
            more = self._lacking(row)
            if more or self._is_ending(row, now_ns):
                of_reference.append(self._grant(row, more))
            elif self._idle(row):
                of_partition.append(_command(row, CommandKind.RETURN_LEASE, self._idle(row)))
        return Wishes(_joined(of_reference), _joined(of_partition))

    def _wanted(self, row: np.void, free_slices: int) -> int:
        """What the partition should be able to use, with so many slices free: no less than its own share."""
        limit = max(0, int(row["firm_limit"]))
        own = limit * self._config.share_percent // 100 // self._partitions
        return max(own, int(row["used"]) + free_slices * limit * self._config.slice_percent // 100)

    def _lacking(self, row: np.void) -> int:
        """How much to ask for: what is wanted, as far as the firm has it."""
        if _usable(row) >= self._wanted(row, FREE_SLICES_MIN):
            return 0
        left = int(row["firm_limit"]) - int(row["firm_granted"])
        return max(0, min(self._wanted(row, FREE_SLICES) - _usable(row), left))

    def _idle(self, row: np.void) -> int:
        """How much to return."""
        if _usable(row) <= self._wanted(row, FREE_SLICES_MAX):
            return 0
        return _usable(row) - self._wanted(row, FREE_SLICES)

    def _is_ending(self, row: np.void, now_ns: int) -> bool:
        """Whether half of a lease's time has passed, of one that is needed."""
        half_ns = self._config.ttl_ms * NS_PER_MS // 2
        return bool(row["is_limited"] and row["granted"] and row["expires_ns"] - now_ns < half_ns)

    def _grant(self, row: np.void, amount: int) -> np.ndarray:
        """So much more, and more time."""
        rows = _command(row, CommandKind.GRANT_LEASE, amount)
        rows["ttl_ms"] = self._config.ttl_ms
        return rows


def _usable(row: np.void) -> int:
    return int(row["granted"]) - int(row["returning"])


def _record(row: np.void) -> np.ndarray:
    """Let the reference log know what the partition has given back: then others may have it."""
    rows = _command(row, CommandKind.RETURN_LEASE, int(row["returning"]))
    rows["source_offset"] = row["returned_offset"]
    return rows


def _command(row: np.void, kind: CommandKind, amount: int) -> np.ndarray:
    """About the lease that was looked at, as its next change."""
    rows = np.zeros(1, LEASE_COMMAND)
    rows["kind"], rows["lane"] = kind, Lane.OPERATOR
    rows["partition"], rows["currency"], rows["amount"] = row["partition"], row["currency"], amount
    rows["serial"] = row["serial"] + 1
    return rows


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return joined([part.view(COMMAND) for part in parts]) if parts else command_rows(0)
