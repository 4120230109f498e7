"""The mailbox: frames that wait for the writer, bounded in bytes over all callers."""

from collections import deque

from actors.roles.partition import FrameTask


class Mailbox:
    """A first-in first-out queue of tasks with a bound in bytes; its owner does the locking."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._tasks: deque[FrameTask] = deque()

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def waiting_bytes(self) -> int:
        """Bytes of the commands that wait."""
        return self._bytes

    def has_room(self, size: int) -> bool:
        """Whether a frame of this many bytes may still wait; an empty mailbox takes any one."""
        return self._bytes == 0 or self._bytes + size <= self._bytes_max

    def put(self, task: FrameTask) -> None:
        """Let a task wait."""
        self._bytes += task.work.commands.order.nbytes
        self._tasks.append(task)

    def take(self, rows_max: int) -> list[FrameTask]:
        """The next tasks of together about `rows_max` commands, at least one if any waits."""
        taken: list[FrameTask] = []
        rows = 0
        while self._tasks and (not taken or rows < rows_max):
            task = self._tasks.popleft()
            rows += len(task.work.answers)
            self._bytes -= task.work.commands.order.nbytes
            taken.append(task)
        return taken
