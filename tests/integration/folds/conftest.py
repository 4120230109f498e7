"""A made engine with several blocks, a copy with other events, a snapshot of it, and the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from actors.bench.flow import Flow
from actors.folds.log_fold import LogFold
from actors.local_transport import LocalTransport
from actors.roles.engine_files import capacity_of
from actors.roles.log_identity import identity_of
from actors.roles.snapshots import Snapshots, snapshot_path
from engine.client.transport import REFERENCE
from engine.config import Config
from engine.rows.events import HEAD
from storage.event_log import EventLog
from storage.log_reader import LogReader
from storage.manifest import read_manifest, write_manifest
from storage.seal import seal
from tests.unit.actors.cli.conftest import NOON_NS, SMALL, Run, run

__all__ = ["Run", "run"]

SECOND_NS = 10**9
WAVES = 3
ORDERS = 12

Change = Callable[[int, np.ndarray], np.ndarray]
"""From the offset of a block and its rows (HEAD dtype, to be written to) to the rows to keep."""


def make_engine(directory: Path, noon_ns: int = NOON_NS, drawn: int = 0) -> Path:
    """An engine with the whole lives of some orders, a block a wave, each a second after the other.

    Request and correlation ids are counted from `drawn` on.
    """
    times = iter(range(noon_ns, noon_ns + 10**6 * SECOND_NS, SECOND_NS))
    transport = LocalTransport(directory, SMALL, lambda: next(times), allow_volatile=True)
    flow = Flow(seed=3, accounts=3, instruments=2)
    flow._requests = drawn
    transport.deliver(REFERENCE, _correlated(flow.definitions(), drawn))
    for commands in (flow.market(), *(flow.wave(ORDERS)[0] for _ in range(WAVES))):
        transport.deliver(0, _correlated(commands, drawn))
    transport.close()
    return directory


def _correlated(commands: np.ndarray, drawn: int) -> np.ndarray:
    commands["correlation_hi"] = drawn
    return commands


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made engine; nothing in it may be changed."""
    return make_engine(tmp_path_factory.mktemp("folds") / "engine")


def rows_of(directory: Path, log: str = "p0000") -> np.ndarray:
    """Every event of a log, HEAD dtype."""
    with LogReader.open(directory / log) as reader:
        return np.concatenate([block.rows(HEAD) for block in reader.blocks(0)])


def rewritten(source: Path, target: Path, change: Change) -> Path:
    """A copy of an engine whose partition has other events, with all hashes made anew, as a forger would."""
    manifest = read_manifest(source)
    write_manifest(target, manifest)
    for name, entry in manifest.logs.items():
        identity = identity_of(manifest, entry.partition)
        with (
            LogReader.open(source / name) as reader,
            EventLog.open(
                target / name, identity, map_size_bytes=2**28, create=True, allow_volatile=True
            ) as log,
        ):
            log.claim()
            for block in reader.blocks(0):
                header = block.header
                rows = block.rows(HEAD).copy()
                if name == "p0000":
                    rows = change(header.base_offset, rows)
                if not len(rows):
                    continue
                sealed, _ = seal(
                    log.tip,
                    rows,
                    {},
                    identity=identity,
                    epoch=log.epoch,
                    append_ts_first_ns=header.append_ts_first_ns,
                    append_ts_last_ns=header.append_ts_last_ns,
                )
                log.append(sealed)
    return target


def leave_snapshot(directory: Path, position: int, change: Callable[[Any], object] = lambda _: None) -> None:
    """Write a snapshot at the end of a block, of tables that were changed before."""
    with LogReader.open(directory / "p0000") as reader:
        fold = LogFold(reader, 0, capacity_of(Config(), 0))
        fold.fold_to(position)
        change(fold.kernel.tables)
        Snapshots(snapshot_path(directory, 0), reader).write(fold.kernel.tables)


def document_of(run: Run, *arguments: object) -> dict[str, Any]:
    """What a verb prints with --json; it must not have failed."""
    done = run("replay", *arguments, "--json")
    assert done.code in (0, 1), done.err
    document: dict[str, Any] = json.loads(done.out)
    return document
