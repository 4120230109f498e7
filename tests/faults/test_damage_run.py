"""A thousand damages are found and located; a verifier that skips a check lets some pass and is caught.

`python -m tests.faults.damage_run` does ten thousand.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from storage import verify_walk
from storage.block import Block
from storage.block_header import unpack_header
from storage.segment import Segment
from storage.sightings import Witnesses
from tests.faults import damage_run
from tests.faults.ci_size import ci_run

DAMAGES = 1_000
FEW_DAMAGES = 60
SEED = 3


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_a_thousand_damages_are_found_and_located(tmp_path: Path) -> None:
    progress = ci_run(damage_run.HARNESS, DAMAGES, SEED, tmp_path)

    assert progress.counts["found"] > DAMAGES / 2
    assert progress.counts["flipped bit of the tree: found"] > 0
    assert progress.counts["rolled back log: found"] > 0


def test_damages_are_found_and_located() -> None:
    judged = damage_run.judge(SEED, range(FEW_DAMAGES))

    assert judged.broken == []
    assert judged.counts["found"] > FEW_DAMAGES / 2


def unchecked(data: bytes, **_: Any) -> Block:
    """Give a block as `read_block` does, but check nothing."""
    return Block(unpack_header(data)[0], data)


def nothing(*_: Any) -> None:
    """Check nothing."""


@pytest.mark.faults
@pytest.mark.parametrize(
    ("place", "name", "instead", "kind"),
    [
        (verify_walk, "read_block", unchecked, "flipped bit"),
        (Segment, "check_found", nothing, "flipped bit of the tree"),
        (Witnesses, "require_all_met", nothing, "rolled back log"),
    ],
    ids=["CRC and hashes", "looking up", "what checkpoints have seen"],
)
def test_a_verifier_that_skips_a_check_is_caught(
    place: Any, name: str, instead: Callable[..., Any], kind: str
) -> None:
    silent: list[str] = []
    with patch.object(place, name, instead):
        for number in damage_run.numbers_of(kind, "p0000", SEED, 300):
            silent += damage_run.judge(SEED, range(number, number + 1)).broken
            if silent:
                break

    assert len(silent) == 1
    assert "reads other than before, and verify finds nothing" in silent[0]
