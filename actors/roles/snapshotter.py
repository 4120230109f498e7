"""The snapshotter: follows one log with a copy of the state, and writes that down now and then.

It reads the log and nothing else: the partition never waits for it, but both use one machine. Now and then it
proves what it is about to write: the events since the snapshot before are folded a second time, from that
file. Where the two differ nobody knows which is right, and all snapshots are set aside: the log is the truth.
"""

import time
from contextlib import suppress
from typing import Any

from actors.roles.engine_files import capacity_of
from actors.roles.projector import FollowedLog
from actors.roles.snapshots import Snapshots, digests_of_tables
from engine.client.transport import Clock
from engine.config import Config
from engine.errors import IntegrityError
from engine.kernel.kernel import Kernel
from engine.limits import NS_PER_SECOND
from engine.rows.events import HEAD

BURST_EVENTS = 65_536
"""Events folded in one step: some 30 ms, and as long is one read of the log open."""


class Snapshotter:
    """One log's snapshotter. One thread uses it.

    Attributes:
        kernel: its copy of the state.
        told: why snapshots that it found were not taken, a sentence each.
        written: snapshots written since it began.
        proved: how many of those were folded a second time.
        failed: how often the disk refused one, or was nearly full.
    """

    def __init__(
        self,
        log: FollowedLog,
        snapshots: Snapshots,
        config: Config,
        *,
        partition: int,
        clock: Clock = time.time_ns,
    ) -> None:
        """Begin from the newest snapshot that may be used; delete what a predecessor left half written."""
        self._log = log
        self._snapshots = snapshots
        self._capacity = capacity_of(config, partition)
        self._config = config.snapshot
        self._free_bytes_min = config.log.free_space_min_mib * 2**20
        self._partition = partition
        self._clock = clock
        self.written = self.proved = self.failed = 0
        snapshots.files.tidy()
        self.kernel = Kernel(self._capacity, partition)
        found = snapshots.fill(self.kernel.tables)
        self.told = found.told
        self._due = found.next_offset + self._config.events

    def step(self) -> bool:
        """Fold the next burst, and write a snapshot if one is due; False where the log has no more.

        IntegrityError, an alarm, where a proof fails: no snapshot is left then, and what was folded here must
        not be used; and where the log ends before what was folded of it.
        """
        before, tip = self.kernel.next_offset, self._log.tip_offset()
        if tip < before:
            raise IntegrityError(
                f"log {self._log.log_uuid.hex()} of partition {self._partition} ends before offset {tip},"
                f" the snapshotter has folded up to {before - 1}: it was rolled back; run orderfold verify"
            )
        until = min(before + BURST_EVENTS, max(self._due, before + 1), tip)
        self._fold(self.kernel, until)
        if self.kernel.next_offset >= self._due:
            self._snapshot()
        return self.kernel.next_offset > before

    def status(self) -> dict[str, Any]:
        """Where it is, where the newest snapshot is, how old that file is, and what became of the others."""
        position, written_ns = self._snapshots.files.newest()
        age_s = (self._clock() - written_ns) / NS_PER_SECOND if position else None
        return {
            "applied_offset": self.kernel.next_offset - 1,
            "snapshot_offset": position,
            "snapshot_age_s": age_s,
            "snapshots_written": self.written,
            "snapshots_proved": self.proved,
            "snapshots_failed": self.failed,
            "snapshots_told": list(self.told),
        }

    def _fold(self, kernel: Kernel, until: int) -> None:
        """Fold whole blocks up to the one that ends at `until` or behind it."""
        if kernel.next_offset >= until:
            return
        with self._log.borrow(kernel.next_offset, until) as blocks:
            for block in blocks:
                assert block.header.base_offset == kernel.next_offset, "only whole blocks are folded"
                kernel.fold(block.rows(HEAD).copy(), block.header.append_ts_last_ns)

    def _snapshot(self) -> None:
        """Prove the state if it is time for that, and write it."""
        self._due = self.kernel.next_offset + self._config.events
        files = self._snapshots.files
        try:
            files.require_room(self._free_bytes_min)
            if (self.written + 1) % self._config.verify_every == 0:
                self._prove()
            self._snapshots.write(self.kernel.tables)
        except OSError:
            # A cache that can't be written is no reason to end; the older one is still there.
            self.failed += 1
            with suppress(OSError):
                files.tidy()
            return
        self.written += 1

    def _prove(self) -> None:
        """Fold from the snapshot before to here a second time; IntegrityError if that gives another state."""
        position = self.kernel.next_offset
        second = Kernel(self._capacity, self._partition)
        begun_at = self._snapshots.fill(second.tables).next_offset
        while second.next_offset < position:
            self._fold(second, min(second.next_offset + BURST_EVENTS, position))
        ours, theirs = digests_of_tables(self.kernel.tables), digests_of_tables(second.tables)
        if ours != theirs:
            self._snapshots.distrust()
            raise IntegrityError(
                f"log {self._log.log_uuid.hex()} of partition {self._partition}: at offset {position} the"
                f" snapshotter has a state with the digests {ours}; folded from the snapshot of offset"
                f" {begun_at}, the events give {theirs}. All snapshots are set aside: a start folds the log."
                " Check this machine's memory, and that no code was changed under a running engine"
            )
        self.proved += 1
