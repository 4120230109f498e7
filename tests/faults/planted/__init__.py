"""Bugs to plant: realistic mistakes, each with the command that finds it and what that command must say."""

from tests.faults.planted.bug import Bug
from tests.faults.planted.in_actors import BUGS as IN_ACTORS
from tests.faults.planted.in_rules import BUGS as IN_RULES
from tests.faults.planted.in_storage import BUGS as IN_STORAGE

BUGS: list[Bug] = [*IN_STORAGE, *IN_ACTORS, *IN_RULES]
"""All of them; beside these there are the mistakes of `tests.simulation.planted` and `tests.mutants`."""
