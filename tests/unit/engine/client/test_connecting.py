"""Connecting: a target leads to an installed transport, and importing engine loads no more than it must."""

import asyncio
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint

import pytest

import engine
from engine import Admin, AsyncClient, Client, VenueFeed
from engine.client import connecting
from engine.errors import BadRequest
from tests.unit.engine.client.kernel_transport import KernelTransport

OPENED: list[KernelTransport] = []


def connect(place: str, *, config: object, clock: object) -> KernelTransport:
    """What a transport's entry point looks like."""
    assert place == "somewhere"
    OPENED.append(KernelTransport())
    return OPENED[-1]


@pytest.fixture
def scheme_named_test(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = EntryPoint(name="test", value=f"{__name__}:connect", group=connecting.TRANSPORTS)
    monkeypatch.setattr(connecting, "entry_points", lambda group: [entry] if group == entry.group else [])


@pytest.mark.usefixtures("scheme_named_test")
def test_a_face_connects_introduces_itself_and_closes() -> None:
    with Client.connect("test:somewhere", principal="quant") as client:
        assert client.catalog.principal("quant").handle == 1
        assert OPENED[-1].principal == 1
        assert OPENED[-1].is_open
    assert not OPENED[-1].is_open


@pytest.mark.usefixtures("scheme_named_test")
def test_every_face_connects() -> None:
    with Admin.connect("test:somewhere", principal="ops") as admin:
        assert admin.set_venue("XNAS").is_accepted
    with VenueFeed.connect("test:somewhere", venue="XNAS") as feed:
        assert feed.catalog.principal("XNAS").handle == 1


@pytest.mark.usefixtures("scheme_named_test")
@pytest.mark.parametrize("target", ["", "somewhere", "test:", "tset:somewhere", ":somewhere"])
def test_a_target_that_is_not_understood_is_told_what_is(target: str) -> None:
    with pytest.raises(BadRequest, match="expected test:DIR"):
        Client.connect(target, principal="quant")


def test_the_transports_of_this_distribution_are_found() -> None:
    with pytest.raises(BadRequest, match="expected local:DIR or ray:DIR"):
        Client.connect("nowhere", principal="quant")


@pytest.mark.usefixtures("scheme_named_test")
@pytest.mark.parametrize("principal", ["", "x" * 17, "Zoë"])
def test_a_principal_is_a_name(principal: str) -> None:
    with pytest.raises(BadRequest, match="principal"):
        Client.connect("test:somewhere", principal=principal)


CONNECTS: dict[str, Callable[[str], object]] = {
    "Client": lambda name: Client.connect("test:somewhere", principal=name),
    "Admin": lambda name: Admin.connect("test:somewhere", principal=name),
    "AsyncClient": lambda name: asyncio.run(AsyncClient.connect("test:somewhere", principal=name)),
    "VenueFeed": lambda name: VenueFeed.connect("test:somewhere", venue="XNAS", principal=name),
}


@pytest.mark.usefixtures("scheme_named_test")
@pytest.mark.parametrize("connect_as", CONNECTS.values(), ids=CONNECTS)
def test_who_cannot_be_introduced_gives_the_transport_back(connect_as: Callable[[str], object]) -> None:
    with pytest.raises(BadRequest, match="has 17 bytes"):
        connect_as("x" * 17)

    assert not OPENED[-1].is_open


@pytest.mark.usefixtures("scheme_named_test")
def test_an_async_client_is_awaited_or_entered() -> None:
    async def awaited() -> None:
        client = await AsyncClient.connect("test:somewhere", principal="quant")
        assert OPENED[-1].is_open
        client.close()

    async def entered() -> None:
        async with AsyncClient.connect("test:somewhere", principal="quant") as client:
            assert client.catalog.principal("quant").handle == 1
            assert OPENED[-1].is_open

    for use in (awaited, entered):
        asyncio.run(use())
        assert not OPENED[-1].is_open


def loaded_after(statement: str) -> set[str]:
    """The top-level modules that a fresh process has loaded after a statement."""
    script = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    return set(
        subprocess.run(
            [sys.executable, "-c", script], check=True, capture_output=True, text=True
        ).stdout.split()
    )


def test_importing_engine_loads_neither_numba_nor_the_other_packages() -> None:
    assert loaded_after("import engine") & {"numba", "numpy", "actors", "storage", "ray", "lmdb"} == set()
    assert loaded_after("from engine import Client, errors") & {"actors", "storage", "ray", "lmdb"} == set()


def test_every_public_name_is_there() -> None:
    assert [name for name in engine.__all__ if not hasattr(engine, name)] == []
    with pytest.raises(AttributeError, match="has no attribute 'Trader'"):
        engine.Trader  # noqa: B018
