"""Frame order: hands on the frames of each session in the order in which they were numbered.

A transport may reorder frames. A frame that comes early waits for those before it; one that comes again goes
straight through, because the kernel recognises its commands.
"""

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")

SESSIONS_MAX = 4_096
"""Sessions remembered; the one silent longest is forgotten first. A forgotten session begins anew."""


class FrameOrder(Generic[T]):
    """Per session: which number comes next, and what came too early."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._sessions: OrderedDict[tuple[int, int], tuple[int, dict[int, T]]] = OrderedDict()

    def admit(self, session: tuple[int, int], number: int, oldest: int, item: T) -> list[T] | None:
        """Take a frame; gives those that may go on now, in order, or None if it is beyond the window.

        `oldest` is the first number the session still waits for: nothing before it will come again.
        """
        expected, early = self._sessions.get(session, (oldest, {}))
        expected = max(expected, oldest)
        if number >= expected + self._window:
            return None
        early[number] = item
        ready = [early.pop(n) for n in sorted(early) if n < expected]
        while expected in early:
            ready.append(early.pop(expected))
            expected += 1
        self._sessions[session] = (expected, early)
        self._sessions.move_to_end(session)
        if len(self._sessions) > SESSIONS_MAX:
            self._sessions.popitem(last=False)
        return ready
