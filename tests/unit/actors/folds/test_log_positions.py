"""Positions by offset and by time, in a log of blocks of different lengths."""

from types import SimpleNamespace
from typing import Any

import pytest

from actors.folds.log_positions import position_of
from engine.errors import BadRequest

NOON_NS = 1_767_355_200_000_000_000
ENDS = [3, 4, 10, 11, 12, 30]
"""Where the blocks end; each is a second after the one before, the first is of noon."""


class MadeLog:
    """Blocks that have only headers."""

    def read_block(self, offset: int) -> Any:
        """The block that holds an offset."""
        number = next(at for at, end in enumerate(ENDS) if offset < end)
        base = ENDS[number - 1] if number else 0
        return SimpleNamespace(
            header=SimpleNamespace(
                base_offset=base,
                next_offset=ENDS[number],
                append_ts_last_ns=NOON_NS + number * 10**9,
            )
        )


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("0", 0),
        ("7", 7),
        ("30", 30),
        ("2026-01-02T11:00:00Z", 0),
        ("2026-01-02T12:00:00Z", 0),
        ("2026-01-02 12:00:00.000001", 3),
        ("2026-01-02T12:00:01", 3),
        ("2026-01-02T14:00:03+02:00", 10),
        ("2026-01-02T12:00:04.5Z", 12),
        ("2026-01-03", 30),
    ],
)
def test_a_position_is_an_offset_or_the_first_block_since_a_time(text: str, position: int) -> None:
    log: Any = MadeLog()

    assert position_of(log, text, ENDS[-1]) == position


@pytest.mark.parametrize(
    ("text", "says"), [("31", "behind the end"), ("-1", "neither"), ("noon", "neither"), ("", "neither")]
)
def test_anything_else_is_refused(text: str, says: str) -> None:
    log: Any = MadeLog()

    with pytest.raises(BadRequest, match=says):
        position_of(log, text, ENDS[-1])
