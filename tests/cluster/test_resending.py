"""Everything is sent again: every command is recognised, nothing happens twice."""

import os
import time

import numpy as np
import pytest

from engine.vocabulary import AnswerCode
from tests.cluster.engine_process import Desk

COMMANDS = int(os.environ.get("ORDERFOLD_RESEND_COMMANDS", "200000"))
"""How many commands are sent, and sent again."""

COMMANDS_PER_ORDER = 4


def test_everything_sent_again_is_a_duplicate_with_its_first_offset(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, codes = desk.flow.wave(COMMANDS // COMMANDS_PER_ORDER)
    rows, codes = rows[:COMMANDS], codes[:COMMANDS]
    first = desk.deliver(rows)
    assert (first["code"] == codes).all()
    before = desk.status()["next_offset"]

    began = time.perf_counter()
    again = desk.deliver(rows)
    seconds = time.perf_counter() - began

    counts = {AnswerCode(code).name: int((again["code"] == code).sum()) for code in np.unique(again["code"])}
    with capsys.disabled():
        print(f"\nresent {len(rows):,} commands: {counts}, {len(rows) / seconds:,.0f} a second")
    assert len(rows) == COMMANDS
    assert counts == {"DUPLICATE": COMMANDS}
    assert again["offset"].tolist() == first["offset"].tolist()
    assert (again["original_code"] == codes).all()
    assert desk.status()["next_offset"] == before
