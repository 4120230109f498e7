"""What is installed is ours and nothing else: the three names, the wheel, the entry points, the locks."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.house_rules import PACKAGES, ROOT

LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


def run(*command: str, folder: Path) -> str:
    """The standard output of a command that must succeed."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def printed_by(code: str) -> str:
    """What a new interpreter prints, started away from the repository."""
    return run(sys.executable, "-c", code, folder=Path("/")).strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "-d", str(folder), folder=ROOT)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


@pytest.mark.parametrize("package", PACKAGES)
def test_a_top_level_name_is_ours(package: str) -> None:
    found = printed_by(f"import {package}; print({package}.__file__)")

    assert Path(found) == ROOT / package / "__init__.py"


def test_importing_engine_loads_no_infrastructure() -> None:
    loaded = printed_by(
        "import sys, engine; print(sorted({'ray', 'lmdb', 'storage', 'actors'} & {*sys.modules}))"
    )

    assert loaded == "[]"


def test_roles_and_the_in_process_transport_load_no_ray() -> None:
    """The import contract sees what is written; this sees what happens."""
    loaded = printed_by(
        "import importlib, pkgutil, sys, actors.local_transport, actors.roles as roles\n"
        "for module in pkgutil.walk_packages(roles.__path__, 'actors.roles.'):\n"
        "    importlib.import_module(module.name)\n"
        "print('ray' in sys.modules)"
    )

    assert loaded == "False"


def test_the_wheel_holds_the_three_packages_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    top_level = {name.split("/")[0] for name in wheel.namelist()}

    assert {name for name in top_level if not name.endswith(".dist-info")} == set(PACKAGES)


def test_the_wheel_declares_the_command_and_the_transports(wheel: zipfile.ZipFile) -> None:
    declared = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))

    lines = wheel.read(declared).decode().splitlines()
    assert "orderfold = actors.cli.main:main" in lines
    assert "[orderfold.transports]" in lines


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_carries_its_types(wheel: zipfile.ZipFile, package: str) -> None:
    assert f"{package}/py.typed" in wheel.namelist()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_holds_versions_and_hashes_but_no_address(lock: Path) -> None:
    lines = lock.read_text().splitlines()
    pins = [line for line in lines if "==" in line and not line.lstrip().startswith("#")]

    assert [line for line in pins if not line.endswith("\\")] == [], "a pin without a hash"
    assert [line for line in lines if "://" in line or "index-url" in line or "find-links" in line] == []


def test_the_build_backend_is_locked() -> None:
    """An editable install must not have to fetch its backend."""
    assert "\nhatchling==" in (ROOT / "requirements" / "dev.lock").read_text()
