"""`orderfold demo`, short: the process is killed, its successor serves, and every claim holds."""

import json
import subprocess

import pytest

from tests.integration.cli.conftest import PROGRAM

pytestmark = [pytest.mark.cluster, pytest.mark.faults]


def test_the_demo_holds_what_it_claims_and_says_so_in_one_document() -> None:
    done = subprocess.run(
        [PROGRAM, "demo", "--seconds", "5", "--rate", "8000", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["ok"] is True
    assert outcome["acked_before"] > 0 < outcome["acked_after"]
    assert outcome["census"] == {"acked": outcome["events"], "lost": 0, "doubled": 0, "unasked": 0}
    assert f"kill -9 {outcome['killed_pid']}" in done.stderr
    assert outcome["killed_pid"] != outcome["successor_pid"] > 0
    assert set(outcome["refusals"]) == {"ORDER_QTY_EXCEEDED", "ORDER_NOTIONAL_EXCEEDED", "PRICE_COLLAR"}
    assert "\x1b" not in done.stderr
