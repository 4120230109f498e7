"""The switch: a projection that was folded beside the live one takes its place, if both are the same.

First the second one catches up, while the first goes on. At the same offset both stand still, and every
table, index and book, and what each has published, is hashed, a piece at a time so that reads go on. Where a
digest differs nobody knows which of the two is wrong: the live one goes on, the verdict says what differs.
"""

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple

import msgspec
import numpy as np

from actors.roles.projection_checkpoint import used_arrays
from actors.roles.projector import Projector

CATCH_UP_EVENTS = 32_768
"""Events folded in one step: four times what the live one folds meanwhile, so that it is always reached."""

PIECE_BYTES = 4 * 2**20
"""Bytes of each of the two hashed in one step: some 10 ms for both, in which reads wait."""


class Verdict(msgspec.Struct, frozen=True):
    """What became of a comparison.

    Attributes:
        applied_offset: the last event that both had folded.
        live, rebuilt: SHA-256 over the digests of all that was compared, in hex.
        differing: names of what differs; empty if the rebuilt one has taken the place of the live one.
        bytes: how much was compared of each.
    """

    applied_offset: int
    live: str
    rebuilt: str
    differing: tuple[str, ...]
    bytes: int


def doubt_of(projection: str, verdict: Verdict) -> str:
    """What an operator is told where the two differ; empty where they don't."""
    if not verdict.differing:
        return ""
    return (
        f"projection {projection} differs from a second fold of its log at offset {verdict.applied_offset}: "
        f"{', '.join(verdict.differing)} (digest {verdict.live}, rebuilt {verdict.rebuilt}). Nobody knows "
        "which is right; reads go on with the old one, and no checkpoint of it is kept. Run orderfold "
        "verify, stop and start the engine, which folds the log, and rebuild again: runbook 'A projection is "
        "in doubt'"
    )


class Pair(NamedTuple):
    """The same array of both, as bytes."""

    name: str
    live: memoryview
    rebuilt: memoryview


class Switch:
    """One rebuilt projection on its way to the place of the live one. One thread uses it, the live one's."""

    def __init__(self, rebuilt: Projector, deliver: Callable[[Verdict | None], None]) -> None:
        self.rebuilt = rebuilt
        self.deliver = deliver
        self._comparing: Iterator[Verdict | None] | None = None

    @property
    def is_comparing(self) -> bool:
        """Whether the live one must not fold: both stand still at one offset."""
        return self._comparing is not None

    def step(self, live: Projector) -> Verdict | None:
        """Catch up with the live one, or compare the next piece; gives the verdict at the end."""
        if self._comparing is not None:
            return next(self._comparing)
        behind = self.rebuilt.applied_offset
        self.rebuilt.step(upto=min(behind + CATCH_UP_EVENTS, live.applied_offset))
        if self.rebuilt.applied_offset == live.applied_offset:
            self._comparing = compare(live, self.rebuilt)
        return None

    def give_up(self) -> None:
        """End without a verdict: nothing is switched."""
        self.rebuilt.abandon()
        self.deliver(None)


def compare(live: Projector, rebuilt: Projector) -> Iterator[Verdict | None]:
    """Compare two projectors at one offset: None after each piece, and the verdict at the end."""
    assert live.applied_offset == rebuilt.applied_offset, "only states at one offset can be compared"
    totals, differing, compared = (sha256(), sha256()), [], 0
    for pair in _pairs(live, rebuilt):
        digests = sha256(), sha256()
        for at in range(0, max(len(pair.live), len(pair.rebuilt)), PIECE_BYTES):
            digests[0].update(pair.live[at : at + PIECE_BYTES])
            digests[1].update(pair.rebuilt[at : at + PIECE_BYTES])
            yield None
        for total, digest in zip(totals, digests, strict=True):
            total.update(digest.digest())
        compared += len(pair.live)
        if digests[0].digest() != digests[1].digest():
            differing.append(pair.name)
    live_digest, rebuilt_digest = (total.hexdigest() for total in totals)
    yield Verdict(live.applied_offset, live_digest, rebuilt_digest, tuple(differing), compared)


def _pairs(live: Projector, rebuilt: Projector) -> Iterator[Pair]:
    """All state of both; and what each has published, beside the tables of the rebuilt one."""
    rebuilt_arrays = used_arrays(rebuilt.tables, rebuilt.books)
    for name, array in used_arrays(live.tables, live.books).items():
        yield Pair(name, _bytes(array), _bytes(rebuilt_arrays[name]))
    for whose, projector in (("view", live), ("new view", rebuilt)):
        for name, shown in _published(projector).items():
            expected = rebuilt_arrays[name]
            yield Pair(f"{whose} of {name}", _bytes(shown[: len(expected)]), _bytes(expected))


def _published(projector: Projector) -> Mapping[str, np.ndarray]:
    return {} if projector.published is None else projector.published._asdict()


def _bytes(array: np.ndarray) -> memoryview:
    return array.reshape(-1).view(np.uint8).data
