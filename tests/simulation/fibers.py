"""Threads of the loops as fibers: one runs at a time, and the scheduler alone says which is next.

A fiber is a thread that waits for its turn. It gives the turn back where its loop waits for news, and at
seams, the places between two effects where `pause` is called. A killed fiber never gets past such a place.
"""

import _thread
import threading
from collections.abc import Callable
from typing import Any


class Killed(BaseException):
    """Ends a fiber whose process has died."""


class Fiber:
    """One thread of a process; `crew` has those of its process, and threads that it starts join them."""

    def __init__(self, name: str, run: Callable[[], None], crew: "list[Fiber]", clock: Callable[[], float]):
        self.name = name
        self.crew = crew
        self.clock = clock
        self.is_done = False
        self.is_woken = True
        self.wakes_s: float | None = None
        self._run = run
        self._is_killed = False
        self._has_begun = False
        self._go, self._back = _thread.allocate_lock(), _thread.allocate_lock()
        self._go.acquire()
        self._back.acquire()
        crew.append(self)

    def is_ready(self, now_s: float) -> bool:
        """Whether it would do something now: it was woken, or has waited long enough."""
        return not self.is_done and (self.is_woken or (self.wakes_s is not None and now_s >= self.wakes_s))

    def resume(self) -> None:
        """Let it run up to the next place where it gives the turn back."""
        _turn.fiber, before = self, _turn.fiber
        if self._has_begun:
            self._go.release()
        else:
            self._has_begun = True
            threading.Thread(target=self._main, name=self.name, daemon=True).start()
        self._back.acquire()
        _turn.fiber = before

    def give_back(self) -> None:
        """Let others run; returns when it is this fiber's turn again, or raises Killed."""
        if not self._is_killed:
            self._back.release()
            self._go.acquire()
        if self._is_killed:
            raise Killed

    def kill(self) -> None:
        """End it where it stands."""
        self._is_killed = True
        self.is_done = self.is_done or not self._has_begun
        while not self.is_done:
            self.resume()

    def _main(self) -> None:
        try:
            self._run()
        except Killed:
            pass
        finally:
            self.is_done = True
            self._back.release()


class _Turn:
    """Whose turn it is; None is the scheduler's."""

    fiber: Fiber | None = None


_turn = _Turn()


def pause() -> None:
    """A seam: somebody else may run here, and the process may die here; nothing in the scheduler's turn."""
    if _turn.fiber is not None:
        _turn.fiber.give_back()


class Condition:
    """Stands for `threading.Condition`; no lock is needed, since nobody gives the turn back while inside."""

    def __init__(self) -> None:
        self._waiting: list[Fiber] = []

    def __enter__(self) -> "Condition":
        return self

    def __exit__(self, *_: object) -> None:
        return

    def notify_all(self) -> None:
        """Wake everybody who waits."""
        for fiber in self._waiting:
            fiber.is_woken = True
        self._waiting.clear()

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        """Wait until it is notified and the predicate holds, or the time is over; gives its last value."""
        fiber = _turn.fiber
        assert fiber is not None, "the scheduler waits for nobody"
        until = None if timeout is None else fiber.clock() + timeout
        while not (holds := predicate()):
            if until is not None and fiber.clock() >= until:
                break
            fiber.is_woken, fiber.wakes_s = False, until
            self._waiting.append(fiber)
            fiber.give_back()
            fiber.is_woken, fiber.wakes_s = True, None
            if fiber in self._waiting:
                self._waiting.remove(fiber)
        return holds


class FiberThread:
    """Stands for `threading.Thread`: a fiber of the process that makes it."""

    def __init__(
        self, *, target: Callable[..., None], name: str, args: tuple[Any, ...] = (), daemon: bool = False
    ):
        assert _turn.fiber is not None, f"thread {name} is made in no process"
        assert daemon, f"thread {name} would hold up the end of its process"
        self._maker, self._name = _turn.fiber, name
        self._run = lambda: target(*args)
        self._fiber: Fiber | None = None

    def start(self) -> None:
        """Let it wait for its first turn."""
        self._fiber = Fiber(self._name, self._run, self._maker.crew, self._maker.clock)

    def join(self) -> None:
        """Wait for its end."""
        while self._fiber is not None and not self._fiber.is_done:
            pause()


class Threads:
    """Stands for the module `threading` in the loops."""

    Condition = Condition
    Thread = FiberThread


class Time:
    """Stands for the module `time` in the loops: the time of the simulation."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock

    def monotonic(self) -> float:
        """Steady seconds."""
        return self._clock()

    def perf_counter_ns(self) -> int:
        """Steady nanoseconds."""
        return int(self._clock() * 1e9)
