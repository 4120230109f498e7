"""Two processes own one log: only the one that claimed last can commit, whatever the other believes."""

import signal
from pathlib import Path
from typing import Any

import pytest

from storage.errors import Fenced
from storage.segment import Segment
from storage.segment_writer import create_segment
from tests.faults.owner_process import fault_in, lost_acks, owner_of
from tests.unit.storage.made_logs import extend, make_log, open_log


def test_a_stopped_owner_that_is_continued_has_its_commit_refused(tmp_path: Path) -> None:
    log = tmp_path / "p0000"
    with owner_of(log) as older:
        assert older.ask("claim") == ["claimed", "1"]
        assert older.ask("append 5")[0] == "acked"
        older.signal(signal.SIGSTOP)
        older.wait_until_stopped()

        with owner_of(log) as newer:
            assert newer.ask("claim") == ["claimed", "2"]
            assert newer.ask("append 7")[0] == "acked"
            older.signal(signal.SIGCONT)

            refusal = older.ask("append 5")
            assert refusal[:2] == ["failed", "Fenced"]
            assert "epoch 2" in " ".join(refusal)
            assert newer.ask("append 2")[0] == "acked"
            acks = older.acks + newer.acks

    assert [ack.next_offset for ack in acks] == [5, 12, 14]
    assert lost_acks(log, acks) == []
    assert fault_in(log) is None


def test_without_a_newer_claim_the_continued_owner_goes_on(tmp_path: Path) -> None:
    # The control of the test above: stopping alone changes nothing, so it was the claim that fenced.
    with owner_of(tmp_path / "p0000") as owner:
        owner.ask("claim")
        owner.signal(signal.SIGSTOP)
        owner.wait_until_stopped()
        owner.signal(signal.SIGCONT)
        assert owner.ask("append 5")[0] == "acked"


def test_an_older_owner_is_fenced_even_after_the_newer_has_moved_to_another_segment(tmp_path: Path) -> None:
    log = tmp_path / "p0000"
    with owner_of(log) as older:
        older.ask("claim")
        older.ask("append 5")
        with owner_of(log) as newer:
            newer.ask("claim")
            assert newer.ask("rotate") == ["rotated", "2"]
            assert newer.ask("append 7")[0] == "acked"
            assert older.ask("append 5")[:2] == ["failed", "Fenced"]

    assert fault_in(log) is None


def test_a_claim_finds_what_the_older_owner_committed_after_it_had_opened_the_log(tmp_path: Path) -> None:
    log = tmp_path / "p0000"
    make_log(log, [3])
    with open_log(log) as newer, owner_of(log) as older:
        older.ask("claim")
        older.ask("append 5")
        assert older.ask("rotate") == ["rotated", "2"]
        older.ask("append 6")

        assert newer.tip.next_offset == 3
        assert newer.claim() == 3
        assert newer.tip.next_offset == 14
        assert newer.segment_number == 2
        extend(newer, [1])
        assert older.ask("append 6")[:2] == ["failed", "Fenced"]


def test_a_claim_finds_what_was_committed_to_the_segment_that_it_has_open(tmp_path: Path) -> None:
    log = tmp_path / "p0000"
    make_log(log, [3])
    with open_log(log) as newer, owner_of(log) as older:
        older.ask("claim")
        older.ask("append 5")

        newer.claim()

        assert newer.tip.next_offset == 8
        extend(newer, [1])


def test_a_crash_between_the_control_block_and_the_next_segment_is_made_good(tmp_path: Path) -> None:
    log = tmp_path / "p0000"
    make_log(log, [3])
    with open_log(log) as writer:
        writer.claim()
        tip = writer.rotate(append_ts_ns=writer.tip.append_ts_last_ns)
    for file in (log / "000002").iterdir():
        file.unlink()
    (log / "000002").rmdir()
    (log / "000002.new77").mkdir()

    assert fault_in(log) is None
    with open_log(log) as reopened:
        assert reopened.tip == tip
        assert reopened.segment_number == 2
        assert reopened.claim() == 3
        extend(reopened, [4])
    assert fault_in(log) is None
    assert sorted(entry.name for entry in log.iterdir()) == ["000001", "000002"]


def test_an_owner_that_loses_the_race_for_the_next_segment_joins_it_and_is_fenced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "p0000"
    acks = []

    def create_too_late(*arguments: Any, **options: Any) -> Segment:
        # The older owner has committed its control block; before it goes on, a newer one takes over.
        with owner_of(log) as newer:
            newer.ask("claim")
            newer.ask("append 7")
            acks.extend(newer.acks)
        return create_segment(*arguments, **options)

    with open_log(log) as older:
        older.claim()
        extend(older, [3])
        monkeypatch.setattr("storage.event_log.create_segment", create_too_late)
        with pytest.raises(Fenced) as refusal:
            older.rotate(append_ts_ns=older.tip.append_ts_last_ns)

    assert (refusal.value.epoch, refusal.value.epoch_now) == (1, 2)

    assert lost_acks(log, acks) == []
    assert fault_in(log) is None
    assert sorted(entry.name for entry in log.iterdir()) == ["000001", "000002"]
