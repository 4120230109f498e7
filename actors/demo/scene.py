"""What the demo shows at one moment: numbers only; a terminal and a pipe each show them in their way."""

from typing import Any, NamedTuple, Protocol


class Scene(NamedTuple):
    """One moment.

    Attributes:
        elapsed_s, seconds: how far the demo is, and how long it lasts.
        events: events in the log that orders and reports have caused.
        events_per_second: over the last seconds.
        ack_ms: p50, p99 and the slowest, of whole frames.
        read_us: p50 and p99 of one account's exposure, in another process.
        lag_events: how many events the projection is behind.
        repeated: commands that were sent again and recognised.
        refusals: reason to count.
        accounts: exposure and profit of each account, the largest first.
    """

    elapsed_s: float
    seconds: float
    events: int
    events_per_second: float
    ack_ms: dict[str, float]
    read_us: dict[str, float]
    lag_events: int
    repeated: int
    refusals: dict[str, int]
    accounts: list[dict[str, Any]]


class Screen(Protocol):
    """Where the demo shows itself; a context manager, so that a terminal is left as it was found."""

    def say(self, sentence: str) -> None:
        """Tell what is happening."""

    def show(self, scene: Scene) -> None:
        """Show one moment; the next one takes its place."""

    def __enter__(self) -> "Screen": ...

    def __exit__(self, *_: object) -> None: ...
