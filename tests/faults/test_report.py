"""A run is noted with what repeats it, beside those before; an interrupted run goes on where it was."""

from collections import Counter
from pathlib import Path

import pytest

from tests.faults.numbered_run import (
    Harness,
    Judged,
    OtherRun,
    Progress,
    code_digest,
    main_of,
    read_progress,
    run,
)
from tests.faults.report import main, note_run, page_of, read_runs


def even(seed: int, numbers: range) -> Judged:
    """Judge numbers: 13 is broken, odd ones are left out."""
    odd = sum(number % 2 for number in numbers)
    broken = [f"--seed {seed} --only {number}: unlucky" for number in numbers if number == 13]
    return Judged(Counter(even=len(numbers) - odd), Counter({"is odd": odd}), broken)


HARNESS = Harness("made_run", "numbers", 4, even)


def test_runs_are_noted_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "docs" / "reliability.json"
    note_run(path, "crash_run", 20_000, {"sound": 20_000}, {}, 7, 61.25)
    note_run(path, "kill_run", 1_000, {"kills": 1_000}, {"no disk": 2}, 1, 9.0)

    first, second = read_runs(path)

    assert (first.name, first.size, first.counts, first.seed) == ("crash_run", 20_000, {"sound": 20_000}, 7)
    assert (second.skipped, second.seconds) == ({"no disk": 2}, 9.0)
    assert first.commit
    assert first.cores > 0


def test_the_page_has_the_newest_run_of_each_size(tmp_path: Path) -> None:
    path = tmp_path / "reliability.json"
    for found in (1, 2):
        note_run(path, "crash_run", 20_000, {"found": found}, {}, 7, 1.0)

    main(path)

    page = path.with_suffix(".md").read_text()
    assert page == page_of(read_runs(path))
    assert page.count("| crash_run |") == 1
    assert "| crash_run | 20,000 | 2 found | nothing | 7 | 1.0 |" in page


def test_a_run_goes_on_where_it_was(tmp_path: Path) -> None:
    state, whole = tmp_path / "state", Progress(3, code_digest())
    run(HARNESS, read_progress(state, 3), 5, workers=1, state=state)
    resumed = read_progress(state, 3)
    assert resumed.done == 5

    run(HARNESS, resumed, 12, workers=2, state=state)
    run(HARNESS, whole, 12, workers=1, state=tmp_path / "whole")

    assert (resumed.done, resumed.counts) == (whole.done, whole.counts) == (12, {"even": 6})
    assert resumed.skipped == {"is odd": 6}


def test_what_is_left_out_for_no_reason_has_failed() -> None:
    progress = Progress(3, code_digest())

    progress.add(4, Judged(Counter(even=2), Counter({"": 2}), []))

    assert progress.broken == ["2 were left out, and no reason was given"]


def test_a_note_of_another_seed_is_refused(tmp_path: Path) -> None:
    run(HARNESS, read_progress(tmp_path / "state", 3), 4, workers=1, state=tmp_path / "state")

    with pytest.raises(OtherRun, match="another seed"):
        read_progress(tmp_path / "state", 4)
    assert main_of(HARNESS, ["--seed", "4", "--state", str(tmp_path / "state")]) == 2


def test_a_broken_trial_ends_the_run_and_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    state, report = tmp_path / "state", tmp_path / "report.json"
    options = ["--numbers", "40", "--state", str(state), "--workers", "1", "--report", str(report)]

    assert main_of(HARNESS, options) == 1

    assert "--seed 1 --only 13: unlucky" in capfd.readouterr().err
    assert main_of(HARNESS, ["--only", "13"]) == 1
    assert main_of(HARNESS, ["--only", "12"]) == 0
    assert not report.exists()


def test_a_finished_run_is_noted(tmp_path: Path) -> None:
    report = tmp_path / "report.json"

    assert (
        main_of(HARNESS, ["--numbers", "8", "--state", str(tmp_path / "state"), "--report", str(report)]) == 0
    )

    (noted,) = read_runs(report)
    assert (noted.name, noted.size, noted.counts) == ("made_run", 8, {"even": 4, "failed": 0})
