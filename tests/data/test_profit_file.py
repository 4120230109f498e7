"""Position, average price and realised profit after every fill of a file that somebody else computed."""

import csv
import gzip
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.data.trading import Fill, Trading

TOLERANCE = Decimal("0.0000005")
"""The file was computed in floats, whose noise is 4.5e-7; positions are exact."""

PRICE_SCALE = 4


class Row(NamedTuple):
    """A fill of the file and what holds after it."""

    fill: Fill
    position: Decimal
    average_price: Decimal
    realized: Decimal


@pytest.fixture(scope="module")
def rows(data_dir: Path) -> list[Row]:
    """The file, row by row."""
    with gzip.open(data_dir / "pnl/AMZN_fills_positions.csv.gz", "rt") as file:
        return [
            Row(
                Fill(row["account"], int(row["qty"]) * (1 if row["side"] == "B" else -1), int(row["px_1e4"])),
                Decimal(row["position"]),
                Decimal(row["avg_px_open"] or 0),
                Decimal(row["realized_cum"]),
            )
            for row in csv.DictReader(file)
        ]


def misses(rows: list[Row], fills: list[Fill]) -> list[str]:
    """Where the product says something else than the file."""
    trading = Trading({fill.account for fill in fills}, price_scale=PRICE_SCALE, fills_max=len(fills))
    trading.mark(fills[0].price)
    found = []
    for at, standing in trading.standings_after(fills):
        wanted = rows[at]
        is_near = (
            standing.qty == wanted.position
            and abs(standing.average_price - wanted.average_price) <= TOLERANCE
            and abs(standing.realized - wanted.realized) <= TOLERANCE
        )
        if not is_near:
            found.append(f"row {at + 1}: {standing}, expected {wanted}")
    assert sum(standing.qty for standing in trading.standings().values()) == sum(fill.qty for fill in fills)
    return found


def test_every_fill_of_the_file_is_met(rows: list[Row]) -> None:
    assert len(rows) > 10_000
    assert misses(rows, [row.fill for row in rows]) == []
    assert sum(row.fill.qty for row in rows) == 0


def test_one_wrong_tick_is_noticed(rows: list[Row]) -> None:
    """The control: a price that is off by 10^-4 shows in the first position that closes it."""
    fills = [row.fill for row in rows[:200]]
    fills[0] = fills[0]._replace(price=fills[0].price + 1)

    assert misses(rows, fills)
