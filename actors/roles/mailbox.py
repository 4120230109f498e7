"""The mailbox: frames that wait for the writer, in the order of their sessions, bounded in bytes.

A frame with a kill overtakes the others: with what its session has sent before, it goes first.

The bound is one over all callers. Frames that came before their turn count as well, but may never fill it:
the frame that they wait for must find room.
"""

from collections import deque

from actors.roles.frame_order import FrameOrder, Place, SessionId
from actors.roles.partition import FrameTask

EARLY_SHARE = 4
"""Frames that came too early may hold a quarter of the bytes. By default one client's whole window, 16 frames
of 4,000 commands of 160 bytes, is 15 %."""


KILL_SHARE = 16
"""Kills find room where nothing else does: a sixteenth on top of the bound, some thousands of them."""


class Mailbox:
    """A first-in first-out queue of frames with a bound in bytes; its owner does the locking."""

    def __init__(self, bytes_max: int, window: int) -> None:
        self._bytes_max = bytes_max
        self._order: FrameOrder[FrameTask] = FrameOrder(window)
        self._urgent: deque[FrameTask] = deque()
        self._tasks: deque[FrameTask] = deque()
        self._ready_bytes = 0
        self._early_bytes = 0

    def __len__(self) -> int:
        return len(self._urgent) + len(self._tasks)

    @property
    def waiting_bytes(self) -> int:
        """Bytes of all commands that wait, for the writer or for their turn."""
        return self._ready_bytes + self._early_bytes

    def has_room(self, size: int, *, is_kill: bool = False) -> bool:
        """Whether a frame of this many bytes may still wait; an empty mailbox takes any one."""
        most = self._bytes_max + (self._bytes_max // KILL_SHARE if is_kill else 0)
        return self._ready_bytes == 0 or self.waiting_bytes + size <= most

    def offer(self, task: FrameTask) -> list[FrameTask]:
        """Let a frame wait; gives those that can wait no longer, perhaps this one: they must come again."""
        refused: list[FrameTask] = []
        if self._order.ahead(task.place) > 0:
            refused = self._make_room_early(task.size)
            if self._early_bytes + task.size > self._bytes_max // EARLY_SHARE:
                return [*refused, task]
        elif not self.has_room(task.size, is_kill=task.is_kill):
            return [task]
        return [*refused, *self._admit(task.place, task)]

    def pass_over(self, place: Place) -> list[FrameTask]:
        """Let the frames behind one that could not be read go on; gives those refused."""
        return self._admit(place, None)

    def _admit(self, place: Place, task: FrameTask | None) -> list[FrameTask]:
        if task is not None:
            self._early_bytes += task.size
        ready, refused = self._order.admit(place, task)
        self._early_bytes -= sum(gone.size for gone in (*ready, *refused))
        self._ready_bytes += sum(moved.size for moved in ready)
        for moved in ready:
            self._tasks.append(moved)
            if moved.is_kill:
                self._bring_forward(moved.place.session)
        return refused

    def _bring_forward(self, session: SessionId) -> None:
        """Let what a session has sent so far go before everything else, in its order."""
        waiting = list(self._tasks)
        self._urgent.extend(task for task in waiting if task.place.session == session)
        self._tasks = deque(task for task in waiting if task.place.session != session)

    def _make_room_early(self, size: int) -> list[FrameTask]:
        """Give up frames of sessions that went silent before the frame that theirs wait for came."""
        dropped: list[FrameTask] = []
        while self._early_bytes + size > self._bytes_max // EARLY_SHARE:
            given_up = self._order.drop_early()
            if not given_up:
                break
            self._early_bytes -= sum(task.size for task in given_up)
            dropped += given_up
        return dropped

    def take(self, rows_max: int) -> list[FrameTask]:
        """The next frames of together about `rows_max` commands, at least one if any waits."""
        taken: list[FrameTask] = []
        rows = 0
        while len(self) and (not taken or rows < rows_max):
            task = (self._urgent or self._tasks).popleft()
            rows += len(task.commands)
            self._ready_bytes -= task.size
            taken.append(task)
        return taken
