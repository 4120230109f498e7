"""A made engine in this process, and what it acknowledged."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from actors.bench.flow import Flow
from actors.demo.acked import Acked, AckedSet
from actors.demo.orders import FRAME_ROWS, OrderSource
from engine import Client
from engine.client.transport import REFERENCE
from engine.config import Config, EngineConfig

FRAMES = 4
INSTRUMENTS = 3

SMALL = Config(engine=EngineConfig(orders_max=10_000, positions_max=1_000, executions_max=10_000))


class Traded(NamedTuple):
    """An engine's directory, a client of it, what it acknowledged, and frames that nobody has sent yet."""

    directory: Path
    client: Client
    acked: Acked
    unsent: np.ndarray


@pytest.fixture(scope="package")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traded]:
    """Some frames of the demo's orders, sent and acknowledged."""
    directory = tmp_path_factory.mktemp("demo") / "engine"
    flow = Flow(seed=5, accounts=7, instruments=INSTRUMENTS)
    acked = AckedSet()
    with Client.connect(f"local:{directory}", principal="tester", config=SMALL) as client:
        transport = client.connection.transport
        transport.deliver(REFERENCE, flow.definitions())
        transport.deliver(0, flow.market())
        frames = OrderSource(flow).frames()
        for number in range(FRAMES):
            frame = next(frames)
            answers = client.send_rows(frame.commands)
            assert (answers.outcomes == frame.codes).all()
            acked.add(frame.commands, answers.positions, float(number))
        assert len(acked) == FRAMES * FRAME_ROWS
        yield Traded(directory, client, acked.all(), next(frames).commands)
