"""What Ray is told before it is loaded, and what it is kept from saying."""

import os

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
