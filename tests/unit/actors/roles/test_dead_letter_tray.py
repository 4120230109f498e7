"""The tray hands over what it was given: the first bytes of a letter, and how many there were."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from actors.roles.dead_letter_tray import LETTERS_DIRECTORY, TRAY_LETTERS_MAX, DeadLetterTray
from storage.data_file import DATA_FILE
from storage.dead_letters import DeadLetters
from storage.limits import DEAD_LETTER_BYTES_MAX


@pytest.mark.parametrize("of_type", [bytes, lambda size: np.zeros(size, np.uint8)])
def test_the_length_of_long_input_survives_the_tray(tmp_path: Path, of_type: type) -> None:
    tray = DeadLetterTray(lambda: 17)

    tray.put("too long", of_type(3 * DEAD_LETTER_BYTES_MAX))
    tray.empty(tmp_path, 10, allow_volatile=True)

    with DeadLetters.open(tmp_path / LETTERS_DIRECTORY, writer=False) as letters:
        (letter,) = letters.newest(9)
    assert (letter.reason, letter.at_ns) == ("too long", 17)
    assert letter.raw == bytes(DEAD_LETTER_BYTES_MAX)
    assert letter.raw_bytes_total == 3 * DEAD_LETTER_BYTES_MAX


def test_a_full_tray_counts_what_it_lets_fall(tmp_path: Path) -> None:
    tray = DeadLetterTray(lambda: 0)

    for _ in range(TRAY_LETTERS_MAX + 3):
        tray.put("bad", b"x")
    tray.empty(tmp_path, TRAY_LETTERS_MAX, allow_volatile=True)

    assert (tray.kept, tray.lost) == (TRAY_LETTERS_MAX, 3)


def test_the_trays_of_two_partitions_share_one_place(tmp_path: Path) -> None:
    trays = [DeadLetterTray(lambda: 0) for _ in range(2)]
    for tray in trays:
        tray.put("bad", b"x")
        tray.empty(tmp_path, 10, allow_volatile=True)

    assert [(tray.kept, tray.lost) for tray in trays] == [(1, 0), (1, 0)]
    with DeadLetters.open(tmp_path / LETTERS_DIRECTORY, writer=False) as letters:
        assert len(letters.newest(9)) == 2


def pages_of_noise(place: Path) -> None:
    """Leave the environment's two meta pages, and noise where its trees were."""
    file = place / DATA_FILE
    data = file.read_bytes()
    file.write_bytes(data[:8192] + b"\x5a" * (len(data) - 8192))


def no_database(place: Path) -> None:
    (place / DATA_FILE).write_bytes(b"\x5a" * 40_960)


def a_file(place: Path) -> None:
    shutil.rmtree(place)
    place.write_text("x")


def a_dangling_link(place: Path) -> None:
    shutil.rmtree(place)
    place.symlink_to(place.with_name("nowhere") / "at all")


@pytest.mark.parametrize("harm", [pages_of_noise, no_database, a_file, a_dangling_link])
def test_a_damaged_place_costs_letters_only_and_works_again_once_it_is_mended(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    place, copy = tmp_path / LETTERS_DIRECTORY, tmp_path / "copy"
    tray = DeadLetterTray(lambda: 0)

    def drop_a_letter() -> tuple[int, int]:
        tray.put("bad", b"x")
        tray.empty(tmp_path, 10, allow_volatile=True)
        return tray.kept, tray.lost

    assert drop_a_letter() == (1, 0)
    shutil.copytree(place, copy)
    harm(place)
    assert drop_a_letter() == (1, 1)
    assert drop_a_letter() == (1, 2)
    shutil.rmtree(place) if place.is_dir() else place.unlink()
    copy.rename(place)
    assert drop_a_letter() == (2, 2)
