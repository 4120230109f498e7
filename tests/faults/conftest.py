"""What fault tests may ask for."""

import shutil
import subprocess

import pytest


@pytest.fixture(scope="session")
def strace() -> str:
    """The path of a working strace; skips where there is none, or where processes may not be traced."""
    path = shutil.which("strace")
    if path is None:
        pytest.skip("strace is not installed: no system call can be recorded or made to fail")
    tried = subprocess.run([path, "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"strace may not trace here: {tried.stderr.strip()}")
    return path
