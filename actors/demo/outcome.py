"""What the demo found: its figures, and whether everything held."""

from typing import NamedTuple

import msgspec

from actors.demo.proof import Census


class Claim(NamedTuple):
    """Whether something held, and the sentence that says it."""

    held: bool
    sentence: str


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
        repeated: commands under way at the kill that were sent again and had happened already.
        asked_again, recognised: how many commands from before the kill were sent again on purpose afterwards,
            and how many of these got their first answer again.
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
    asked_again: int
    recognised: int
    census: Census
    first_fault: str
    blocks: int
    projection_digest: str
    fold_digest: str

    @property
    def claims(self) -> list[Claim]:
        """What the demo claims, one sentence each, and whether it held."""
        return [
            self._is_succeeded(),
            Claim(
                self.acked_before > 0 and self.lost_before == 0,
                f"{self.acked_before:,} commands were acknowledged before it; {self.lost_before:,} are lost",
            ),
            Claim(
                self.acked_after > 0 and self.lost_after == 0,
                f"{self.acked_after:,} were acknowledged after it; {self.lost_after:,} are lost",
            ),
            self._is_recognised(),
            self._is_once(),
            Claim(
                not self.first_fault,
                self.first_fault or f"verify: all {self.blocks:,} blocks are what was written",
            ),
            self._is_folded(),
        ]

    def _is_succeeded(self) -> Claim:
        if not self.successor_pid:
            return Claim(False, f"nobody took over from the killed process {self.killed_pid}")
        return Claim(
            self.successor_pid != self.killed_pid,
            f"the killed process {self.killed_pid} has a successor, {self.successor_pid},"
            f" {self.recovered_s:.1f} s later",
        )

    def _is_once(self) -> Claim:
        census = self.census
        return Claim(
            census.doubled == 0 and census.unasked == 0,
            f"{census.doubled:,} took effect twice; {census.unasked:,} events are there that nobody sent",
        )

    def _is_recognised(self) -> Claim:
        return Claim(
            self.recognised == self.asked_again > 0,
            f"of {self.asked_again:,} from before the kill that were sent once more, {self.recognised:,} were"
            " recognised and got their first answer again",
        )

    def _is_folded(self) -> Claim:
        return Claim(
            self.projection_digest == self.fold_digest,
            f"the projection's digest is {self.projection_digest[:16]}…,"
            f" that of a fold of the log {self.fold_digest[:16]}…",
        )

    @property
    def held(self) -> bool:
        """Whether all of it held."""
        return all(claim.held for claim in self.claims)
