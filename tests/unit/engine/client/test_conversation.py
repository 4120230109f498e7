"""Conversations: every reply and every error reaches the generator, whoever leads it."""

import asyncio
from collections.abc import Callable

import numpy as np
import pytest

from engine.client.conversation import Ask, Conversation, Send, converse, converse_async
from engine.errors import OutcomeUnknown, Unavailable
from engine.rows.commands import command_rows
from tests.unit.engine.client.kernel_transport import KernelTransport

Lead = Callable[[KernelTransport, Conversation[str]], str]

LEADS: dict[str, Lead] = {
    "waiting": converse,
    "awaiting": lambda transport, talk: asyncio.run(converse_async(transport, talk)),
}


class Broken(KernelTransport):
    """A transport whose every delivery fails, and whose every answer is short."""

    def deliver(self, partition: int, commands: np.ndarray) -> tuple[np.ndarray, int]:
        raise OutcomeUnknown("no answer")

    def ask(self, partition: int, question: bytes) -> bytes:
        return question[::-1]


@pytest.mark.parametrize("lead", LEADS.values(), ids=LEADS)
def test_replies_come_back_into_the_conversation(lead: Lead) -> None:
    def talk() -> Conversation[str]:
        first = yield Ask(0, b"abc")
        second = yield Ask(0, first + b"d")
        return str(second)

    assert lead(Broken(), talk()) == "b'dabc'"


@pytest.mark.parametrize("lead", LEADS.values(), ids=LEADS)
def test_an_error_can_be_handled_inside(lead: Lead) -> None:
    def talk() -> Conversation[str]:
        try:
            yield Send(0, command_rows(1))
        except OutcomeUnknown:
            return "handled"
        return "no error"

    assert lead(Broken(), talk()) == "handled"


@pytest.mark.parametrize("lead", LEADS.values(), ids=LEADS)
def test_an_error_that_nobody_handles_reaches_the_caller(lead: Lead) -> None:
    def talk() -> Conversation[str]:
        yield Send(0, command_rows(1))
        return "no error"

    with pytest.raises(OutcomeUnknown, match="no answer"):
        lead(Broken(), talk())


@pytest.mark.parametrize("lead", LEADS.values(), ids=LEADS)
def test_an_error_may_be_exchanged_for_another(lead: Lead) -> None:
    def talk() -> Conversation[str]:
        try:
            yield Send(0, command_rows(1))
        except OutcomeUnknown as error:
            raise Unavailable("nobody is there") from error
        return "no error"

    with pytest.raises(Unavailable, match="nobody is there"):
        lead(Broken(), talk())


@pytest.mark.parametrize("lead", LEADS.values(), ids=LEADS)
def test_a_conversation_may_end_without_a_word(lead: Lead) -> None:
    def talk() -> Conversation[str]:
        return "nothing to ask"
        yield Ask(0, b"")

    assert lead(Broken(), talk()) == "nothing to ask"
