"""The engine host: starts Ray and the actors of one directory, watches them, and stops exactly those."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from types import FrameType, TracebackType

from actors.actor_process import last_words
from actors.compiled_rules import are_rules_compiled
from actors.engine_record import (
    EngineRecord,
    hold,
    remove_record,
    token_digest,
    write_record,
)
from actors.engine_watch import EngineWatch
from actors.held_interrupts import interrupts_held
from actors.ray_actors import Actors, Roll, Status, make_actors
from actors.ray_cluster import end_ray, remove_temporary, start_ray
from actors.ray_runtime import dead_processes, ray
from actors.roles.engine_files import open_manifest
from actors.roles.recovery import folding
from actors.roles.supervisor import Decision
from actors.view_writer import remove_view, view_paths
from engine.config import Config
from engine.errors import IntegrityError, Unavailable
from storage.lmdb_environment import require_disk

PROGRESS_EVERY_S = 2.0
"""How often a start that takes long says how far it is."""

READY_WITHIN_S = 300.0
"""How long opening and folding may take before a start has failed: some 500 million events."""

READY_POLL_S = 0.02

DEATHS_MAX = 3
"""How often an actor may die before a start has failed: dying of the same thing again helps nobody."""

STATUS_WITHIN_S = 2.0

LOOK_EVERY_S = 1.0
"""How often to look whether Ray's own processes still run."""

DRAIN_WITHIN_S = 30.0
"""How long a partition may take to answer what waits: a full queue is about a second's work."""

Say = Callable[[str], None]


class EngineHost:
    """Owns the processes of one engine; `stop` drains and ends them.

    Raises Unavailable if the directory is in use or the engine does not get ready, IntegrityError if a log is
    damaged. `say` is given a sentence for each thing that an operator should know.
    """

    def __init__(self, directory: Path, config: Config, say: Say = lambda _: None) -> None:
        self.directory = directory.resolve()
        self._say = say
        self._watch: EngineWatch | None = None
        self._views: list[Path] = []
        self.actors: Actors = {}
        require_disk(directory)
        self._lock = hold(self.directory)
        try:
            self._start(config)
        except BaseException:
            self._give_up()
            raise

    def _start(self, config: Config) -> None:
        manifest = open_manifest(self.directory, config.engine.partitions, lambda: uuid.uuid4().bytes)
        self._start_ray(config)
        self._views = list(view_paths(manifest).values())
        self.actors = make_actors(self.directory, manifest.partitions, config)
        self._roll = Roll(self.actors)
        self._wait_until_ready()
        self._say_what_was_passed_over()
        record = EngineRecord(
            pid=os.getpid(),
            address=self.address,
            partitions=manifest.partitions,
            token_sha256=token_digest(self.directory),
        )
        write_record(self.directory, record)
        self._watch = EngineWatch(self.actors, self._report)
        self._watch.start()

    def _start_ray(self, config: Config) -> None:
        """Start Ray, and compile the rules meanwhile if they are not."""
        if are_rules_compiled():
            self.address = start_ray(self.directory, config)
            return
        compiling = None
        try:
            with interrupts_held():
                # A group of its own keeps Ctrl-C from it: it is ended here, and says nothing.
                compiling = subprocess.Popen([sys.executable, "-P", "-m", "actors.warm_up"], process_group=0)
            self.address = start_ray(self.directory, config)
            has_compiled = compiling.wait() == 0
        finally:
            if compiling is not None:
                compiling.kill()
                compiling.wait()
        if not has_compiled:
            raise Unavailable("the rules could not be compiled: python -m actors.warm_up says why")

    def _wait_until_ready(self) -> None:
        began = said = time.monotonic()
        while time.monotonic() < began + READY_WITHIN_S:
            statuses = self.status()
            for status in statuses:
                self._raise_failure(status)
            if all(status["ready"] for status in statuses):
                return
            if time.monotonic() >= said + PROGRESS_EVERY_S:
                said = time.monotonic()
                self._say_progress(statuses)
            time.sleep(READY_POLL_S)
        late = ", ".join(status["actor"] for status in self.status() if not status["ready"])
        raise Unavailable(f"{late} of {self.directory} did not get ready in {READY_WITHIN_S:g} s")

    def _say_progress(self, statuses: list[Status]) -> None:
        """Say which logs are still being folded, and how long that will take."""
        for status in statuses:
            if not status["ready"] and status.get("recovery_end"):
                self._say(f"{status['actor']} is {folding(status)}")

    def _say_what_was_passed_over(self) -> None:
        """Say which snapshots and checkpoints could not be used: a log may be an older one than they know."""
        for status in self.status():
            for told in ("recovery_told", "snapshots_told", "checkpoint_told"):
                for sentence in status.get(told, ()):
                    self._say(f"{status['actor']}: {sentence}")

    def _raise_failure(self, status: Status) -> None:
        """Raise what kept an actor from opening its log, or what it dies of again and again."""
        name, failure = status["actor"], status.get("failure")
        if failure is not None:
            message = f"{name} can't open its log: {failure['message']}"
            raise IntegrityError(message) if failure["is_integrity"] else Unavailable(message)
        if self._roll.deaths[name] >= DEATHS_MAX:
            raise Unavailable(
                f"{name} died {DEATHS_MAX} times while starting: {last_words(self.directory, name)}"
            )

    def status(self) -> list[Status]:
        """One record an actor, partitions first: `actor`, `pid`, `ready`, and what each kind has to say."""
        statuses = self._roll.call(STATUS_WITHIN_S)
        return [status or {"actor": name, "pid": 0, "ready": False} for name, status in statuses.items()]

    def _report(self, decision: Decision) -> None:
        self._say(decision.reason)

    def serve(self) -> None:
        """Stay until SIGTERM or SIGINT comes, then stop. Call it on the main thread.

        Raises Unavailable once a process of Ray itself has ended: no engine can do without.
        """
        asked = threading.Event()

        def ask(_: int, __: FrameType | None) -> None:
            asked.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, ask)
        while not asked.wait(LOOK_EVERY_S):
            self._require_ray()
        self.stop()

    def _require_ray(self) -> None:
        """End everything if Ray has lost a process: without it no actor can be started again, or be found."""
        gone = dead_processes()
        if not gone:
            return
        why = (
            f"a process of Ray ended by itself ({', '.join(gone)}), and the engine with it: "
            f"orderfold start {self.directory} starts it again; every acknowledged order is in the log"
        )
        # Said and tidied first: Ray itself ends a process that misses it.
        self._say(why)
        self._forget()
        if self._watch is not None:
            self._watch.stop()
        self._give_up()
        raise Unavailable(why)

    def stop(self) -> None:
        """Answer what waits, close every log, end every process of this engine, give the directory back."""
        if self._watch is not None:
            self._watch.stop()
        drained = [actor.stop.remote() for actor in self.actors.values()]
        ray.wait(drained, num_returns=len(drained), timeout=DRAIN_WITHIN_S)
        self._give_up()

    def _give_up(self) -> None:
        """End what was started, as far as it was started."""
        end_ray()
        remove_temporary(self.directory)
        self._forget()
        self._lock.close()

    def _forget(self) -> None:
        """Remove what tells of a running engine; a projector that was killed leaves its view, in memory."""
        for view in self._views:
            remove_view(view)
        remove_record(self.directory)

    def __enter__(self) -> "EngineHost":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
