"""`orderfold demo`: how its verdict is told; the demo itself is replaced."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from actors.demo import script
from tests.unit.actors.cli.conftest import Run
from tests.unit.actors.demo.test_outcome import GOOD


@pytest.mark.parametrize(
    ("outcome", "code", "verdict"),
    [
        (GOOD, 0, "✔ all of it held, in "),
        (msgspec.structs.replace(GOOD, lost_before=1), 1, "✘ not all of it held"),
    ],
    ids=["held", "not held"],
)
def test_the_last_word_is_a_verdict_with_its_time_and_where_to_look(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, outcome: Any, code: int, verdict: str
) -> None:
    monkeypatch.setattr(script, "run_demo", lambda *_, **__: outcome)

    kept, gone = run("demo", tmp_path / "new"), run("demo")

    assert kept.code == gone.code == code
    *_, said, hint = kept.out.splitlines()
    assert said.startswith(verdict)
    assert said.endswith(" s from start to end")
    assert hint == f"  explore it: orderfold verify {tmp_path / 'new'}"
    assert gone.out.splitlines()[-1].startswith(verdict)


def test_ctrl_c_says_that_nothing_is_left(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(script, "run_demo", interrupted)

    done = run("demo", "--json")

    assert done.code == 130
    assert done.error == "interrupted; nothing is left running"
