"""What sealing 4,000 rows of 192 bytes costs, and sealing with a synced commit."""

from pathlib import Path
from typing import Any

from benchmarks.conftest import Prepared
from engine.kernel.jit import CODE_VERSION
from engine.rows.events import EVENT_BYTES
from engine.rows.schema import schema_set_digest
from storage.chain_tip import ChainTip
from storage.event_log import EventLog
from storage.log_identity import LogIdentity
from storage.seal import seal

IDENTITY = LogIdentity(bytes(16), 0, EVENT_BYTES, schema_set_digest(), CODE_VERSION)


def test_seal(benchmark: Any, prepared: Prepared) -> None:
    """Tree, chain and checksum of a block; nothing is stored."""
    rows = prepared.events()
    benchmark(
        lambda: seal(
            ChainTip(), rows, {}, identity=IDENTITY, epoch=1, append_ts_first_ns=1, append_ts_last_ns=1
        )
    )


def test_seal_and_commit(benchmark: Any, prepared: Prepared, tmp_path: Path) -> None:
    """The same, and durable."""
    rows = prepared.events()
    with EventLog.open(tmp_path / "p0000", IDENTITY, create=True) as log:
        epoch = log.claim()

        def commit() -> None:
            block, _ = seal(
                log.tip, rows, {}, identity=IDENTITY, epoch=epoch, append_ts_first_ns=1, append_ts_last_ns=1
            )
            log.append(block)

        benchmark.pedantic(commit, rounds=100, warmup_rounds=5)
