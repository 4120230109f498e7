"""The awaited client is the waiting one: the same methods, the same rows, the same results."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine import Ack, AsyncClient, Client
from engine.errors import BadRequest, Unavailable
from engine.vocabulary import AnswerCode, OrdStatus
from tests.unit.engine.client.conftest import Desk, desk_of

ORDER: dict[str, Any] = {
    "account": "ACC-1",
    "instrument": "AAPL",
    "strategy": "S1",
    "side": "BUY",
    "qty": 10,
    "price": "100.00",
}

Act = Callable[[Any, Any], Any]
"""What to do with a client, given the Ack of an order."""

ACTS: dict[str, Act] = {
    "submit": lambda client, ack: client.submit(**ORDER, cl_ord_id="second"),
    "refused": lambda client, ack: client.submit(**{**ORDER, "price": "106.00"}, cl_ord_id="third"),
    "cancel": lambda client, ack: client.cancel(ack),
    "mass_cancel": lambda client, ack: client.mass_cancel("ALL", request_id=7),
    "last_seqs": lambda client, ack: client.last_seqs([ack]),
    "resend_unanswered": lambda client, ack: client.resend_unanswered(),
    "orders": lambda client, ack: client.orders([ack]),
    "positions": lambda client, ack: client.positions(account="ACC-1", min_position=ack),
    "exposure": lambda client, ack: client.exposure(by="instrument"),
    "history": lambda client, ack: client.history(ack),
    "halts": lambda client, ack: client.halts(),
}


def public_methods(face: type) -> dict[str, Any]:
    return {name: method for name, method in inspect.getmembers(face, callable) if not name.startswith("_")}


def test_both_clients_have_the_same_methods_with_the_same_arguments() -> None:
    mine, theirs = public_methods(Client), public_methods(AsyncClient)
    only_blocking = {"on"}

    assert set(mine) - only_blocking == set(theirs)
    for name in theirs:
        assert inspect.signature(mine[name]).parameters == inspect.signature(theirs[name]).parameters, name
        assert (mine[name].__doc__ or "").split("\n")[0]


@pytest.mark.parametrize("face", [Client, AsyncClient])
def test_help_shows_what_a_method_takes_and_gives(face: Any) -> None:
    shown = inspect.signature(face.submit)

    assert next(iter(shown.parameters)) == "self"
    assert shown.return_annotation is Ack
    assert inspect.signature(face.refresh).return_annotation is None
    assert "Submit an order; " in (face.submit.__doc__ or "")


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_an_awaited_method_sends_the_same_rows_and_gives_the_same_result(act: Act) -> None:
    waiting, awaiting = desk_of(2), desk_of(2)
    first = waiting.client.submit(**ORDER, cl_ord_id="first")
    awaiting.client.submit(**ORDER, cl_ord_id="first")
    result = act(waiting.client, first)

    client = AsyncClient(awaiting.client.connection)
    awaited = asyncio.run(act(client, first))

    assert str(awaited) == str(result)
    assert [part for part, _ in awaiting.transport.sent] == [part for part, _ in waiting.transport.sent]
    for (_, mine), (_, theirs) in zip(waiting.transport.sent, awaiting.transport.sent, strict=True):
        assert mine.tobytes() == theirs.tobytes()
    assert awaiting.transport.digests() == waiting.transport.digests()


def test_bad_input_is_refused_when_it_is_awaited(desk: Desk) -> None:
    client = AsyncClient(desk.client.connection)

    with pytest.raises(BadRequest, match="is a float"):
        asyncio.run(client.submit(**{**ORDER, "price": 1.5}))


def test_a_command_cancelled_while_it_waits_is_settled_by_the_next(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")
    client = AsyncClient(desk.client.connection)
    deliver = desk.transport.deliver

    async def never_answered(partition: int, rows: np.ndarray) -> tuple[np.ndarray, int]:
        deliver(partition, rows)
        await asyncio.Event().wait()
        raise AssertionError("nobody sets the event")

    async def give_up() -> None:
        task = asyncio.ensure_future(client.replace(ack, qty=90, price="99.00"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    usual, desk.transport.deliver_async = desk.transport.deliver_async, never_answered  # type: ignore[method-assign, assignment]
    asyncio.run(give_up())
    desk.transport.deliver_async = usual  # type: ignore[method-assign]

    acks = asyncio.run(client.resend_unanswered())
    assert [one.code for one in acks] == [AnswerCode.DUPLICATE]
    assert asyncio.run(client.cancel(ack)).status == OrdStatus.PENDING_CANCEL


def test_commands_of_one_order_may_be_under_way_at_once(desk: Desk) -> None:
    ack = desk.buy()
    desk.feed.report(ack, "NEW", exec_id="E1")
    client = AsyncClient(desk.client.connection)
    waiting: list[asyncio.Event] = []
    usual = desk.transport.deliver_async

    async def deliver_in_turn(partition: int, rows: np.ndarray) -> tuple[np.ndarray, int]:
        event = asyncio.Event()
        waiting.append(event)
        await event.wait()
        return await usual(partition, rows)

    async def race() -> list[AnswerCode]:
        tasks = [
            asyncio.ensure_future(client.replace(ack, qty=90, price="99.00")),
            asyncio.ensure_future(client.cancel(ack)),
        ]
        while len(waiting) < len(tasks):
            await asyncio.sleep(0)
        for event in waiting:
            event.set()
        return [done.code for done in await asyncio.gather(*tasks)]

    desk.transport.deliver_async = deliver_in_turn  # type: ignore[method-assign, assignment]

    assert asyncio.run(race()) == [AnswerCode.ACCEPTED, AnswerCode.ACCEPTED]
    desk.transport.deliver_async = usual  # type: ignore[method-assign]
    assert asyncio.run(client.last_seqs([ack])) == {ack.order_id: 3}


def test_an_async_client_closes_at_the_end_of_its_block(desk: Desk) -> None:
    async def use() -> None:
        async with AsyncClient(desk.client.connection) as client:
            await client.submit(**ORDER)

    asyncio.run(use())

    assert not desk.transport.is_open


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_whoever_is_closed_says_so_for_every_method(act: Act) -> None:
    desk = desk_of(1)
    ack = desk.buy()
    desk.client.close()
    desk.client.close()

    for client in (desk.client, AsyncClient(desk.client.connection)):
        with pytest.raises(Unavailable, match="this client is closed: connect again"):
            asyncio.run(_awaited(act(client, ack)))


async def _awaited(result: Any) -> Any:
    return await result
