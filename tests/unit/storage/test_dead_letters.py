"""Dead letters are kept for study, never more than their bounds, and harm nobody."""

from pathlib import Path

import pytest

from storage import dead_letters
from storage.dead_letters import DeadLetters
from storage.errors import DeadLetterLost, LogNotFound
from storage.file_system import publish_directory
from storage.limits import DEAD_LETTER_BYTES_MAX

LONGEST = ("bad", bytes(DEAD_LETTER_BYTES_MAX), DEAD_LETTER_BYTES_MAX)


def open_letters(path: Path, letters_max: int = 5) -> DeadLetters:
    return DeadLetters.open(path, writer=True, letters_max=letters_max, allow_volatile=True)


def test_letters_are_listed_newest_first_with_reason_time_and_bytes(tmp_path: Path) -> None:
    with open_letters(tmp_path / "dead") as letters:
        letters.append([("truncated frame", b"\x01", 1), ("wrong version", b"\x02", 1)], at_ns=17)

        newest, older = letters.newest(10)
        assert (newest.reason, newest.raw, newest.at_ns, newest.number) == ("wrong version", b"\x02", 17, 1)
        assert (older.reason, older.raw, older.number) == ("truncated frame", b"\x01", 0)
        assert len(letters.newest(1)) == 1


def test_the_oldest_make_room_and_are_counted_over_reopening(tmp_path: Path) -> None:
    for start in (0, 4, 8):
        with open_letters(tmp_path / "dead") as letters:
            letters.append([("bad", bytes([start + i]), 1) for i in range(4)], at_ns=0)
    with open_letters(tmp_path / "dead") as letters:
        assert letters.kept == 5
        assert letters.dropped == 7
        assert [letter.number for letter in letters.newest(9)] == [11, 10, 9, 8, 7]


def test_numbers_go_on_when_all_letters_were_dropped(tmp_path: Path) -> None:
    with open_letters(tmp_path / "dead", letters_max=0) as letters:
        letters.append([("bad", b"", 0)] * 3, at_ns=0)
    with open_letters(tmp_path / "dead") as letters:
        letters.append([("bad", b"", 0)], at_ns=0)
        assert [letter.number for letter in letters.newest(9)] == [3]


def test_of_more_letters_than_the_ring_holds_the_last_are_kept(tmp_path: Path) -> None:
    with open_letters(tmp_path / "dead", letters_max=2) as letters:
        letters.append([("bad", bytes([i]), 1) for i in range(7)], at_ns=0)

        assert [(letter.number, letter.raw) for letter in letters.newest(9)] == [(6, b"\x06"), (5, b"\x05")]
        assert (letters.kept, letters.dropped) == (2, 5)


@pytest.mark.parametrize("batch", [1, 7, 100, 150])
def test_the_longest_letters_never_fill_the_map(
    tmp_path: Path, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "DEAD_LETTER_MAP_ROOM_BYTES", 2**16)
    turns = max(8, 400 // batch)
    with open_letters(tmp_path / "dead", letters_max=100) as letters:
        for _ in range(turns):
            letters.append([LONGEST] * batch, at_ns=0)

        assert (letters.kept, letters.dropped) == (100, turns * batch - 100)


def test_a_map_of_a_single_ring_is_too_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "DEAD_LETTER_MAP_ROOM_BYTES", 2**16)
    monkeypatch.setattr(dead_letters, "DEAD_LETTER_RINGS_PER_MAP", 1)
    with open_letters(tmp_path / "dead", letters_max=100) as letters:
        letters.append([LONGEST] * 100, at_ns=0)
        with pytest.raises(DeadLetterLost):
            letters.append([LONGEST] * 100, at_ns=0)


def test_a_full_ring_may_be_made_smaller(tmp_path: Path) -> None:
    with open_letters(tmp_path / "dead", letters_max=400) as letters:
        letters.append([LONGEST] * 400, at_ns=0)
    with open_letters(tmp_path / "dead", letters_max=2) as letters:
        letters.append([LONGEST], at_ns=0)
        assert (letters.kept, letters.dropped) == (2, 399)


def test_long_input_is_cut_and_its_length_recorded(tmp_path: Path) -> None:
    with open_letters(tmp_path / "dead") as letters:
        letters.append([("oversized", bytes(DEAD_LETTER_BYTES_MAX + 5), 10**6)], at_ns=0)

        (letter,) = letters.newest(1)
        assert len(letter.raw) == DEAD_LETTER_BYTES_MAX
        assert letter.raw_bytes_total == 10**6


def test_a_reader_needs_them_to_exist_and_sees_what_the_writer_keeps(tmp_path: Path) -> None:
    with pytest.raises(LogNotFound):
        DeadLetters.open(tmp_path / "dead", writer=False)
    with (
        open_letters(tmp_path / "dead") as letters,
        DeadLetters.open(tmp_path / "dead", writer=False) as reader,
    ):
        letters.append([("bad", b"x", 1)], at_ns=0)
        assert reader.kept == 1


def test_a_reader_in_the_middle_of_the_first_write_finds_none_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_and_publish(draft: Path, path: Path) -> bool:
        with pytest.raises(LogNotFound):
            DeadLetters.open(path, writer=False)
        return publish_directory(draft, path)

    monkeypatch.setattr(dead_letters, "publish_directory", read_and_publish)
    with open_letters(tmp_path / "dead") as letters:
        letters.append([("bad", b"x", 1)], at_ns=0)
        with DeadLetters.open(tmp_path / "dead", writer=False) as reader:
            assert reader.kept == 1


def test_of_two_who_make_the_ring_one_is_faster_and_both_write_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def another_is_faster(draft: Path, path: Path) -> bool:
        monkeypatch.setattr(dead_letters, "publish_directory", publish_directory)
        with open_letters(path) as letters:
            letters.append([("first", b"x", 1)], at_ns=0)
        return publish_directory(draft, path)

    monkeypatch.setattr(dead_letters, "publish_directory", another_is_faster)
    with open_letters(tmp_path / "dead") as letters:
        letters.append([("second", b"y", 1)], at_ns=1)
        assert [letter.reason for letter in letters.newest(9)] == ["second", "first"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["dead"]
