"""An engine's directory is made once; one that has lost its manifest is not taken for a new one."""

import os
from pathlib import Path

import pytest

from actors.roles.engine_files import open_manifest
from storage.errors import ManifestInvalid
from storage.manifest import MANIFEST_FILE


def fresh_uuid() -> bytes:
    return os.urandom(16)


def test_a_manifest_is_made_on_first_use_and_read_from_then_on(tmp_path: Path) -> None:
    made = open_manifest(tmp_path / "engine", 2, fresh_uuid)

    assert open_manifest(tmp_path / "engine", 2, fresh_uuid) == made


def test_no_new_manifest_is_written_over_an_engine_that_has_lost_its_own(tmp_path: Path) -> None:
    open_manifest(tmp_path, 1, fresh_uuid)
    (tmp_path / "p0000" / "000001").mkdir(parents=True)
    (tmp_path / MANIFEST_FILE).unlink()

    with pytest.raises(ManifestInvalid, match="p0000"):
        open_manifest(tmp_path, 1, fresh_uuid)
    assert not (tmp_path / MANIFEST_FILE).exists()
