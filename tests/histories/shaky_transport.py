"""A Ray transport on which frames come late, twice, or lose their answers."""

import random
from functools import partial
from pathlib import Path

import numpy as np

from actors.delivery import Heard, call_later
from actors.ray_transport import RayTransport
from engine.client.transport import Clock
from engine.codec.frames import decode_answers
from engine.config import Config
from engine.vocabulary import AnswerCode

SHAKEN = 0.4
"""How many of all frames something happens to."""

LATE_S = 0.2
"""How late a frame is at most: long enough for the next ones of its session to overtake it."""


class ShakyTransport(RayTransport):
    """As `RayTransport`; `chance` says what happens to which frame."""

    def __init__(self, directory: Path, config: Config, clock: Clock, chance: random.Random) -> None:
        self._chance = chance
        super().__init__(directory, config, clock)

    def _carry(self, partition: int, frame: np.ndarray, heard: Heard) -> None:
        call = partial(super()._carry, partition, frame)
        if self._chance.random() > SHAKEN:
            call(heard)
            return
        ways = [self._late, self._lose_request, self._lose_answer, self._double]
        self._chance.choice(ways)(call, heard)

    def _late(self, call: "partial[None]", heard: Heard) -> None:
        call_later(self._delay_s(), partial(call, heard))

    def _lose_request(self, _: "partial[None]", heard: Heard) -> None:
        call_later(self._delay_s(), partial(heard, None))

    def _lose_answer(self, call: "partial[None]", heard: Heard) -> None:
        call(lambda _: heard(None))

    def _double(self, call: "partial[None]", heard: Heard) -> None:
        """Carry a frame now and once more later; what is heard is the answer that says most."""
        answers: list[bytes | None] = []

        def hear(answer: bytes | None) -> None:
            answers.append(answer)
            if len(answers) == 2:
                heard(max(answers, key=_says))

        call(hear)
        call_later(self._delay_s(), partial(call, hear))

    def _delay_s(self) -> float:
        return self._chance.random() * LATE_S


def _says(answer: bytes | None) -> int:
    """How much an answer says: nothing, that the whole frame was refused, or what became of it."""
    if answer is None:
        # Unclear must stay unclear where the other one was refused.
        return 1
    return 2 if decode_answers(answer).header["code"] == AnswerCode.ACCEPTED else 0
