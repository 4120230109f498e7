"""Runs a few fixed flows beside the model; run as a module, its exit code says whether the two agree.

`python -m tests.mutants.flows_in_child 7` begins with flow 7, which is to meet the fault soonest. A second
number says how many flows are run.
"""

import sys
from pathlib import Path

import engine
from tests.properties.flow import numbers_of, run_flow
from tests.properties.retiring import FOREVER, SideWithRetiring, run_days
from tests.properties.side_by_side import ROOMY, TIGHT, Disagreement, SideBySide

AGREED = 0
DISAGREED = 9
"""No exit code of Python's own: a mutant that merely crashes is not one that was noticed."""

FLOWS = 12
COMMANDS = 400
RETIRING_SEEDS = (2, 5)
"""Of flows in which orders come back, for one an ExecID that is used again."""

FLOWS_IN_ALL = FLOWS + len(RETIRING_SEEDS)


def run_one(number: int) -> None:
    """Run a flow: one of new orders, or behind those one in which orders leave memory and come back."""
    if number < FLOWS:
        run_flow(SideBySide(TIGHT if number % 4 == 3 else ROOMY), numbers_of(number, COMMANDS))
    else:
        run_days(SideWithRetiring(FOREVER), numbers_of(RETIRING_SEEDS[number - FLOWS], COMMANDS))


def main(first: int, count: int = FLOWS_IN_ALL) -> int:
    """Name the engine that is judged, run so many flows, print the first disagreement."""
    print(Path(engine.__file__).parent)
    flows = range(FLOWS_IN_ALL)
    try:
        for number in (*flows[first:], *flows[:first])[:count]:
            run_one(number)
    except Disagreement as difference:
        print(f"flow {number}: {difference}")
        return DISAGREED
    return AGREED


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
