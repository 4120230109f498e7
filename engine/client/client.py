"""The clients: one face that waits, one that is awaited, the same conversations behind both."""

from collections.abc import Coroutine, Generator
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from engine.client import (
    bulk,
    connection,
    operator_canceling,
    order_entry,
    order_lookup,
    reading,
    submitting_many,
    subscribing,
)
from engine.client.catalog import Catalog
from engine.client.connection import Connection
from engine.client.conversation import awaited, blocking, converse, converse_async
from engine.client.transport import Clock
from engine.config import Config


class Face:
    """What every face has: its connection, and the end of it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def catalog(self) -> Catalog:
        """Names, handles, scales, ticks, lots and trade dates as this client knows them."""
        return self.connection.catalog

    def close(self) -> None:
        """Give the connection back; an engine that runs in this process is stopped.

        Afterwards every method, of all faces on this connection, raises Unavailable.
        """
        self.connection.close()


class BlockingFace(Face):
    """A face whose methods wait for their answers; a context manager that closes at its end."""

    @classmethod
    def connect(
        cls, target: str, *, principal: str, config: Config | None = None, clock: Clock | None = None
    ) -> Self:
        """Connect to an engine and say who is there.

        - `target`: `local:DIR`, the whole engine in this process, or `ray:DIR`, one that runs.
        - `principal`: who sends, recorded on every event: at most 16 printable ASCII characters.
        - `config`: settings instead of the embedded ones.
        - `clock`: gives UTC ns, for an engine in this process; the machine's clock if left out.
        """
        with connection.opening(target, config=config, clock=clock) as opened:
            converse(opened.transport, connection.introduce(opened, principal))
        return cls(opened)

    @classmethod
    def on(cls, other: Face) -> Self:
        """A face on the connection of another one: the same principal, transport and catalog."""
        return cls(other.connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Client(BlockingFace):
    """Orders and reads; every method waits for its answer.

    Refusals are results. What is raised is in `engine.errors`: BadRequest before anything is sent,
    OutcomeUnknown where no answer came in time; then the same call again is safe. One thread uses a client at
    a time.
    """

    submit = blocking(order_entry.submit)
    replace = blocking(order_entry.replace)
    cancel = blocking(order_entry.cancel)
    mass_cancel = blocking(operator_canceling.mass_cancel)
    resend_unanswered = blocking(order_entry.resend_unanswered)
    submit_many = blocking(submitting_many.submit_many)
    order_rows = blocking(submitting_many.order_rows)
    send_rows = blocking(bulk.send_rows)
    last_seqs = blocking(order_lookup.last_seqs)
    orders = blocking(reading.orders)
    positions = blocking(reading.positions)
    exposure = blocking(reading.exposure)
    pnl = blocking(reading.pnl)
    leases = blocking(reading.leases)
    book = blocking(reading.book)
    history = blocking(reading.history)
    halts = blocking(reading.halts)
    subscribe = blocking(subscribing.subscribe)
    refresh = blocking(connection.refresh)


C = TypeVar("C", bound="AsyncClient")


class Connecting(Coroutine[Any, Any, C], Generic[C]):
    """A client about to connect: await it for the client, or enter it with `async with`, which closes it."""

    def __init__(self, connecting: Coroutine[Any, Any, C]) -> None:
        self._connecting = connecting

    def __await__(self) -> Generator[Any, Any, C]:
        return self._connecting.__await__()

    def send(self, value: Any) -> Any:
        """Go on, as every coroutine does."""
        return self._connecting.send(value)

    def throw(self, *error: Any) -> Any:
        """Go on with an error, as every coroutine does."""
        return self._connecting.throw(*error)

    def close(self) -> None:
        """Give up connecting."""
        self._connecting.close()

    async def __aenter__(self) -> C:
        self._client = await self._connecting
        return self._client

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()


class AsyncClient(Face):
    """Orders and reads, awaited: the same methods as `Client`."""

    @classmethod
    def connect(
        cls, target: str, *, principal: str, config: Config | None = None, clock: Clock | None = None
    ) -> Connecting[Self]:
        """Connect to an engine and say who is there; arguments as in `Client.connect`.

        Either form does: `client = await AsyncClient.connect(…)`, or `async with AsyncClient.connect(…) as
        client:`, which closes it at the end of its block.
        """
        return Connecting(cls._connect(target, principal, config, clock))

    @classmethod
    async def _connect(cls, target: str, principal: str, config: Config | None, clock: Clock | None) -> Self:
        with connection.opening(target, config=config, clock=clock) as opened:
            await converse_async(opened.transport, connection.introduce(opened, principal))
        return cls(opened)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    submit = awaited(order_entry.submit)
    replace = awaited(order_entry.replace)
    cancel = awaited(order_entry.cancel)
    mass_cancel = awaited(operator_canceling.mass_cancel)
    resend_unanswered = awaited(order_entry.resend_unanswered)
    submit_many = awaited(submitting_many.submit_many)
    order_rows = awaited(submitting_many.order_rows)
    send_rows = awaited(bulk.send_rows)
    last_seqs = awaited(order_lookup.last_seqs)
    orders = awaited(reading.orders)
    positions = awaited(reading.positions)
    exposure = awaited(reading.exposure)
    pnl = awaited(reading.pnl)
    leases = awaited(reading.leases)
    book = awaited(reading.book)
    history = awaited(reading.history)
    halts = awaited(reading.halts)
    subscribe = awaited(subscribing.subscribe)
    refresh = awaited(connection.refresh)
