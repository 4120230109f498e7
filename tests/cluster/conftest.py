"""One engine for this whole folder, because a start costs nine seconds, and a connection to it a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.bench.flow import Flow
from actors.bench.load import define
from tests.cluster.engine_process import Desk, EngineProcess, at_desk

ACCOUNTS, INSTRUMENTS = 64, 16


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark this folder's tests: most start engines, and all look at times that a second run would disturb."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.cluster)


@pytest.fixture(scope="package")
def flow() -> Flow:
    """Where all orders of this folder come from: each is made once."""
    return Flow(seed=11, accounts=ACCOUNTS, instruments=INSTRUMENTS)


@pytest.fixture(scope="package")
def engine(tmp_path_factory: pytest.TempPathFactory, flow: Flow) -> Iterator[EngineProcess]:
    """A running engine with accounts, instruments, limits and marks."""
    engine = EngineProcess(tmp_path_factory.mktemp("cluster") / "engine")
    try:
        with at_desk(engine, flow) as desk:
            define(desk.transport, flow)
        yield engine
    finally:
        engine.end()


@pytest.fixture(scope="module")
def desk(engine: EngineProcess, flow: Flow) -> Iterator[Desk]:
    """This process, connected to that engine."""
    with at_desk(engine, flow) as desk:
        yield desk
