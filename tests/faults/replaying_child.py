"""A process that replays a file into an engine and tells its parent of every answer, until it is killed.

On standard output: `acked [[offset, correlation, order id], …]` when a delivery's answers are with the
client; `committed` when the one it was told to hold is durable and not answered; `done DIGEST` at the end.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from actors.local_transport import LocalTransport
from actors.replays import replay_run
from actors.replays.replay import replay_lobster
from actors.roles.partition import Partition
from engine.vocabulary import Lane

FRAME_ROWS = 40
"""Small frames, so that a small file is many deliveries."""


def tell(word: str, said: str = "") -> None:
    print(word, said, flush=True)


def acks_of(commands: np.ndarray, answers: np.ndarray) -> str:
    """Offset, correlation and order id of every answered command about an order."""
    is_told = np.isin(commands["lane"], [Lane.OWNER, Lane.VENUE]) & (answers["offset"] >= 0)
    columns = (answers["offset"], commands["correlation_hi"], commands["order_id_lo"])
    return json.dumps(list(zip(*(column[is_told].tolist() for column in columns), strict=True)))


class TellingTransport:
    """Counts deliveries, stops one of them behind its commit, and tells of the answers of all others.

    An unsafe one answers that delivery without a commit, and stops behind the answers.
    """

    def __init__(self, hold_at: int, *, is_safe: bool) -> None:
        self.deliveries = 0
        self.hold_at = hold_at
        self.is_safe = is_safe
        self.deliver = LocalTransport.deliver
        self.commit = Partition.commit

    def install(self) -> None:
        """Stand between the client and the transport, and between decision and answer, of this process."""

        def deliver(transport: LocalTransport, partition: int, commands: np.ndarray) -> Any:
            self.deliveries += 1
            answers, tip = self.deliver(transport, partition, commands)
            if partition == 0:
                tell("acked", acks_of(commands, answers))
            if self.deliveries == self.hold_at and not self.is_safe:
                sys.stdin.readline()
            return answers, tip

        def commit(partition: Partition, batch: Any) -> None:
            is_held = 0 < self.hold_at <= self.deliveries and batch.block.used > 0
            if self.is_safe or not is_held:
                self.commit(partition, batch)
            if is_held and self.is_safe:
                tell("committed")
                sys.stdin.readline()

        LocalTransport.deliver = deliver  # type: ignore[method-assign, assignment]
        Partition.commit = commit  # type: ignore[method-assign, assignment]


def main() -> None:
    messages, orderbook, directory = map(Path, sys.argv[1:4])
    replay_run.FRAME_ROWS = FRAME_ROWS
    TellingTransport(int(sys.argv[4]), is_safe=sys.argv[5] == "safe").install()
    tell("done", replay_lobster(messages, orderbook, directory).state_digest)


if __name__ == "__main__":
    main()
