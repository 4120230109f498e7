"""A risk process beside the demo: reads exposure and profit as fast as asked, and tells what it saw.

    python -m actors.demo.reading DIR

One JSON line on standard output every quarter of a second, until standard input is closed.
"""

import json
import random
import select
import sys
import time
from typing import Any

from actors.bench.percentiles import histogram_of, percentiles
from engine import Client
from engine.reads.table import Table

TELL_EVERY_S = 0.25
READ_EVERY_S = 0.002
"""Pause between two reads of one account: the reader is there to measure, not to take a core."""

EXPOSURES = ("long", "short", "gross", "net", "worst_case")
PROFITS = ("realized", "unrealized")


def main() -> None:
    """Read and tell until standard input ends."""
    with Client.connect(f"ray:{sys.argv[1]}", principal="risk") as client:
        accounts = sorted(client.catalog.accounts)
        _seen(client, [])  # the first read maps the view and fills the catalog
        chance = random.Random(1)  # noqa: S311 - which account is read next is no secret
        while not _is_over():
            began_s = time.monotonic()
            taken_ns: list[int] = []
            while time.monotonic() - began_s < TELL_EVERY_S:
                taken_ns.append(_timed_read(client, chance.choice(accounts)))
                time.sleep(READ_EVERY_S)
            sys.stdout.write(json.dumps(_seen(client, taken_ns)) + "\n")
            sys.stdout.flush()


def _is_over() -> bool:
    return bool(select.select([sys.stdin], [], [], 0)[0])


def _timed_read(client: Client, account: str) -> int:
    """Nanoseconds of one read of an account's exposure."""
    began_ns = time.perf_counter_ns()
    client.exposure(account=account)
    return time.perf_counter_ns() - began_ns


def _seen(client: Client, taken_ns: list[int]) -> dict[str, Any]:
    """What the reader tells: its percentiles, how far the projection is, and the largest accounts."""
    exposure, profit = client.exposure(), client.pnl()
    return {
        "read_us": percentiles(histogram_of(taken_ns), 1e3, {"p50": 50.0, "p99": 99.0}),
        "as_of": exposure.as_of[0],
        "lag_events": exposure.lag_events,
        "accounts": _accounts(exposure, profit),
    }


def _accounts(exposure: Table, profit: Table) -> list[dict[str, Any]]:
    """Exposure and profit of every account as floats, which are for the screen only, the largest first."""
    gained = {row.account: row for row in profit}
    rows = [
        {
            "account": row.account,
            **{name: float(getattr(row, name)) for name in EXPOSURES},
            **{name: float(getattr(gained[row.account], name)) for name in PROFITS if row.account in gained},
        }
        for row in exposure
    ]
    return sorted(rows, key=lambda row: -row["gross"])


if __name__ == "__main__":
    main()
