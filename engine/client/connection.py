"""The connection: what all faces of one client share, and how it introduces itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from engine.client.catalog import Catalog
from engine.client.command_rows import probe_rows
from engine.client.connecting import open_transport
from engine.client.conversation import Ask, Conversation, Send
from engine.client.facts import catalog_question, learn_catalog
from engine.client.marks import MarkGate
from engine.client.order_memory import OrderMemory
from engine.client.request_ids import RequestId, Words, derived_request, request_words
from engine.client.transport import REFERENCE, Clock, Transport
from engine.client.viewing import Views
from engine.config import Config
from engine.errors import Unavailable
from engine.limits import CL_ORD_ID_BYTES_MAX
from engine.rows.commands import command_rows
from engine.values import name_bytes
from engine.vocabulary import AnswerCode, CommandKind, Lane

NS_PER_MS = 10**6

_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", np.uint8)
_BITS = 5
_MASK = 2**_BITS - 1
_CHANCE_PLACES = 14
"""Places of a made-up ClOrdID that hold chance, 70 bits: two of a billion are equal once in 2,000 tries."""

_NOBODY = (0, 0)
"""An order id that no order has: a probe with it tells only how far a log is."""


class Connection:
    """A transport and what a client knows: catalog, orders, settings. One thread uses it at a time."""

    def __init__(self, transport: Transport, config: Config | None = None) -> None:
        self._transport = transport
        self._is_closed = False
        self.config = config or Config()
        self.catalog = Catalog(transport.slots)
        self.orders = OrderMemory()
        self.views = Views(transport)
        self.marks = MarkGate(self.config.marks.interval_ms * NS_PER_MS)

    @property
    def transport(self) -> Transport:
        """What carries rows and questions; every method of a face takes it first. Unavailable once closed."""
        if self._is_closed:
            raise Unavailable("this client is closed: connect again")
        return self._transport

    def close(self) -> None:
        """Give the transport back; closing again does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        self._transport.close()

    def fresh_text_id(self) -> str:
        """A ClOrdID nobody has used."""
        text: bytes = self.fresh_text_ids(1)[0]
        return text.decode("ascii")

    def fresh_text_ids(self, count: int) -> np.ndarray:
        """ClOrdIDs nobody has used, S20: 14 characters of chance and 6 that count; up to 2**30 of them."""
        hi, lo = self.transport.new_id()
        chance = (hi << 64 | lo) % 2 ** (_BITS * _CHANCE_PLACES)
        letters = np.empty((count, CL_ORD_ID_BYTES_MAX), np.uint8)
        for place in range(_CHANCE_PLACES):
            letters[:, place] = _ALPHABET[chance >> (_BITS * place) & _MASK]
        counted = np.arange(count)
        for place in range(CL_ORD_ID_BYTES_MAX - _CHANCE_PLACES):
            letters[:, _CHANCE_PLACES + place] = _ALPHABET[counted >> (_BITS * place) & _MASK]
        return letters.view(f"S{CL_ORD_ID_BYTES_MAX}").reshape(count)

    def request_words(self, request_id: RequestId | None) -> Words:
        """A request id in two words: the caller's, or a fresh one."""
        return self.transport.new_id() if request_id is None else request_words(request_id)


@contextmanager
def opening(target: str, *, config: Config | None, clock: Clock | None) -> Iterator[Connection]:
    """A connection to a target as `local:DIR`, for a block that introduces somebody; closed if that fails."""
    connection = Connection(open_transport(target, config=config, clock=clock), config)
    try:
        yield connection
    except BaseException:
        connection.close()
        raise


def introduce(connection: Connection, principal: str) -> Conversation[None]:
    """Declare who sends from now on, and take the first copy of the catalog.

    The request id follows from the name, so that whoever connects again is a duplicate with the same handle.
    """
    rows = command_rows(1)
    rows["text"] = name_bytes(principal, "principal")
    rows["kind"], rows["lane"] = CommandKind.SET_PRINCIPAL, Lane.OPERATOR
    rows["request_hi"], rows["request_lo"] = derived_request("principal", principal)
    answers, _ = yield Send(REFERENCE, rows)
    answer = answers[0]
    assert answer["code"] in {AnswerCode.ACCEPTED, AnswerCode.DUPLICATE}, f"principal {principal!r}: {answer}"
    connection.transport.declare(int(answer["handle"]))
    connection.catalog.add_principal(principal, int(answer["handle"]))
    yield from refresh(connection)


def refresh(connection: Connection) -> Conversation[None]:
    """Copy the reference data as it stands in the first partition's log at this moment."""
    partition = connection.catalog.partitions[0]
    _, next_offset = yield Send(partition, probe_rows([_NOBODY]))
    answer = yield Ask(partition, catalog_question(next_offset - 1))
    learn_catalog(connection.catalog, answer)


def knowing(connection: Connection, **names: str | list[str] | None) -> Conversation[Catalog]:
    """The catalog, copied again if it lacks one of these names: `knowing(c, account="A", venue="XNAS")`."""
    if not connection.catalog.knows(**names):
        yield from refresh(connection)
    return connection.catalog
