"""The rebuild of a projection: a second fold of the log, from its first event on, that uses no checkpoint.

What it ends with is left in a file for the process of the live one, which folds what has come since,
compares and switches (`actors.roles.projection_switch`).
"""

from typing import Any

from actors.roles.projection_checkpoint import ProjectionCheckpoint
from actors.roles.projector import FollowedLog, Projector
from engine.errors import NotReady
from engine.kernel.tables import Capacity

BURST_EVENTS = 65_536
"""Events folded in one step: some 30 ms, and as long is one read of the log open."""

PASSES = 3
"""How often it goes on to where the log ends by then: where it is slower than the log grows, the rest would
never end. What is left then is folded by the projector, at the speed of the live one."""


class Rebuild:
    """One projection folded anew. One thread uses it."""

    def __init__(self, log: FollowedLog, capacity: Capacity, partition: int) -> None:
        self.projector = Projector(log, capacity, partition=partition)
        self._log = log
        self._passes = 0
        self._until = 0

    def step(self) -> bool:
        """Fold the next burst; False once that was all, which is always at the end of a block."""
        if self.projector.applied_offset + 1 >= self._until:
            self._passes += 1
            self._until = self._log.tip_offset()
            if self._passes > PASSES or self.projector.applied_offset + 1 >= self._until:
                return False
        upto = min(self.projector.applied_offset + BURST_EVENTS, self._until - 1)
        self.projector.step(upto=upto)
        return True

    def leave(self, checkpoint: ProjectionCheckpoint) -> None:
        """Write what was folded; NotReady if there is nothing, or the disk does not take it."""
        if self.projector.applied_offset < 0:
            raise NotReady("the log holds no event yet: there is nothing to rebuild")
        if not checkpoint.write(self.projector.tables, self.projector.books):
            raise NotReady(
                "the disk took no checkpoint of the rebuilt projection: free some space for checkpoints/ in "
                "the engine's directory, and rebuild again"
            )

    def status(self) -> dict[str, Any]:
        """How far it is, and how far it goes for now."""
        return {"applied_offset": self.projector.applied_offset, "log_end": self._until}
