"""What every actor's process checks when it begins."""

import os
import sys
from pathlib import Path

import pytest

from actors.actor_process import ActorProcess


@pytest.fixture(autouse=True)
def _switch_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process keeps its own."""
    monkeypatch.setattr(sys, "setswitchinterval", lambda _: None)


def test_an_actor_has_the_priority_of_its_engine_whatever_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "nice", lambda _: 10)
    monkeypatch.setattr(os, "getpriority", lambda *_: 10)

    assert ActorProcess(tmp_path, "p0000").last_words == ""


def test_an_actor_that_ray_has_put_behind_its_engine_does_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ray's default is niceness 15: beside a busy client such actors would starve."""
    monkeypatch.setattr(os, "nice", lambda _: 15)
    monkeypatch.setattr(os, "getpriority", lambda *_: 0)

    with pytest.raises(AssertionError, match="RAY_worker_niceness"):
        ActorProcess(tmp_path, "p0000")
