"""Orders this client has not sent itself: which partition has them, their terms, and their next numbers.

The partition itself is asked, with a command that numbers itself far ahead: it answers GAP with the right
number and keeps nothing. That is exact where a projection would be a moment old. What an order is never
changes, so that comes from the projector, once it has folded that far.
"""

from collections.abc import Sequence

from engine.answers import Ack
from engine.client.catalog import Instrument
from engine.client.command_rows import probe_rows
from engine.client.connection import Connection, refresh
from engine.client.conversation import Ask, Conversation, Send
from engine.client.facts import facts_of, order_facts_question
from engine.client.order_memory import KnownOrder
from engine.errors import BadRequest
from engine.values import id_text, id_words

OrderId = Ack | str | int
"""An order: its Ack, its id as 32 hex digits, or as a 128-bit number."""

Words = tuple[int, int]


def order_words(order_id: OrderId) -> Words:
    """An order id in two words; BadRequest if it is none."""
    return id_words(order_id.order_id if isinstance(order_id, Ack) else order_id, "order_id")


def listed(order_ids: Sequence[OrderId]) -> Sequence[OrderId]:
    """The same orders, if they are a list; BadRequest for one alone."""
    if isinstance(order_ids, OrderId):
        raise BadRequest(f"order_ids={order_ids!r} is one order; pass a list, as [order]")
    return order_ids


def last_seqs(connection: Connection, order_ids: Sequence[OrderId]) -> Conversation[dict[str, int]]:
    """The last number that was used on each order: order id (32 hex digits) to number, 0 if nobody submitted
    it.

    After a reconnect: what is numbered higher did not arrive and is to be sent again.
    """
    words = [order_words(order_id) for order_id in listed(order_ids)]
    found = yield from _ask_partitions(connection, words)
    return {id_text(*key): found[key].last_seq if key in found else 0 for key in words}


class Found:
    """Where an order was found: its partition, its last number, and how far that partition's log was."""

    __slots__ = ("last_seq", "next_offset", "partition")

    def __init__(self, partition: int, last_seq: int, next_offset: int) -> None:
        self.partition = partition
        self.last_seq = last_seq
        self.next_offset = next_offset


def _ask_partitions(connection: Connection, words: list[Words]) -> Conversation[dict[Words, Found]]:
    """Ask every partition for the last number of each order; only the one that has it knows more than 0."""
    found: dict[Words, Found] = {}
    if not words:
        return found
    for partition in connection.catalog.partitions:
        answers, next_offset = yield Send(partition, probe_rows(words))
        for key, answer in zip(words, answers, strict=True):
            if answer["expected_seq"] > 1:
                found[key] = Found(partition, int(answer["expected_seq"]) - 1, next_offset)
    return found


def known_order(connection: Connection, order_id: OrderId) -> Conversation[KnownOrder]:
    """The order as this client remembers it, else as the partition and its projector know it."""
    words = order_words(order_id)
    order = connection.orders.find(words)
    if order is None:
        order = yield from look_up_order(connection, words)
    return order


def next_seq(order: KnownOrder) -> Conversation[int]:
    """The next number of an order, asked for where this client does not know it; it is then used."""
    if order.next_seq == 0:
        answers, _ = yield Send(order.partition, probe_rows([(order.hi, order.lo)]))
        order.next_seq = int(answers[0]["expected_seq"])
    return order.take_seq()


def look_up_order(connection: Connection, words: Words) -> Conversation[KnownOrder]:
    """The order as the partition and its projector know it; BadRequest where nobody has submitted it."""
    found = (yield from _ask_partitions(connection, [words])).get(words)
    if found is None:
        raise BadRequest(f"order {id_text(*words)} is not known: nobody has submitted it")
    answer = yield Ask(found.partition, order_facts_question([words], found.next_offset - 1))
    row = facts_of(answer)[0]
    if connection.catalog.by_handle(Instrument, row["instrument"]) is None:
        yield from refresh(connection)
    instrument = connection.catalog.by_handle(Instrument, row["instrument"])
    assert instrument is not None, (
        f"order {id_text(*words)} is on instrument {row['instrument']}, which nobody defined"
    )
    order = KnownOrder(
        words,
        found.partition,
        instrument,
        account=int(row["account"]),
        strategy=int(row["strategy"]),
        side=int(row["side"]),
        ord_type=int(row["ord_type"]),
        time_in_force=int(row["time_in_force"]),
        next_seq=found.last_seq + 1,
    )
    return connection.orders.learn(order)
