"""Real files go through the engine, and its answers are those that were given with the files.

The answers are read where they lie: the numbers in the folder's README, and what its own checker counts.
"""

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from actors.replays.replay import replay_lobster, replay_mbo


def numbers(text: str, pattern: str) -> tuple[int, ...]:
    """The whole numbers that a pattern's groups find in a text."""
    found = re.search(pattern, text)
    assert found is not None, f"no {pattern} in the README of the real input"
    return tuple(int(group.replace(",", "")) for group in found.groups())


def told(data_dir: Path) -> str:
    """The README of the real input, on one line."""
    return " ".join((data_dir / "README.md").read_text().split())


def unpacked(data_dir: Path, symbol: str, folder: Path) -> tuple[Path, Path]:
    """The message file and the orderbook file of a symbol."""
    (archive,) = (data_dir / "lobster").glob(f"{symbol}_*.zip")
    with zipfile.ZipFile(archive) as files:
        files.extractall(folder)
    (messages,) = folder.glob("*_message_*.csv")
    (orderbook,) = folder.glob("*_orderbook_*.csv")
    return messages, orderbook


def counted(data_dir: Path, messages: Path, orderbook: Path) -> dict[str, int]:
    """What the checker that comes with the files counts in them."""
    script = data_dir / "lobster" / "lobster_check.py"
    checker = [sys.executable, str(script), str(messages), str(orderbook)]
    document = json.loads(subprocess.run(checker, capture_output=True, check=True, text=True).stdout)
    return {**document["checks"], "rows": document["rows"]}


@pytest.mark.parametrize("symbol", ["GOOG", "AMZN"])
def test_a_day_of_lobster_is_exact_in_every_row_and_every_order(
    data_dir: Path, tmp_path: Path, symbol: str
) -> None:
    files, readme = unpacked(data_dir, symbol, tmp_path), told(data_dir)
    checker = counted(data_dir, *files)

    report = replay_lobster(*files, tmp_path / "engine")

    assert report.first_problem == ""
    assert report.is_exact
    executed = (report.executed_visible, report.executed_hidden)
    assert executed == numbers(readme, rf"{symbol} ([\d,]+) \+ ([\d,]+)")
    r2 = (report.r2_checked, report.r2_deletes)
    assert r2 == numbers(readme, rf"{symbol} ([\d,]+),(?: of them)? deletes ([\d,]+)")
    assert report.messages == checker["rows"]
    assert report.r1_rows == checker["R1_rows"] == checker["R1_rows_ok"]
    assert report.r1_cells == checker["R1_cells"]
    assert report.r2_checked == checker["R2_checked"]
    assert report.seeded <= checker["seed_cells"]
    assert report.r1_revealed <= checker["R1_revealed_cells"]
    assert report.slid_out <= checker["R1_slid_out"]


def test_the_cme_file_is_exact_in_every_cancel(data_dir: Path, tmp_path: Path) -> None:
    (file,) = (data_dir / "mbo").glob("*.csv.gz")
    readme = told(data_dir)

    report = replay_mbo(file, tmp_path / "engine")

    assert report.first_problem == ""
    assert report.is_exact
    exact, of = numbers(readme, r"Expect (\d+) of (\d+) cancels")
    assert (report.cancels_checked - report.cancels_bad, report.cancels_checked) == (exact, of)
    kinds = r"([\d,]+) adds [^|]*, (\d+) cancels, (\d+) amends, (\d+) trades, (\d+) fills"
    clears = 1
    assert report.messages == sum(numbers(readme, kinds)) + clears
