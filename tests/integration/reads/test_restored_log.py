"""A log that was put back to an older state is noticed by every follower that has seen more of it."""

import shutil
from pathlib import Path

import pytest

from actors.local_transport import LocalTransport
from actors.roles.snapshots import Snapshots
from actors.roles.snapshotter import Snapshotter
from engine import Admin, Client
from engine.config import Config, EngineConfig
from engine.errors import IntegrityError
from storage.backup import copy_engine
from storage.log_directory import REFERENCE_LOG
from storage.log_reader import LogReader
from tests.integration.reads.flow_log import append, open_flow_log
from tests.integration.storage.snapshot_place import SMALL, run
from tests.unit.actors.flow_blocks import MemoryLog, flow_log, small_projector
from tests.unit.engine.projections.made_flow import MadeFlow

CONFIG = Config(engine=EngineConfig(orders_max=1_000, positions_max=1_000, executions_max=1_000))
BLOCKS = MadeFlow(5).run(12).blocks


def test_a_projector_that_runs_notices_it() -> None:
    _, log = flow_log(seed=5, frames=12)
    projector = small_projector(log)
    projector.step()
    shorter = MemoryLog(log.chain, visible=len(log.chain) - 1)
    projector._log = shorter

    with pytest.raises(IntegrityError, match=r"the projection has folded up to .* it was rolled back"):
        projector.step()


def test_a_snapshotter_that_runs_notices_it(tmp_path: Path) -> None:
    for name, blocks in (("p0000", BLOCKS), ("older", BLOCKS[:-1])):
        with open_flow_log(tmp_path / name) as log:
            append(log, blocks)
    with LogReader.open(tmp_path / "p0000") as reader, LogReader.open(tmp_path / "older") as older:
        snapshotter = run(Snapshotter(reader, Snapshots(tmp_path / "snapshots", reader), SMALL, partition=0))
        snapshotter._log = older

        with pytest.raises(IntegrityError, match=r"the snapshotter has folded up to .* it was rolled back"):
            snapshotter.step()


def test_a_partition_that_has_copied_more_of_the_reference_log_does_not_start(tmp_path: Path) -> None:
    target = f"local:{tmp_path / 'engine'}"
    admin = Admin.connect(target, principal="ops", config=CONFIG)
    admin.set_venue("FIRST").raise_for_refusal()
    assert copy_engine(tmp_path / "engine", tmp_path / "older").ok
    admin.set_venue("SECOND").raise_for_refusal()
    admin.close()
    shutil.rmtree(tmp_path / "engine" / REFERENCE_LOG)
    shutil.copytree(tmp_path / "older" / REFERENCE_LOG, tmp_path / "engine" / REFERENCE_LOG)

    with pytest.raises(IntegrityError, match=r"partition 0 has copied .* it was rolled back"):
        Admin.connect(target, principal="ops", config=CONFIG)


def tip_of(client: Client | Admin) -> int:
    """The offset behind the last event of the only partition's log."""
    transport = client.connection.transport
    assert isinstance(transport, LocalTransport)
    return transport.partitions[0].log.tip.next_offset


def test_a_subscription_and_a_read_that_have_seen_more_are_told(tmp_path: Path) -> None:
    admin = Admin.connect(f"local:{tmp_path / 'engine'}", principal="ops", config=CONFIG)
    admin.set_venue("FIRST").raise_for_refusal()
    seen_before = tip_of(admin) - 1
    assert copy_engine(tmp_path / "engine", tmp_path / "older").ok
    # More than a client's own introduction adds to the older log: positions tell no two histories apart.
    for name in ("SECOND", "THIRD", "FOURTH", "FIFTH"):
        admin.set_venue(name).raise_for_refusal()
    seen = tip_of(admin) - 1
    assert seen > seen_before >= 0
    admin.close()

    client = Client.connect(f"local:{tmp_path / 'older'}", principal="quant", config=CONFIG)
    with pytest.raises(IntegrityError, match="has seen more than it holds"):
        next(client.subscribe(after=seen))
    with pytest.raises(IntegrityError, match="restored from an older backup"):
        client.positions(min_position=seen)
    assert list(client.subscribe(after=seen_before - 1, until=seen_before)), "others go on"
    client.close()
