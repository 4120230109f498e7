"""A directory outlives releases: each block names the schemas of the code that wrote it."""

import time
from pathlib import Path

import pytest

from actors.bench.flow import Flow
from actors.local_transport import LocalTransport
from actors.roles import log_identity
from engine.client.transport import REFERENCE
from engine.config import Config, EngineConfig, LogConfig
from engine.rows.events import EVENT_BYTES
from engine.rows.schema import schema_set_digest
from storage.log_identity import REFERENCE_PARTITION
from storage.log_reader import LogReader
from storage.manifest import new_manifest, read_manifest, write_manifest

OLDER_SCHEMAS = b"o" * 32
SMALL = Config(
    engine=EngineConfig(orders_max=100, executions_max=1_000, positions_max=200),
    log=LogConfig(map_size_gib=1, segment_bytes_max=2**26, free_space_min_mib=16),
)


def schemas_of_blocks(log: Path) -> list[bytes]:
    with LogReader.open(log) as reader:
        return [block.header.schema_digest for block in reader.blocks(0)]


def test_new_blocks_name_the_schemas_of_the_running_code_in_a_directory_of_an_older_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "engine"
    uuids = {0: b"\x01" * 16, REFERENCE_PARTITION: b"\x02" * 16}
    older = new_manifest(
        engine_uuid=b"e" * 16, log_uuids=uuids, row_bytes=EVENT_BYTES, schema_digest=OLDER_SCHEMAS
    )
    write_manifest(directory, older)
    flow = Flow(seed=3, accounts=4, instruments=4)
    with monkeypatch.context() as release:
        release.setattr(log_identity, "schema_set_digest", lambda: OLDER_SCHEMAS)
        transport = LocalTransport(directory, SMALL, time.time_ns, allow_volatile=True)
        transport.deliver(REFERENCE, flow.definitions())
        transport.close()
    older_blocks = schemas_of_blocks(directory / "p0000")

    transport = LocalTransport(directory, SMALL, time.time_ns, allow_volatile=True)
    transport.deliver(0, flow.market())
    transport.close()

    assert set(older_blocks) == {OLDER_SCHEMAS}
    blocks = schemas_of_blocks(directory / "p0000")
    assert blocks[: len(older_blocks)] == older_blocks
    assert set(blocks[len(older_blocks) :]) == {schema_set_digest()}
    assert read_manifest(directory) == older
