"""Some rules are broken, one at a time, in a copy of the engine: the reference model notices each of them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.mutants.flows_in_child import AGREED, DISAGREED

ROOT = Path(__file__).parents[2]


class Mutant(NamedTuple):
    """What the fault is, where a text of a kernel file, is replaced to plant it, the first flow."""

    fault: str
    file: str
    text: str
    replacement: str
    first_flow: int = 0


MUTANTS = [
    Mutant(
        "the position limit forgets the orders that work",
        "valuing.py",
        'return holding["qty"] + holding["working_buy_qty"] + more_qty',
        'return holding["qty"] + more_qty',
    ),
    Mutant(
        "the collar takes buyers for sellers",
        "risk.py",
        "beyond = price - mark if side == Side.BUY else mark - price",
        "beyond = price - mark if side == Side.SELL else mark - price",
    ),
    Mutant(
        "a second violation is not reported",
        "risk.py",
        "return violations | bit, first, why, most, seen",
        "return violations, first, why, most, seen",
    ),
    Mutant(
        "a locate makes a sale one that is marked short",
        "static_checks.py",
        'flags == InstrumentFlag.LOCATE_NEEDED and is_marked and asked["is_locate"]',
        'flags == InstrumentFlag.LOCATE_NEEDED and asked["is_locate"]',
        first_flow=1,
    ),
    Mutant(
        "fees in all currencies are one sum",
        "fees.py",
        'while slot != 0 and tables.fees[slot]["currency"] != currency:',
        "while slot < 0:",
    ),
    Mutant(
        "an order that has ended still stands in the way of its own account",
        "evolving_reports.py",
        "    place_working(tables, slot, qty)\n",
        "",
    ),
    Mutant(
        "a replace spends nothing of the rate",
        "evolving_orders.py",
        "    limits = spend_rate(tables, order, now)\n    _take_alias(",
        "    limits = 0\n    _take_alias(",
    ),
    Mutant(
        "the cost of a partial close is rounded down",
        "wide.py",
        "if twice > divisor or (twice == divisor and (q0 & _1) == _1):",
        "if twice > divisor + divisor:",
        first_flow=2,
    ),
    Mutant(
        "an order is replaced while a cancel is pending",
        "replacing.py",
        'if order["is_replacing"] or order["is_canceling"]:',
        'if order["is_replacing"]:',
    ),
    Mutant(
        "a replace may ask for less than is filled",
        "reported_facts.py",
        "    if wanted < cum_qty:\n        return cum_qty\n",
        "",
        first_flow=2,
    ),
    Mutant(
        "an order whose quantity is filled exactly is not filled",
        "order_facts.py",
        "if cum_qty >= order_qty and cum_qty > 0:",
        "if cum_qty > order_qty and cum_qty > 0:",
    ),
    Mutant(
        "a market order works at the wrong end of the collar",
        "order_terms.py",
        'if asked["side"] == Side.BUY:\n        cap',
        'if asked["side"] != Side.BUY:\n        cap',
    ),
    Mutant(
        "the collar of a stop order is around the mark",
        "order_terms.py",
        'if has_stop(asked["ord_type"]):\n        return np',
        'if asked["ord_type"] == 0:\n        return np',
    ),
    Mutant(
        "one number may be left out",
        "owner.py",
        "if seq > last_seq + 1:",
        "if seq > last_seq + 2:",
        first_flow=1,
    ),
    Mutant(
        "another price is the same content",
        "keys.py",
        'np.uint64(command["price"])',
        "np.uint64(0)",
    ),
    Mutant(
        "a bust counts no more than a correction",
        "correcting.py",
        "return np.int64(1), depth, np.int64(0), hi, lo, np.int64(0), np.int64(0), slot",
        "return np.int64(0), depth, np.int64(0), hi, lo, np.int64(0), np.int64(0), slot",
    ),
    Mutant(
        "a trade is booked as it came, whatever has come before it",
        "correcting.py",
        '    latest = np.int64(tables.executions[own]["latest"])\n    if latest == 0:',
        "    latest = np.int64(0)\n    if latest == 0:",
    ),
    Mutant(
        "a late fill is booked as if it were the last",
        "restating.py",
        'is_last = position["last_fill"] == 0 or position["last_fill_ns"] <= fill["ts_event"]',
        "is_last = True",
        first_flow=1,
    ),
    Mutant(
        "a fill that was taken out leaves its relief in the open cost",
        "positions.py",
        'wide_add(position["open_cost_hi"], position["open_cost_lo"], relief_hi, relief_lo)',
        'position["open_cost_hi"], position["open_cost_lo"]',
    ),
    Mutant(
        "an older statement of CumQty counts like a newer one",
        "quantity_breaks.py",
        "    if ts_event < venue_cum_ns:\n        return is_stated, venue_cum_qty, venue_cum_ns\n",
        "",
    ),
    Mutant(
        "the last report on an order that nobody knew is claimed first",
        "orphans.py",
        'return first_orphan(tables, order["key_hi"], order["key_lo"])',
        'return np.int64(tables.orphans[first_orphan(tables, order["key_hi"], order["key_lo"])]["prev"])',
    ),
    Mutant(
        "a claim makes a report known by another answer",
        "evolving_reports.py",
        '    execution["order"] = slot\n    execution["prev_of_order"] = order["last_execution"]\n',
        '    execution["order"] = slot\n    execution["offset"] = tables.firm[0]["next_offset"] - 1\n'
        '    execution["prev_of_order"] = order["last_execution"]\n',
    ),
    Mutant(
        "who takes a trade back approves it too",
        "operators_corrections.py",
        'said["approver"] == command["principal"]',
        'said["approver"] == 0',
    ),
    Mutant(
        "a mass cancel forgets the newest order",
        "mass_canceling.py",
        'tables.firm[0]["orders"] + 1)',
        'tables.firm[0]["orders"])',
        first_flow=2,
    ),
    Mutant(
        "an order that has ended takes new terms",
        "transitions.py",
        "(ORPHAN,  NEW|R|T, R|T,     R|T,     NEW|R|T, R|LATE,  R|LATE,  R|LATE)",
        "(ORPHAN,  NEW|R|T, R|T,     R|T,     NEW|R|T, R|T,     R|T,     R|T)",
    ),
    Mutant(
        "a cancel stays pending that the venue has refused",
        "transitions.py",
        "(ORPHAN,  C,       C,       C,       C,       C,       C,       C)",
        "(ORPHAN,  STAY,    STAY,    STAY,    STAY,    STAY,    STAY,    STAY)",
    ),
    Mutant(
        "leases together pass the firm's limit",
        "leasing.py",
        'if budget == 0 or more_than(most, granted, wanted["amount"]):',
        "if budget == 0:",
    ),
    Mutant(
        "a lease that has ended is used",
        "budgets.py",
        'if lease["granted"] != 0 and now >= lease["expires_ns"]:',
        'if lease["granted"] < 0:',
        first_flow=6,
    ),
    Mutant(
        "an order that is being canceled is asked to be canceled again",
        "crossing.py",
        'if not order["is_canceling"] and crosses(',
        "if crosses(",
    ),
    Mutant(
        "what a report ends stays in the ledger",
        "evolving_reports.py",
        "    move_stake(tables, order, stake)\n",
        "",
    ),
    Mutant(
        "a gain is halted like a loss",
        "losses.py",
        "    hi, lo = wide_neg(hi, lo)\n",
        "",
    ),
    Mutant(
        "a drawdown counts from the start of the day whatever was gained",
        "losses.py",
        '    if wide_less(ledger["peak_hi"], ledger["peak_lo"], hi, lo):\n',
        "    if False:\n",
    ),
    Mutant(
        "a doubt outlives the report that answers it",
        "in_doubt.py",
        "    if exec_type != 0:\n        left",
        "    if exec_type == 0:\n        left",
        first_flow=1,
    ),
    Mutant(
        "an order that comes back has forgotten what was filled",
        "recalling.py",
        '    order["cum_qty"] = row["cum_qty"]\n',
        "",
        first_flow=12,
    ),
    Mutant(
        "the ExecID of a report that left memory is free for another order",
        "recalling.py",
        '    if command["trade_date"] >= tables.venues[venue]["trade_date"]:',
        "    if True:",
        first_flow=12,
    ),
]


def judged(folder: Path, first_flow: int) -> tuple[int, str]:
    """Run the flows with the engine that lies in a folder: (exit code, what was printed).

    Plain Python: a mutant lives too briefly to be worth compiling.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.mutants.flows_in_child", str(first_flow)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}", "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith(str(folder)), done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a copy of the engine's sources, byte code included, compiled rules not."""
    shutil.copytree(ROOT / "engine", tmp_path / "engine", ignore=shutil.ignore_patterns("orderfold-*"))
    return tmp_path


@pytest.mark.faults
@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.fault.replace(" ", "-") for mutant in MUTANTS])
def test_the_model_notices_that(mutant: Mutant, folder: Path) -> None:
    path = folder / "engine/kernel" / mutant.file
    source = path.read_text()
    assert source.count(mutant.text) == 1, f"the text to replace is not once in {mutant.file}"
    path.write_text(source.replace(mutant.text, mutant.replacement))

    code, printed = judged(folder, mutant.first_flow)

    print(printed)
    assert code == DISAGREED, printed


@pytest.mark.faults
def test_the_model_agrees_with_a_copy_in_which_nothing_is_broken(folder: Path) -> None:
    code, printed = judged(folder, 0)

    assert code == AGREED, printed
