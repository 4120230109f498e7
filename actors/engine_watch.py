"""The watch: calls the roll of an engine's actors now and then, and does what the supervisor decides."""

import threading
import time
from collections.abc import Callable

from actors.ray_actors import Actors, Roll, restart
from actors.roles.supervisor import Action, Decision, Supervisor

ROUND_EVERY_S = 0.5
"""Time between two rounds: a round costs each actor a call, and nothing here is faster than seconds."""

Say = Callable[[Decision], None]


class EngineWatch:
    """A thread that watches until `stop`; what it decides goes to `say` as well."""

    def __init__(self, actors: Actors, say: Say) -> None:
        self._actors = actors
        self._roll = Roll(actors)
        self._supervisor = Supervisor()
        self._say = say
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(ROUND_EVERY_S):
            statuses = self._roll.call(within_s=ROUND_EVERY_S)
            for decision in self._supervisor.judge(time.monotonic(), statuses):
                self._say(decision)
                if decision.action is Action.RESTART:
                    restart(self._actors[decision.actor])
