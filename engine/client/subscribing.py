"""Subscriptions: the events of one log as they become durable, each once and in order, from any position."""

from collections.abc import Mapping
from typing import Self

import msgspec

from engine.answers import Ack
from engine.client.catalog import Catalog
from engine.client.connection import Connection, knowing
from engine.client.conversation import Ask, Conversation, converse, converse_async
from engine.client.reading import Position, handles_of, homes_of, whole_offset
from engine.errors import BadRequest, NotReady
from engine.reads.answers import decode_answer, table_of
from engine.reads.questions import ROWS_MAX, ReadEvents, encode_question
from engine.reads.table import Table
from engine.values import whole_within

BEGINNING = -1
"""The position before the first event of a log."""


def subscribe(
    connection: Connection,
    *,
    after: Position = BEGINNING,
    until: Position | None = None,
    account: str | None = None,
    strategy: str | None = None,
    instrument: str | None = None,
    partition: int | None = None,
    rows_max: int = 1_000,
) -> Conversation["Subscription"]:
    """Follow a log from a position: iterate what this gives, with `for` or `async for`, for tables of events.

    A subscription follows one log. Where an engine has several, say which: by account, strategy, Ack or
    `partition`.

    - `after`: the last event that was seen: an offset, an Ack, or the `as_of` of a table; the first event of
      the log comes first if left out.
    - `until`: the last event wanted; without it the iteration waits for what comes next and never ends.
    - `account`, `strategy`, `instrument`: names; only events that have them.
    - `rows_max`: events looked at for one table.
    """
    limit = whole_within(rows_max, 1, ROWS_MAX, "rows_max")
    catalog = yield from knowing(connection, account=account, strategy=strategy, instrument=instrument)
    number = _log_of(catalog, partition, after, homes_of(catalog, account, strategy))
    question = ReadEvents(
        limit=limit, **handles_of(catalog, account=account, strategy=strategy, instrument=instrument)
    )
    last = None if until is None else _offset(until, number, "until")
    return Subscription(connection, number, _offset(after, number, "after"), last, question)


def _log_of(catalog: Catalog, partition: int | None, after: Position, homes: list[int]) -> int:
    """The partition whose log is followed; BadRequest where that is not clear."""
    if partition is not None:
        homes = [number for number in catalog.partitions if number == partition]
    elif isinstance(after, Ack):
        homes = [number for number in homes if number == after.partition]
    if len(homes) != 1:
        raise BadRequest(
            f"a subscription follows the log of one partition, found {homes or 'none'} of "
            f"{catalog.partitions}: name an account, a strategy or partition="
        )
    return homes[0]


def _offset(position: Position, partition: int, what: str) -> int:
    """The offset of a position in a partition's log."""
    if isinstance(position, Ack):
        if position.partition != partition or position.position < 0:
            raise BadRequest(f"{what}= is an Ack that marks no position in the log of partition {partition}")
        return position.position
    here = position.get(partition, BEGINNING) if isinstance(position, Mapping) else position
    offset = whole_offset(here, what)
    if offset < BEGINNING:
        raise BadRequest(f"{what}={offset} is no offset: the first event has 0, -1 is before it")
    return offset


class Subscription:
    """The events of one log, in its order: each step of an iteration gives those that came next, as a Table.

    Attributes:
        partition: whose log it follows.
        position: the offset of the last event looked at. Keep it, and subscribe `after` it to go on from
            there, in another process if need be: every event is given once.
    """

    def __init__(
        self, connection: Connection, partition: int, position: int, until: int | None, question: ReadEvents
    ) -> None:
        self.partition = partition
        self.position = position
        self._connection = connection
        self._until = until
        self._question = question

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Table:
        table = converse(self._connection.transport, self._take())
        if table is None:
            raise StopIteration
        return table

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Table:
        table = await converse_async(self._connection.transport, self._take())
        if table is None:
            raise StopAsyncIteration
        return table

    def _take(self) -> Conversation[Table | None]:
        """The next events that match; None at the end."""
        while self._until is None or self.position < self._until:
            try:
                table = yield from self._look()
            except NotReady:
                # The transport has waited as long as it cares to: nothing came, wait again.
                continue
            if len(table):
                return table
        return None

    def _look(self) -> Conversation[Table]:
        """The events that match among the next ones, once there is a next one."""
        start = self.position + 1
        limit = self._question.limit
        if self._until is not None:
            limit = min(limit, self._until - self.position)
        question = msgspec.structs.replace(self._question, start=start, limit=limit, min_position=start)
        answer = decode_answer((yield Ask(self.partition, encode_question(question))))
        self.position = min(answer.as_of, self.position + limit)
        behind = answer.as_of - self.position
        # The table reflects what was looked at, so that its `as_of` is a position to go on from.
        return table_of(
            [msgspec.structs.replace(answer, as_of=self.position, lag_events=answer.lag_events + behind)]
        )
