"""Reads: questions to the projectors, and the one table that their answers make.

Every table says which log positions it reflects (`as_of`). With `min_position` it reflects at least that one:
the Ack of one's own command, the `as_of` of a table seen before, or, with one partition, an offset.
"""

from collections.abc import Mapping, Sequence
from operator import index
from typing import get_args

import msgspec

from engine.answers import Ack
from engine.client.catalog import Catalog
from engine.client.connection import Connection, knowing
from engine.client.conversation import Ask, Conversation
from engine.client.order_lookup import OrderId, listed, order_words
from engine.errors import BadRequest
from engine.limits import NS_PER_SECOND
from engine.reads.answers import Answer, decode_answer, table_of
from engine.reads.questions import (
    LEVELS_MAX,
    NAMED,
    ROWS_MAX,
    AnyQuestion,
    GroupBy,
    ReadBook,
    ReadExposure,
    ReadHalts,
    ReadHistory,
    ReadLeases,
    ReadOrders,
    ReadPositions,
    ReadProfit,
    encode_question,
)
from engine.reads.table import Table
from engine.values import currency_bytes, whole_within

Position = int | Ack | Mapping[int, int]
"""How far a read must reach: an offset of the only partition, an Ack, or partition to offset."""

ANYWHERE = -1
"""The `min_position` of a read that takes what there is."""

AGE_S_MAX = 10**9
"""Oldest mark that can be told from a younger one, in seconds: thirty years."""

GROUPS: tuple[GroupBy, ...] = get_args(GroupBy)


def orders(
    connection: Connection,
    order_ids: Sequence[OrderId] | None = None,
    *,
    account: str | None = None,
    strategy: str | None = None,
    instrument: str | None = None,
    is_open: bool = False,
    limit: int = 1_000,
    min_position: Position = ANYWHERE,
) -> Conversation[Table]:
    """Orders by id, or the newest that match, newest first: terms, status, what is filled and what is left.

    - `order_ids`: Acks, 32 hex digits or numbers; an order nobody knows has no row.
    - `account`, `strategy`, `instrument`: names; `is_open`: only those that can still trade.
    - `limit`: at most so many; the table's `has_more` says whether there were more.
    """
    catalog = yield from knowing(connection, account=account, strategy=strategy, instrument=instrument)
    question = ReadOrders(
        order_ids=None if order_ids is None else b"".join(map(_id_bytes, listed(order_ids))),
        is_open=is_open,
        limit=whole_within(limit, 1, ROWS_MAX, "limit"),
        **handles_of(catalog, account=account, strategy=strategy, instrument=instrument),
    )
    return (yield from _read(connection, question, homes_of(catalog, account, strategy), min_position))


def positions(
    connection: Connection,
    *,
    account: str | None = None,
    strategy: str | None = None,
    instrument: str | None = None,
    min_position: Position = ANYWHERE,
) -> Conversation[Table]:
    """Every position that matches: quantity, average price, cost, profit so far, and what works."""
    catalog = yield from knowing(connection, account=account, strategy=strategy, instrument=instrument)
    handles = handles_of(catalog, account=account, strategy=strategy, instrument=instrument)
    question = ReadPositions(**handles)
    return (yield from _read(connection, question, homes_of(catalog, account, strategy), min_position))


def exposure(
    connection: Connection,
    *,
    by: GroupBy | None = None,
    account: str | None = None,
    strategy: str | None = None,
    instrument: str | None = None,
    currency: str | None = None,
    stale_after_s: int | None = None,
    min_position: Position = ANYWHERE,
) -> Conversation[Table]:
    """Exposure in money, one row a group and currency: long, short, gross, net, working and worst case.

    - `by`: account, strategy, instrument, firm or currency; account if left out and no name is given.
    - `account`, `strategy` or `instrument`: only this one.
    - `currency`: all sums in this one, through the rates that `Admin.set_fx` has set; each in its own if left
      out. What has no rate is in no sum: the table's `unpriced` lists the currency.
    - `stale_after_s`: a mark or a rate older than so many seconds counts as none; of any age if left out.

    What has no mark is in no sum that needs one: the table's `unpriced` lists it.
    """
    group, name = _group(by, account=account, strategy=strategy, instrument=instrument)
    catalog = yield from knowing(connection, **{group: name} if name is not None else {})
    question = ReadExposure(
        by=group,
        handle=0 if name is None else handles_of(catalog, **{group: name})[group],
        currency="" if currency is None else currency_name(currency),
        since_ns=_since_ns(connection, stale_after_s),
    )
    return (yield from _read(connection, question, homes_of(catalog, account, strategy), min_position))


def pnl(
    connection: Connection,
    *,
    by: GroupBy | None = None,
    account: str | None = None,
    strategy: str | None = None,
    instrument: str | None = None,
    currency: str | None = None,
    stale_after_s: int | None = None,
    min_position: Position = ANYWHERE,
) -> Conversation[Table]:
    """Profit and loss, one row a group and currency: realised, and unrealised at the last mark.

    Arguments as in `exposure`. What has no mark is in no unrealised sum: the table's `unpriced` lists it.
    """
    group, name = _group(by, account=account, strategy=strategy, instrument=instrument)
    catalog = yield from knowing(connection, **{group: name} if name is not None else {})
    question = ReadProfit(
        by=group,
        handle=0 if name is None else handles_of(catalog, **{group: name})[group],
        currency="" if currency is None else currency_name(currency),
        since_ns=_since_ns(connection, stale_after_s),
    )
    return (yield from _read(connection, question, homes_of(catalog, account, strategy), min_position))


def leases(connection: Connection, *, min_position: Position = ANYWHERE) -> Conversation[Table]:
    """What each partition may use of the firm's limits, and what it uses: a row a partition and currency.

    `used` is the credit of the partition's accounts: what their positions have cost, and what works.
    """
    return (yield from _read(connection, ReadLeases(), connection.catalog.partitions, min_position))


def book(
    connection: Connection, instrument: str, *, levels: int = 10, min_position: Position = ANYWHERE
) -> Conversation[Table]:
    """The best price levels of what works in an instrument, buyers first, each side best first."""
    catalog = yield from knowing(connection, instrument=instrument)
    handle = catalog.instrument(instrument).handle
    question = ReadBook(instrument=handle, levels=whole_within(levels, 1, LEVELS_MAX, "levels"))
    return (yield from _read(connection, question, catalog.partitions, min_position))


def history(
    connection: Connection, order_id: OrderId, *, min_position: Position = ANYWHERE
) -> Conversation[Table]:
    """Every event of one order, oldest first: who, what, when and why, from the log itself."""
    known = connection.orders.find(order_words(order_id))
    homes = connection.catalog.partitions if known is None else [known.partition]
    question = ReadHistory(order_id=_id_bytes(order_id))
    return (yield from _read(connection, question, homes, min_position))


def halts(connection: Connection, *, min_position: Position = ANYWHERE) -> Conversation[Table]:
    """Who may not trade freely: one row for each scope that a trading state or a halt holds back.

    `is_latched` is a halt of the partition's own, which stays until `Admin.lift_halt`; else it is a trading
    state, which `Admin.set_trading_state` changes. Beside it since when, by which event and whom, and why.
    """
    return (yield from _read(connection, ReadHalts(), connection.catalog.partitions, min_position))


def _read(
    connection: Connection, question: AnyQuestion, partitions: Sequence[int], min_position: Position
) -> Conversation[Table]:
    """Look into the mapped view, or ask the projectors of some partitions and join their answers."""
    reach = _reach(connection.catalog, min_position)
    answers: list[Answer] = []
    for partition in partitions:
        asked = msgspec.structs.replace(question, min_position=reach.get(partition, ANYWHERE))
        table = connection.views.read(partition, asked) if len(partitions) == 1 else None
        if table is not None:
            return table
        reply = yield Ask(partition, encode_question(asked))
        answers.append(decode_answer(reply))
    return table_of(answers)


def _reach(catalog: Catalog, min_position: Position) -> Mapping[int, int]:
    """The offset that each partition must have reached."""
    if isinstance(min_position, Ack):
        return {min_position.partition: min_position.position}
    if isinstance(min_position, Mapping):
        return {number: whole_offset(offset, "min_position") for number, offset in min_position.items()}
    min_position = whole_offset(min_position, "min_position")
    if min_position != ANYWHERE and len(catalog.partitions) > 1:
        raise BadRequest(
            f"min_position={min_position} is of one of {len(catalog.partitions)} partitions: pass an Ack"
        )
    return {catalog.partitions[0]: min_position}


def whole_offset(offset: int, what: str) -> int:
    """An offset as a plain int; BadRequest where it is none."""
    try:
        return index(offset)
    except TypeError:
        raise BadRequest(
            f"{what}={offset!r} is no position; pass an Ack, the as_of of a table, or an offset, an int"
        ) from None


def _id_bytes(order_id: OrderId) -> bytes:
    hi, lo = order_words(order_id)
    return (hi << 64 | lo).to_bytes(16, "big")


def handles_of(catalog: Catalog, **names: str | None) -> dict[str, int]:
    """The handles of the names that are given."""
    return {what: getattr(catalog, what)(name).handle for what, name in names.items() if name is not None}


def homes_of(catalog: Catalog, account: str | None, strategy: str | None) -> list[int]:
    """The partitions that can know something: one, where the account follows from what is asked."""
    if account is not None:
        return [catalog.account(account).partition]
    if strategy is not None:
        return [catalog.account_of(catalog.strategy(strategy)).partition]
    return catalog.partitions


def currency_name(currency: str) -> str:
    """The name of a currency, if it can be one."""
    return currency_bytes(currency).decode("ascii")


def _since_ns(connection: Connection, stale_after_s: int | None) -> int:
    """The time from which on a mark counts, UTC ns; 0 for any."""
    if stale_after_s is None:
        return 0
    age_s = whole_within(stale_after_s, 1, AGE_S_MAX, "stale_after_s")
    return max(1, connection.transport.now_ns() - age_s * NS_PER_SECOND)


def _group(by: GroupBy | None, **names: str | None) -> tuple[GroupBy, str | None]:
    """What sums are by, and the one name they are about, if any."""
    given = [group for group in NAMED if names[group] is not None]
    group = by or (given[0] if given else NAMED[0])
    if group not in GROUPS:
        raise BadRequest(f"by={group!r} is not one of {', '.join(GROUPS)}")
    if given and group not in NAMED:
        raise BadRequest(f"sums by {group} are about everything, not about one {given[0]}")
    if given not in ([], [group]):
        raise BadRequest(
            f"sums by {group} are about one {group} or all of them, not about {' and '.join(given)}"
        )
    return group, names.get(group)
