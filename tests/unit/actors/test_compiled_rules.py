"""Compiled rules are known again, and anything that Numba would compile anew makes them unknown."""

import os
from pathlib import Path

import numba
import pytest

from actors.compiled_rules import are_rules_compiled, note_rules_compiled


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a source, and a cache folder of its own."""
    cache, sources = tmp_path / "cache", tmp_path / "engine"
    cache.mkdir()
    (sources / "kernel").mkdir(parents=True)
    (sources / "kernel" / "rules.py").write_text("RULE = 1\n")
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(cache))
    return sources


def test_rules_are_compiled_once_they_were_noted(sources: Path) -> None:
    assert not are_rules_compiled(sources)

    note_rules_compiled(sources)

    assert are_rules_compiled(sources)


def test_another_date_of_a_source_is_another_source(sources: Path) -> None:
    note_rules_compiled(sources)

    os.utime(sources / "kernel" / "rules.py", ns=(1, 1))

    assert not are_rules_compiled(sources)


def test_a_new_source_is_seen(sources: Path) -> None:
    note_rules_compiled(sources)

    (sources / "more.py").write_text("")

    assert not are_rules_compiled(sources)


def test_without_a_folder_to_write_to_nothing_is_remembered(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "missing"))

    note_rules_compiled(sources)

    assert not are_rules_compiled(sources)
