"""A file that is written whole survives a power cut: its content is flushed before its name, its name too."""

import os
from pathlib import Path

import pytest

from storage.file_system import DRAFT_SUFFIX, write_whole


def test_a_file_gets_its_name_once_it_is_flushed_and_then_the_name_is_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    rename = Path.rename

    def note_flush(descriptor: int) -> None:
        done.append(f"flush {Path(f'/proc/self/fd/{descriptor}').readlink().name}")

    def note_rename(path: Path, target: Path) -> Path:
        done.append(f"rename {path.name} {target.name}")
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", note_flush)
    monkeypatch.setattr(Path, "rename", note_rename)

    write_whole(tmp_path / "state", [b"whole"])

    draft = f"state{DRAFT_SUFFIX}"
    assert done == [f"flush {draft}", f"rename {draft} state", f"flush {tmp_path.name}"]
    assert (tmp_path / "state").read_bytes() == b"whole"


def test_a_file_that_can_not_be_flushed_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_whole(tmp_path / "state", [b"old"])

    def refuse(descriptor: int) -> None:
        raise OSError(5, f"descriptor {descriptor} can't be flushed")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="can't be flushed"):
        write_whole(tmp_path / "state", [b"new"])

    assert (tmp_path / "state").read_bytes() == b"old"
