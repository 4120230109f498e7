"""A small made engine directory, and the command line run in this process."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from actors.bench.flow import Flow
from actors.cli.main import main
from actors.local_transport import LocalTransport
from engine.client.transport import REFERENCE
from engine.config import Config, EngineConfig

ORDERS = 20
NOON_NS = 1_767_355_200_000_000_000

SMALL = Config(engine=EngineConfig(orders_max=1_000, positions_max=1_000, executions_max=1_000))


class Done(NamedTuple):
    """What a verb left behind: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str

    @property
    def error(self) -> str:
        """What the only document of a failed verb says; standard error says it too."""
        document = json.loads(self.out)
        assert self.out.count("\n") == 1
        assert document.keys() == {"ok", "error"}
        assert document["ok"] is False
        assert document["error"] in self.err
        return str(document["error"])


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """`run("verify", directory, "--json")`: the verb as the program would run it."""

    def verb(*arguments: object) -> Done:
        monkeypatch.setattr(sys, "argv", ["orderfold", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_:
            main()
        code = exit_.value.code
        captured = capfd.readouterr()
        return Done(code if isinstance(code, int) else int(code is not None), captured.out, captured.err)

    return verb


@pytest.fixture(scope="session")
def made_engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An engine's directory with the whole lives of a few orders; nothing in it may be changed."""
    directory = tmp_path_factory.mktemp("made") / "engine"
    transport = LocalTransport(directory, SMALL, lambda: NOON_NS)
    flow = Flow(seed=3, accounts=3, instruments=2)
    transport.deliver(REFERENCE, flow.definitions())
    transport.deliver(0, flow.market())
    transport.deliver(0, flow.wave(ORDERS)[0])
    transport.close()
    return directory
