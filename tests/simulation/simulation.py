"""One simulated history: trading begins, chaos and quiet take turns, and every invariant is checked.

Which kinds of faults a history has is drawn by its seed, so that some meet a few of them often and others all
of them now and then. In a quiet moment nothing fails any more: everything must come to rest, and agree.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from storage.log_directory import log_name
from tests.properties.leased_firm import DEFINITIONS, MARKET
from tests.simulation.faults import FAULTS, Fault
from tests.simulation.fibers import Fiber
from tests.simulation.invariants import check_followers, check_quiet, check_use_of_leases
from tests.simulation.moves import Move
from tests.simulation.processes import PartitionProcess, Process
from tests.simulation.swaps import swapped
from tests.simulation.violation import Violation
from tests.simulation.world import World

QUIET_EVERY = 500
"""Steps of chaos between two quiet moments."""

QUIET_STEPS_MAX = 4_000
"""Steps within which everything comes to rest once nothing fails any more."""

FAULT_SHARE = 0.04
"""How many steps are faults, in a history that has faults of every kind."""

PLACE = Path("/dev/shm")
"""Where histories lie if it is there: what a disk loses is simulated, so its speed is all that counts."""


Chance = tuple[float, Callable[[], Move]]
"""Something that may happen next, and its weight."""


class Outcome(NamedTuple):
    """What became of a history: steps, events, answers, digest, and what was broken, None if nothing was."""

    seed: int
    steps: int
    events: int
    answers: int
    faults: dict[str, int]
    digest: str
    violation: Violation | None
    trace: list[str]


def simulate(seed: int, steps: int) -> Outcome:
    """The history of a seed, at least so many steps long."""
    with _place() as directory:
        world = World(directory, seed)
        history = History(world)
        violation = None
        with swapped(world):
            try:
                history.run(steps)
            except Violation as broken:
                violation = broken
            finally:
                world.end()
        answers = sum(asked.offset >= 0 for client in world.clients for asked in client.asked)
        events = sum(watch.next_offset for watch in world.watches.values())
        return Outcome(
            seed, world.steps, events, answers, history.counts, world.digest(), violation, world.trace
        )


@contextmanager
def _place() -> Iterator[Path]:
    folder = PLACE if PLACE.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="orderfold-simulation-", dir=folder) as directory:
        yield Path(directory)


class History:
    """Lets a world go on, step by step; `counts` says how often which fault happened."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.counts: dict[str, int] = {}
        chance = world.random
        self._faults = [fault for fault in FAULTS if chance.random() < 0.6]
        self._fault_share = FAULT_SHARE * chance.choice([0.3, 1, 2])

    def run(self, steps: int) -> None:
        """Begin, then chaos and quiet in turn."""
        world = self.world
        self._begin()
        end = world.steps + steps
        while world.steps < end:
            until = min(end, world.steps + QUIET_EVERY)
            while world.steps < until:
                self._step_of_chaos()
            self._come_to_rest()
        check_use_of_leases(world)

    def _begin(self) -> None:
        """Start the engine, define what trading refers to, open the market."""
        world = self.world
        world.administrator.ask(*DEFINITIONS)
        self._come_to_rest()
        for operator in world.operators:
            operator.ask(*MARKET)
        self._come_to_rest()

    # ---- chaos

    def _step_of_chaos(self) -> None:
        world = self.world
        if world.random.random() < self._fault_share and self._faults:
            self._break_something(world.random.choice(self._faults))
            return
        line, happens = self._choose(self._moves(acting=True))
        world.take(line, happens)
        check_followers(world)

    def _break_something(self, fault: Fault) -> None:
        world = self.world
        line = fault.prepare(world)
        if line is None:
            return
        self.counts[fault.name] = self.counts.get(fault.name, 0) + 1
        world.take(f"FAULT {line.text}", line.happens)

    def _moves(self, *, acting: bool) -> list[Chance]:
        """What may happen now, with its weight; a fault is none of these."""
        world, network = self.world, self.world.network
        ready = world.ready_fibers()
        moves: list[Chance] = []
        if ready:
            moves.append((5, lambda: _thread(world, ready)))
        if network.requests:
            moves.append((4, lambda: _request(world)))
        if network.answers:
            moves.append((4, lambda: _answer(world)))
        if world.due_timers():
            moves.append((3, lambda: Move("timer", world.fire_timer)))
        if missing := world.missing():
            moves.append((1, lambda: _start(world, missing)))
        moves.append((1.5, lambda: _steward(world)))
        if acting:
            moves.append((3, lambda: _act(world)))
        return moves

    def _choose(self, moves: list[Chance]) -> Move:
        weights = [weight for weight, _ in moves]
        return self.world.random.choices(moves, weights)[0][1]()

    # ---- quiet

    def _come_to_rest(self) -> None:
        """Nothing fails any more: everything must settle, and then agree."""
        world = self.world
        world.note("      quiet")
        world.disk.commit_fault = world.disk.file_fault = None
        world.disk.free = 2**40
        for zombie in list(world.zombies):
            world.kill(zombie)
        for process in world.processes:
            process.set_clock()
        until = world.steps + QUIET_STEPS_MAX
        while not self._is_at_rest():
            if world.steps >= until:
                raise Violation("rest", f"after {QUIET_STEPS_MAX} quiet steps {self._what_is_open()}")
            self._step_of_quiet()
        check_quiet(world)

    def _step_of_quiet(self) -> None:
        world = self.world
        for client in world.clients:
            client.settle()
        moves = self._moves(acting=False)
        next_s = world.next_time_s()
        if len(moves) == 1 and next_s is not None and next_s > world.seconds():
            world.now_ns = int(next_s * 1e9) + 1
        line, happens = self._choose(moves)
        world.take(line, happens)
        check_followers(world)

    def _is_at_rest(self) -> bool:
        return self._what_is_open() is None

    def _what_is_open(self) -> str | None:
        """Something that is not settled yet, None where nothing is."""
        world = self.world
        if missing := world.missing():
            return f"{missing} are not there"
        for client in world.clients:
            if not client.is_settled:
                return f"{client.name} waits"
        if not all(process.is_ready for process in world.processes):
            return "a process is not ready"
        return self._who_is_behind()

    def _who_is_behind(self) -> str | None:
        world = self.world
        for name, process in world.owners.items():
            watch = world.watches[process.number]
            position = world.position_of(process)
            if position is not None and position != watch.next_offset:
                return f"{name} is at {position} of {watch.next_offset}"
            if isinstance(process, PartitionProcess) and process.is_behind:
                return f"{name} lacks definitions"
        return None


def _thread(world: World, ready: list[tuple[Process, Fiber]]) -> Move:
    process, fiber = world.random.choice(ready)
    return Move(f"{process.name}: {fiber.name}", fiber.resume)


def _request(world: World) -> Move:
    call = world.network.take_request()
    return Move(f"{call} arrives", lambda: world.deliver(call))


def _answer(world: World) -> Move:
    call, answer = world.network.take_answer()
    said = "nothing" if answer is None else "an answer"
    return Move(f"{call} ends with {said}", lambda: call.end(answer))


def _start(world: World, missing: list[str]) -> Move:
    name = world.random.choice(missing)
    return Move(f"start {name}", lambda: world.start(name))


def _steward(world: World) -> Move:
    process = world.owners.get(log_name(world.random.choice(list(world.watches))))
    if not isinstance(process, PartitionProcess) or not process.is_alive:
        return Move("no steward is there", lambda: None)
    return Move(f"steward of {process.name}", process.look_around)


def _act(world: World) -> Move:
    client = world.random.choice(world.clients)
    return Move(f"{client.name} acts", client.act)
