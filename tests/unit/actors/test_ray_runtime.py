"""What Ray is told before it is loaded, and what it is kept from saying."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from actors.ray_runtime import SETTINGS, ray

DAY_S = 86_400
LIMIT = "RAY_gcs_rpc_server_reconnect_timeout_s"


def test_a_client_is_not_ended_because_its_engine_is_gone() -> None:
    """Ray ends a process that has not heard of its cluster for so long: a minute, if it is told nothing."""
    assert int(os.environ[LIMIT]) > 300 * DAY_S


def test_every_setting_is_in_the_environment() -> None:
    assert SETTINGS.items() <= dict(os.environ).items()


def test_what_ray_says_about_a_dead_process_does_not_stand_among_results(
    capsys: pytest.CaptureFixture[str],
) -> None:
    message = {"lines": ["A worker died or was killed"], "pid": "raylet", "is_err": False}

    ray._private.worker.print_to_stdstream(message, ignore_prefix=False)

    assert capsys.readouterr() == ("", "")


EARLY = """
import ray
from pathlib import Path
from actors.ray_cluster import start_ray
from engine.config import Config
from engine.errors import Unavailable
try:
    start_ray(Path("."), Config())
except Unavailable as error:
    print(error)
"""


def test_a_program_that_loaded_ray_too_early_is_told(tmp_path: Path) -> None:
    """Its settings would not hold: it would wait for an engine on another address, without a token."""
    done = subprocess.run(
        [sys.executable, "-c", EARLY], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert "imported ray before" in done.stdout
