"""What the demo found: its figures, and whether everything held."""

import msgspec

from actors.demo.proof import Census


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The demo's result.

    Attributes:
        seconds: how long orders were sent.
        events, events_per_second: acknowledged commands of owners and venues, each one event.
        ack_ms, read_us: percentiles at the end, see `actors.demo.scene.Scene`.
        refusals: reason to count.
        killed_pid, successor_pid, recovered_s: the kill.
        acked_before, acked_after: commands acknowledged before the kill, and after it.
        lost_before, lost_after: of these, how many are not in the log where their answer said.
        repeated: commands that were sent again and recognised.
        census: all acknowledged commands against the log.
        first_fault: the first thing that verify found, empty if everything is what was written.
        blocks: blocks verified, over all logs.
        projection_digest, fold_digest: over everything the projection answers, and a fold of the log answers.
    """

    seconds: float
    events: int
    events_per_second: float
    ack_ms: dict[str, float]
    read_us: dict[str, float]
    refusals: dict[str, int]
    killed_pid: int
    successor_pid: int
    recovered_s: float
    acked_before: int
    acked_after: int
    lost_before: int
    lost_after: int
    repeated: int
    census: Census
    first_fault: str
    blocks: int
    projection_digest: str
    fold_digest: str

    @property
    def claims(self) -> list[tuple[bool, str]]:
        """What the demo claims, one sentence each, and whether it held."""
        census = self.census
        return [
            (
                bool(self.successor_pid),
                f"the killed process {self.killed_pid} has a successor, {self.successor_pid},"
                f" {self.recovered_s:.1f} s later",
            ),
            (
                self.acked_before > 0 and self.lost_before == 0,
                f"{self.acked_before:,} commands were acknowledged before the kill; {self.lost_before} are lost",
            ),
            (
                self.acked_after > 0 and self.lost_after == 0,
                f"{self.acked_after:,} were acknowledged after it; {self.lost_after} are lost",
            ),
            (
                census.doubled == 0 and census.unasked == 0,
                f"{census.doubled} took effect twice, {census.unasked} events are there that nobody sent"
                f" ({self.repeated:,} commands were sent again and recognised)",
            ),
            (
                not self.first_fault,
                self.first_fault or f"verify: all {self.blocks:,} blocks are what was written",
            ),
            (
                self.projection_digest == self.fold_digest,
                f"the projection answers {self.projection_digest[:16]}…, a fold of the log {self.fold_digest[:16]}…",
            ),
        ]

    @property
    def held(self) -> bool:
        """Whether all of it held."""
        return all(held for held, _ in self.claims)
