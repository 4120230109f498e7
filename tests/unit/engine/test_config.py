"""The configuration's shape: defaults pass their own checks, and bounds hold in code as in files."""

import pickle

import msgspec
import pytest

from engine.config import (
    ClientConfig,
    Config,
    EngineConfig,
    LogConfig,
    PartitionConfig,
    ProjectionConfig,
    checked,
)
from engine.errors import ConfigInvalid


def test_the_embedded_defaults_pass_every_check() -> None:
    assert checked(Config()) == Config()


def test_a_configuration_made_in_code_is_held_to_the_same_bounds() -> None:
    too_many = Config(engine=EngineConfig(partitions=65))

    with pytest.raises(ConfigInvalid, match=r"int` <= 64 - at `\$\.engine\.partitions`"):
        checked(too_many)


def test_a_configuration_cannot_be_changed_after_it_is_made() -> None:
    config = Config()

    with pytest.raises(AttributeError):
        config.engine.partitions = 2  # type: ignore[misc]


def test_an_unknown_key_is_refused_and_not_dropped() -> None:
    with pytest.raises(msgspec.ValidationError, match="partions"):
        msgspec.convert({"engine": {"partions": 2}}, Config)


def test_a_configuration_reaches_another_process_unchanged() -> None:
    config = Config(engine=EngineConfig(partitions=3))

    assert pickle.loads(pickle.dumps(config)) == config


def test_an_alarm_that_sounds_too_late_is_refused() -> None:
    with pytest.raises(ValueError, match=r"alarm_percent.*94.*found 95"):
        PartitionConfig(alarm_percent=95, refuse_percent=95)


def test_a_segment_must_leave_room_in_its_map() -> None:
    with pytest.raises(ValueError, match="segment_bytes_max"):
        LogConfig(map_size_gib=1, segment_bytes_max=2**30)


def test_a_view_is_not_called_stale_for_one_late_heartbeat() -> None:
    with pytest.raises(ValueError, match="heartbeat_ms"):
        ProjectionConfig(heartbeat_ms=200, stale_after_ms=399)


def test_a_client_may_not_send_frames_that_no_partition_takes() -> None:
    with pytest.raises(ValueError, match=r"\[client\] frame_rows_max.*8192.*found 8193"):
        Config(client=ClientConfig(frame_rows_max=8_193))


def test_a_frame_must_fit_one_block() -> None:
    with pytest.raises(ValueError, match=r"\[partition\] frame_rows_max.*16384.*found 16385"):
        Config(partition=PartitionConfig(frame_rows_max=16_385))
