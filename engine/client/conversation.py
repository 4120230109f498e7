"""Conversations: what a client says and hears, written once, without waiting.

A conversation is a generator. It yields a `Send` or an `Ask`, is given the reply, and returns its result. How
to wait for the reply is a face's business: `blocking` makes a method that waits, `awaited` one that is
awaited.
"""

from collections.abc import Callable, Coroutine, Generator
from functools import wraps
from inspect import Parameter, Signature, signature
from types import NoneType
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, get_args

import numpy as np

from engine.client.transport import Transport

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")


class Send(NamedTuple):
    """Deliver COMMAND rows to a partition; the reply is (ANSWER rows, the log's next offset)."""

    partition: int
    rows: np.ndarray


class Ask(NamedTuple):
    """Put a question (MessagePack) to a partition's projector; the reply is its answer's bytes."""

    partition: int
    question: bytes


Conversation = Generator[Send | Ask, Any, R]
"""Yields steps, is sent their replies (or has their errors thrown in), returns R."""


def converse(transport: Transport, conversation: Conversation[R]) -> R:
    """Lead a conversation to its end, waiting for each reply."""
    try:
        step = next(conversation)
        while True:
            try:
                reply = _reply(transport, step)
            except BaseException as error:
                step = conversation.throw(error)
            else:
                step = conversation.send(reply)
    except StopIteration as end:
        result: R = end.value
        return result


def _reply(transport: Transport, step: Send | Ask) -> tuple[np.ndarray, int] | bytes:
    if isinstance(step, Send):
        return transport.deliver(step.partition, step.rows)
    return transport.ask(step.partition, step.question)


async def converse_async(transport: Transport, conversation: Conversation[R]) -> R:
    """Lead a conversation to its end, awaiting each reply; a cancelled one learns of it."""
    try:
        step = next(conversation)
        while True:
            try:
                reply = await _reply_async(transport, step)
            except BaseException as error:
                step = conversation.throw(error)
            else:
                step = conversation.send(reply)
    except StopIteration as end:
        result: R = end.value
        return result


async def _reply_async(transport: Transport, step: Send | Ask) -> tuple[np.ndarray, int] | bytes:
    if isinstance(step, Send):
        return await transport.deliver_async(step.partition, step.rows)
    return await transport.ask_async(step.partition, step.question)


def blocking(talk: Callable[Concatenate[S, P], Conversation[R]]) -> Callable[Concatenate[Any, P], R]:
    """The method of a face that leads this conversation on its connection and waits for the result."""

    @wraps(talk)
    def method(face: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return converse(face.connection.transport, talk(face.connection, *args, **kwargs))

    method.__signature__ = _method_signature(talk)  # type: ignore[attr-defined]
    return method


def awaited(
    talk: Callable[Concatenate[S, P], Conversation[R]],
) -> Callable[Concatenate[Any, P], Coroutine[Any, Any, R]]:
    """The method of a face that leads this conversation on its connection and is awaited."""

    @wraps(talk)
    async def method(face: Any, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await converse_async(face.connection.transport, talk(face.connection, *args, **kwargs))

    method.__signature__ = _method_signature(talk)  # type: ignore[attr-defined]
    return method


def _method_signature(talk: Callable[..., Any]) -> Signature:
    """What `help` shows: the face instead of its connection, the result instead of the conversation."""
    found = signature(talk)
    _, *rest = found.parameters.values()
    *_, result = get_args(found.return_annotation)
    return found.replace(
        parameters=[Parameter("self", Parameter.POSITIONAL_OR_KEYWORD), *rest],
        return_annotation=None if result is NoneType else result,
    )
