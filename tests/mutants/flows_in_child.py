"""Runs a few fixed flows beside the model; run as a module, its exit code says whether the two agree."""

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
RETIRING_SEED = 5
"""Of a flow in which orders come back for an ExecID that is used again, and for a bust."""


def main() -> int:
    """Name the engine that is judged, run the flows, print the first disagreement."""
    print(Path(engine.__file__).parent)
    try:
        for seed in range(FLOWS):
            run_flow(SideBySide(TIGHT if seed % 4 == 3 else ROOMY), numbers_of(seed, COMMANDS))
        run_days(SideWithRetiring(FOREVER), numbers_of(RETIRING_SEED, COMMANDS))
    except Disagreement as difference:
        print(difference)
        return DISAGREED
    return AGREED


if __name__ == "__main__":
    sys.exit(main())
