"""Frame order: hands on the frames of each session in the order in which they were numbered.

A transport may reorder frames. A frame that comes early waits for those before it; one that comes again goes
straight through, because the kernel recognises its commands. A copy that a newer one has overtaken must come
again: what the kernel refused it does not remember, and the client may have been told that already.
"""

from collections import OrderedDict
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

SessionId = tuple[int, int]
"""The 128-bit id of a client's session, as two words."""

SESSIONS_MAX = 4_096
"""Sessions remembered; the one silent longest is forgotten first. A forgotten session begins anew."""


class Place(NamedTuple):
    """Where a frame stands: its session, its number, and the first number that its client still waits for.

    Nothing numbered before `oldest` will come again.
    """

    session: SessionId
    number: int
    oldest: int


class Admitted(NamedTuple, Generic[T]):
    """What becomes of frames: those that go on now, in order, and those that must be sent again."""

    ready: list[T]
    refused: list[T]


class _Session(Generic[T]):
    """One session: the number that is next, the first that its client still waits for as far as it has said,
    and what came before its turn; None where it is passed over.
    """

    def __init__(self, oldest: int) -> None:
        self.expected = self.oldest = oldest
        self.early: dict[int, T | None] = {}

    def waiting(self) -> list[T]:
        return [item for item in self.early.values() if item is not None]


class FrameOrder(Generic[T]):
    """Per session: which number comes next, and what came too early."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._sessions: OrderedDict[SessionId, _Session[T]] = OrderedDict()

    def ahead(self, place: Place) -> int:
        """How many numbers lie between the session's next one and this one; 0 or less may go on at once."""
        known = self._sessions.get(place.session)
        expected = place.oldest if known is None else max(known.expected, place.oldest)
        return place.number - expected

    def admit(self, place: Place, item: T | None) -> Admitted[T]:
        """Take a frame, or, with None, pass over its number: one that came and could not be read.

        Refused are the frame itself if it is beyond the window or overtaken, an earlier copy of it that still
        waited, and what waited in a session that is forgotten for this one.
        """
        if self.ahead(place) >= self._window or self._is_overtaken(place):
            return Admitted([], [] if item is None else [item])
        session = self._sessions.setdefault(place.session, _Session(place.oldest))
        session.expected = max(session.expected, place.oldest)
        session.oldest = max(session.oldest, place.oldest)
        displaced = session.early.get(place.number)
        session.early[place.number] = item
        self._sessions.move_to_end(place.session)
        ready = _advance(session)
        forgotten = self._forget_silent()
        return Admitted(ready, forgotten if displaced is None else [displaced, *forgotten])

    def _is_overtaken(self, place: Place) -> bool:
        """Whether this number came before, and what came since was sent later: its client said more there."""
        known = self._sessions.get(place.session)
        return known is not None and place.number < known.expected and place.oldest < known.oldest

    def drop_early(self) -> list[T]:
        """Give up what waits in the session that has been silent longest of those in which something waits.

        The newest session is spared: it is the one that makes room.
        """
        for session in list(self._sessions.values())[:-1]:
            dropped = session.waiting()
            if dropped:
                session.early.clear()
                return dropped
        return []

    def _forget_silent(self) -> list[T]:
        if len(self._sessions) <= SESSIONS_MAX:
            return []
        _, session = self._sessions.popitem(last=False)
        return session.waiting()


def _advance(session: _Session[T]) -> list[T]:
    """Everything that may go on now: what is before its turn no longer, in the order of the numbers."""
    numbers = [number for number in sorted(session.early) if number < session.expected]
    while session.expected in session.early:
        numbers.append(session.expected)
        session.expected += 1
    items = [session.early.pop(number) for number in numbers]
    return [item for item in items if item is not None]
