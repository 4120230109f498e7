"""The reading process beside a benchmark: polls exposures on a steady schedule until it is told to stop.

Run as `python -m actors.bench.reading DIR`: prints "ready", reads until standard input says something, then
prints one JSON line. A read is due every millisecond whatever the last one took; the time of the call and the
delay of its start are recorded apart, because a busy machine may schedule this process late.
"""

import json
import select
import sys
import time

from actors.bench.percentiles import histogram_of, percentiles
from actors.config_file import load_config
from actors.mapped_view import MappedView
from actors.ray_transport import RayTransport, connect
from engine.reads.questions import ReadExposure, encode_question

PERIOD_NS = 1_000_000
CALL_EVERY = 50
"""One read in fifty goes through the actor as well: twenty calls a second."""
ACCOUNTS = 1_024


class Readings:
    """What was measured, nanoseconds each."""

    def __init__(self) -> None:
        self.read_ns: list[int] = []
        self.late_ns: list[int] = []
        self.call_ns: list[int] = []
        self.lag_ns: list[float] = []

    def as_json(self) -> str:
        """The figures of `bench throughput` and `bench reads`."""
        two = {"p50": 50.0, "p99": 99.0}
        return json.dumps(
            {
                "reads": len(self.read_ns),
                "read_us": percentiles(histogram_of(self.read_ns), 1e3, {**two, "p999": 99.9}),
                "read_late_us": percentiles(histogram_of(self.late_ns), 1e3, two),
                "read_call_ms": percentiles(histogram_of(self.call_ns), 1e6, two),
                "lag_ms": percentiles(histogram_of(self.lag_ns), 1e6, two),
            }
        )


def main() -> None:
    """Poll until told to stop."""
    transport = connect(sys.argv[1], config=load_config())
    view = transport.view(0)
    assert view is not None, "this machine has no mapped view"
    # The first call connects to the actor; that is no part of a read.
    _read_once(view, transport, Readings(), 0, time.perf_counter_ns())
    print("ready", flush=True)
    readings = Readings()
    due = time.perf_counter_ns()
    number = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        due = _wait_until(due + PERIOD_NS)
        _read_once(view, transport, readings, number, due)
        number += 1
    print(readings.as_json(), flush=True)
    transport.close()


def _wait_until(due: int) -> int:
    """Sleep until a read is due; after a stall the schedule goes on from now, so that reads don't bunch."""
    ahead = due - time.perf_counter_ns()
    if ahead > 0:
        time.sleep(ahead / 1e9)
        return due
    return due if ahead > -PERIOD_NS else time.perf_counter_ns()


def _read_once(view: MappedView, transport: RayTransport, readings: Readings, number: int, due: int) -> None:
    """One scheduled read, and now and then one through the actor."""
    account = 1 + number % ACCOUNTS
    begun = time.perf_counter_ns()
    exposure = view.exposure(account=account)
    readings.read_ns.append(time.perf_counter_ns() - begun)
    readings.late_ns.append(begun - due)
    readings.lag_ns.append(exposure.lag_seconds * 1e9)
    if number % CALL_EVERY == 0:
        question = encode_question(ReadExposure(by="account", handle=account))
        begun = time.perf_counter_ns()
        transport.ask(0, question)
        readings.call_ns.append(time.perf_counter_ns() - begun)


if __name__ == "__main__":
    main()
