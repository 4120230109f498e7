"""Positions and profit by average cost, worked out by hand or by somebody else, fill by fill."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from engine.limits import MONEY_SCALE
from tests.data.trading import Fill, Trading

ROUNDING = Decimal("0.00000002")
"""Each close rounds its relief to 10^-8; no example closes more than a few times before it is flat."""


FEE_RATE = Decimal("0.0001")
"""What the published average-cost example charges of each fill's money."""


class Made(NamedTuple):
    """Fills (signed quantity, price) of one account; after each: position, average price, realised profit."""

    fills: list[tuple[str, str]]
    after: list[tuple[str, str, str]]
    price_scale: int = 2
    qty_scale: int = 0
    multiplier: int = 1


MADE = {
    "a long that is partly sold": Made(
        [("100", "10"), ("-40", "12")], [("100", "10", "0"), ("60", "10", "80")]
    ),
    "a short that is partly bought back": Made(
        [("-100", "10"), ("40", "8")], [("-100", "10", "0"), ("-60", "10", "80")]
    ),
    "a flip closes, then opens at its own price": Made(
        [("100", "50"), ("-150", "55"), ("50", "52")],
        [("100", "50", "0"), ("-50", "55", "500"), ("0", "0", "650")],
    ),
    "a flip the other way": Made(
        [("-100", "50"), ("150", "55"), ("-50", "52")],
        [("-100", "50", "0"), ("50", "55", "-500"), ("0", "0", "-650")],
    ),
    # 0.04 for three: the relief is 0.01333333, then half of 0.02666667 to the even 0.01333334, then the rest.
    "relief rounds half to even, and what it rounds is in the last one": Made(
        [("1", "0.01"), ("1", "0.01"), ("1", "0.02"), ("-1", "0.02"), ("-1", "0.02"), ("-1", "0.02")],
        [
            ("1", "0.01", "0"),
            ("2", "0.01", "0"),
            ("3", "0.01333333", "0"),
            ("2", "0.01333334", "0.00666667"),
            ("1", "0.01333333", "0.01333333"),
            ("0", "0", "0.02"),
        ],
    ),
    "a future counts fifty times": Made(
        [("2", "5200.25"), ("-1", "5201.00"), ("-2", "5199.25")],
        [("2", "5200.25", "0"), ("1", "5200.25", "37.50"), ("-1", "5199.25", "-12.50")],
        multiplier=50,
    ),
    "fractions of a unit": Made(
        [("0.5000", "65000.00"), ("-0.2000", "66000.00"), ("-0.3000", "64999.99")],
        [("0.5", "65000", "0"), ("0.3", "65000", "200"), ("0", "0", "199.997")],
        qty_scale=4,
    ),
}


def scaled(value: Any, scale: int) -> int:
    """A number of the examples in units of a scale; it must fit it."""
    units = Decimal(str(value)).scaleb(scale)
    assert units == int(units)
    return int(units)


@pytest.mark.parametrize("made", MADE.values(), ids=MADE)
def test_a_made_example_comes_out_exactly(made: Made) -> None:
    trading = Trading(
        ["A"],
        price_scale=made.price_scale,
        qty_scale=made.qty_scale,
        multiplier=made.multiplier,
        fills_max=10,
    )
    for (qty, price), wanted in zip(made.fills, made.after, strict=True):
        units = scaled(price, made.price_scale)
        trading.mark(units)
        trading.fill(Fill("A", scaled(qty, made.qty_scale), units))
        found = trading.standings()["A"]

        assert (found.qty, found.average_price, found.realized) == tuple(map(Decimal, wanted))
        value = found.qty * Decimal(price) * made.multiplier
        assert found.realized + found.unrealized == found.cash + value


def example(data_dir: Path, key: str) -> dict[str, Any]:
    """The published example that states this."""
    examples = json.loads((data_dir / "pnl/worked_examples.json").read_text())
    (found,) = [example for example in examples if key in example]
    return dict(found)


def test_the_published_equity_after_each_fill_is_met(data_dir: Path) -> None:
    """Equity is the cash at the start and the profit, the open part valued at the last price."""
    stated = example(data_dir, "equity_after")
    trading = Trading(["A"], price_scale=2, fills_max=len(stated["fills"]))
    for fill, equity in zip(stated["fills"], stated["equity_after"], strict=True):
        trading.mark(scaled(fill["px"], 2))
        trading.fill(Fill("A", scaled(fill["qty"], 0), scaled(fill["px"], 2)))
        found = trading.standings()["A"]

        assert Decimal(stated["start"]) + found.realized + found.unrealized == Decimal(equity)


def test_the_published_average_cost_example_is_met(data_dir: Path) -> None:
    """It charges a hundredth of a percent of each fill's money, which is not part of what is realised."""
    stated = example(data_dir, "after")
    trading = Trading(["A"], price_scale=2, fills_max=len(stated["fills"]))
    trading.mark(scaled(stated["fills"][0]["px"], 2))
    for fill, wanted, net in zip(stated["fills"], stated["after"], stated["realized_with_fee"], strict=True):
        fee = abs(Decimal(fill["qty"])) * Decimal(fill["px"]) * FEE_RATE
        trading.fill(Fill("A", fill["qty"], scaled(fill["px"], 2), scaled(fee, MONEY_SCALE)))
        found = trading.standings()["A"]

        assert found.qty == wanted["position"]
        assert abs(found.average_price - Decimal(str(wanted["avg_px"]))) <= ROUNDING
        assert abs(found.realized - Decimal(str(wanted["realized_no_fees"]))) <= ROUNDING
        assert net is None or abs(found.net - Decimal(net)) <= ROUNDING


def test_the_published_tax_book_is_met(data_dir: Path) -> None:
    """It states totals, not prices: each purchase is made in cents, at two neighbouring prices."""
    stated = example(data_dir, "avg_after")
    trading = Trading(["A"], price_scale=2, fills_max=2 * len(stated["fills"]))
    trading.mark(scaled(stated["avg_after"][0], 2))
    for fill, average in zip(stated["fills"], stated["avg_after"], strict=True):
        cents = scaled(fill.get("cost_total") or fill["proceeds_total"], 2)
        price, dearer = divmod(cents, abs(fill["qty"]))
        sign = 1 if fill["qty"] > 0 else -1
        for count, paid in ((abs(fill["qty"]) - dearer, price), (dearer, price + 1)):
            if count:
                trading.fill(Fill("A", sign * count, paid))

        assert abs(trading.standings()["A"].average_price - Decimal(str(average))) <= Decimal("0.005")
