"""Tables of reads on the screen: what a narrow terminal shows, and how numbers stand below one another."""

import io
import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console

from actors.cli.exposure_verb import FIRST_TO_GO, MEASURES
from actors.cli.read_screen import WIDER, aligned, fitted_screen
from engine import Client
from engine.reads.table import Table
from tests.unit.actors.cli.conftest import SMALL

COLUMNS = ("account", *MEASURES)


@pytest.fixture(scope="module")
def exposure(made_engine: Path, tmp_path_factory: pytest.TempPathFactory) -> Table:
    directory = tmp_path_factory.mktemp("read") / "engine"
    shutil.copytree(made_engine, directory)
    with Client.connect(f"local:{directory}", principal="risk", config=SMALL) as client:
        return client.exposure()


def shown(read: Table, width: int) -> str:
    """What a terminal of so many columns shows."""
    paper = io.StringIO()
    screen = Console(file=paper, width=width, highlight=False, markup=False)
    screen.print(fitted_screen(read, COLUMNS, screen, first_to_go=FIRST_TO_GO))
    return paper.getvalue()


def test_a_wide_terminal_shows_every_measure(exposure: Table) -> None:
    text = shown(exposure, 200)

    assert all(word in text for name in MEASURES for word in name.split("_"))
    assert WIDER not in text


@pytest.mark.parametrize("width", [60, 80, 100])
def test_a_narrow_terminal_shows_whole_numbers_the_currency_and_that_there_is_more(
    exposure: Table, width: int
) -> None:
    text = shown(exposure, width)

    assert WIDER in text
    assert "…" not in text
    assert all(name in text for name in ("currency", "net"))
    assert all(row.currency in text and f"{row.net:,.2f}" in text for row in exposure)


def test_points_stand_below_one_another() -> None:
    values = [Decimal("1234.5"), Decimal(-7), None, Decimal("0.12345678")]

    cells = aligned(values)

    assert cells == ["1,234.5" + " " * 7, "-7" + " " * 9, "-" + " " * 9, "0.12345678"]
    assert len({len(cell) - cell.index(".") for cell in cells if "." in cell}) == 1


def test_whole_numbers_and_words_are_not_filled_up() -> None:
    assert aligned([1, 20]) == ["1", "20"]
    assert aligned([Decimal(5), Decimal(20)]) == ["5", "20"]
