"""The import contracts catch what they forbid: each is shown a copy of the sources with one bad import."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.house_rules import PACKAGES, ROOT


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of everything the contracts speak of."""
    folder = tmp_path_factory.mktemp("sources")
    for name in (*PACKAGES, "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("engine/limits.py", "import time", "engine reads no clock"),
        ("engine/limits.py", "import storage", "never back"),
        ("engine/limits.py", "import tests", "never back"),
        ("storage/errors.py", "import actors", "never back"),
        ("storage/errors.py", "import engine.limits", "of engine it sees the codec only"),
        ("storage/errors.py", "import ray", "storage runs without Ray"),
        ("actors/roles/__init__.py", "import ray", "run without Ray"),
        ("actors/roles/__init__.py", "import lmdb", "only storage opens LMDB"),
        ("actors/roles/__init__.py", "import pickle", "nothing of ours pickles"),
        ("tests/model/__init__.py", "import engine.limits", "borrows nothing"),
    ],
)
def test_a_bad_import_breaks_its_contract(sources: Path, file: str, line: str, broken: str) -> None:
    path = sources / file
    good = path.read_text()
    path.write_text(f"{good}\n{line}\n")

    report = import_report(sources)

    path.write_text(good)
    assert [text for text in report.splitlines() if broken in text and "BROKEN" in text], report


def import_report(folder: Path) -> str:
    """What import-linter prints about the sources in `folder`."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
