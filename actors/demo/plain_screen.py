"""The demo in a pipe or a log file: one line a second, and one for each thing that happens."""

import time
from typing import TextIO

from actors.demo.scene import Scene

LINE_EVERY_S = 1.0


class PlainScreen:
    """Plain lines, as they come."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._next_s = 0.0

    def say(self, sentence: str) -> None:
        """Print a sentence."""
        print(sentence, file=self._stream, flush=True)

    def show(self, scene: Scene) -> None:
        """Print a moment, if the last one is a second old."""
        if time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + LINE_EVERY_S
        gross = sum(account["gross"] for account in scene.accounts)
        profit = sum(account.get("realized", 0) + account.get("unrealized", 0) for account in scene.accounts)
        print(
            f"{scene.elapsed_s:5.1f} s  {scene.events_per_second:>9,.0f} events/s"
            f"  ack p50 {_ms(scene, 'p50')} p99 {_ms(scene, 'p99')} ms"
            f"  read p50 {scene.read_us.get('p50', 0):,.0f} p99 {scene.read_us.get('p99', 0):,.0f} µs"
            f"  behind {scene.lag_events:,}  refused {sum(scene.refusals.values()):,}"
            f"  gross {gross:,.0f}  P&L {profit:+,.0f}",
            file=self._stream,
            flush=True,
        )

    def __enter__(self) -> "PlainScreen":
        return self

    def __exit__(self, *_: object) -> None:
        return


def _ms(scene: Scene, statistic: str) -> str:
    return f"{scene.ack_ms.get(statistic, 0):.1f}"
