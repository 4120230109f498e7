"""The questions a projector answers, as MessagePack on the way to it.

Handles are those of the reference log; 0 means any. Every question may name a `min_position`: the offset of
an event that the answer must reflect, for example that of one's own acknowledged command.
"""

from typing import Literal

import msgspec

from engine.client.facts import CatalogQuestion, OrderFactsQuestion
from engine.errors import BadRequest

GroupBy = Literal["account", "strategy", "instrument", "firm", "currency"]

WHOLE: tuple[GroupBy, ...] = ("firm", "currency")
"""Groups that are about everything: no table has them, sums by account make them."""

NAMED: tuple[GroupBy, ...] = ("account", "strategy", "instrument")
"""Groups of which one can be asked for by its name."""

ROWS_MAX = 100_000
"""Most rows of one answer, and most ids of one question: some 10 MB, which take tens of milliseconds."""

ID_BYTES = 16
"""An order id, big-endian."""

LEVELS_MAX = 1_024
"""Most price levels of one side in an answer."""


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every question may say."""

    min_position: int = -1


class ReadOrders(Question, frozen=True, kw_only=True, tag="orders"):
    """Orders by id, or the newest that match, newest first; ids are 16 bytes each, big-endian, joined."""

    order_ids: bytes | None = None
    account: int = 0
    strategy: int = 0
    instrument: int = 0
    is_open: bool = False
    limit: int = 1_000


class ReadPositions(Question, frozen=True, kw_only=True, tag="positions"):
    """Every position that matches."""

    account: int = 0
    strategy: int = 0
    instrument: int = 0


class ReadExposure(Question, frozen=True, kw_only=True, tag="exposure"):
    """Exposure of one group, or of all (handle 0), one row for each group and currency.

    With a currency, sums are in this one, through rates of exchange. A mark or a rate that is older than
    `since_ns`, UTC ns, counts as none.
    """

    by: GroupBy = "account"
    handle: int = 0
    currency: str = ""
    since_ns: int = 0


class ReadProfit(Question, frozen=True, kw_only=True, tag="profit"):
    """Profit and loss of one group, or of all (handle 0), one row for each group and currency.

    With a currency, sums are in this one, through rates of exchange. A mark or a rate that is older than
    `since_ns`, UTC ns, counts as none.
    """

    by: GroupBy = "account"
    handle: int = 0
    currency: str = ""
    since_ns: int = 0


class ReadBook(Question, frozen=True, kw_only=True, tag="book"):
    """The best price levels of an instrument, buyers first, each side best first."""

    instrument: int
    levels: int = 10


class ReadLastSeqs(Question, frozen=True, kw_only=True, tag="last_seqs"):
    """The last number each order's owner lane has used; ids as in `ReadOrders`. Unknown ids are at 0."""

    order_ids: bytes


class ReadHistory(Question, frozen=True, kw_only=True, tag="history"):
    """Every event of one order, oldest first; the id as 16 bytes, big-endian."""

    order_id: bytes


class ReadEvents(Question, frozen=True, kw_only=True, tag="events"):
    """The events that match among the `limit` of the log from offset `start` on, in its order."""

    start: int = 0
    account: int = 0
    strategy: int = 0
    instrument: int = 0
    limit: int = 1_000


class ReadHalts(Question, frozen=True, kw_only=True, tag="halts"):
    """Who may not trade freely, since when and why: halts and trading states."""


class ReadLeases(Question, frozen=True, kw_only=True, tag="leases"):
    """What the partition may use of each of the firm's limits, and what it uses."""


class ReadStatus(Question, frozen=True, kw_only=True, tag="status"):
    """How far the projection is, and how full its tables are."""


AnyQuestion = (
    ReadOrders
    | ReadPositions
    | ReadExposure
    | ReadProfit
    | ReadBook
    | ReadLastSeqs
    | ReadHistory
    | ReadEvents
    | ReadHalts
    | ReadLeases
    | ReadStatus
)

Asked = AnyQuestion | CatalogQuestion | OrderFactsQuestion
"""Whatever a projector may be asked: a read, or what a client must know before it can write a command."""

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(Asked)


def encode_question(question: AnyQuestion) -> bytes:
    """The question as MessagePack."""
    return _ENCODER.encode(question)


def decode_question(data: bytes) -> Asked:
    """Read a question; BadRequest says what is wrong with one that can't be understood."""
    try:
        question: Asked = _DECODER.decode(data)
    except msgspec.MsgspecError as error:
        raise BadRequest(f"a question that can't be read: {error}") from error
    return question
