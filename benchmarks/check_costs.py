"""What each pre-trade check costs: `judge` with all checks, and without one of them, in ns an order.

`python -m benchmarks.check_costs` leaves out one check after another and prints the difference of the
medians; `python -m benchmarks.check_costs TICK COLLAR` does so for these. Each variant is compiled anew, and
that takes most of the time. Its rounds take turns with those of the whole, so that a busy machine troubles
both alike. What is within a nanosecond or two of 0 is noise. LOSS and DRAWDOWN share a sum, which a run
without one of them still makes for the other.
"""

import argparse
import ast
import inspect
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numba
import numpy as np

from benchmarks.conftest import Prepared
from engine.check_order import CHECK_ORDER
from engine.kernel import risk
from engine.kernel.tables import Tables
from engine.kernel.views import command_views_of
from engine.vocabulary import Check

ROUNDS = 41
WARMING_FRAMES = 10
"""Frames decided before anything is timed, so that accounts have positions, working orders and ledgers."""
NOTES = ("note", "_measure")
"""The calls by which `judge` adds a check to what it has found: (found, check, ...)."""


class Leaving(ast.NodeTransformer):
    """Takes one check out of `judge`; what was computed for it alone is dropped by the compiler."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.count = 0

    def visit_Assign(self, node: ast.Assign) -> ast.AST | None:
        """Drop `found = note(found, Check.THIS, ...)`."""
        return None if self._is_note(node.value) else node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        """Give what was found before, where this check comes last."""
        return ast.Return(ast.Name("found", ast.Load())) if self._is_note(node.value) else node

    def _is_note(self, node: ast.expr | None) -> bool:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in NOTES:
            return False
        is_this = ast.unparse(node.args[1]) == f"Check.{self.check.name}"
        self.count += is_this
        return is_this


def judge_without(check: Check) -> Callable[..., Any] | None:
    """`judge` without one check, or None where it has no such check."""
    tree = ast.parse(inspect.getsource(risk))
    function = next(n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == "judge")
    leaving = Leaving(check)
    module = ast.fix_missing_locations(ast.Module([leaving.visit(function)], []))
    names = dict(vars(risk))
    exec(compile(module, f"judge without {check.name}", "exec"), names)
    judge: Callable[..., Any] = names["judge"]
    return judge if leaving.count else None


def loop_over(judge: Callable[..., Any]) -> Callable[..., int]:
    """A compiled loop that judges every row and adds up what they violate."""

    @numba.njit(nogil=True, error_model="numpy", _nrt=False)  # type: ignore[untyped-decorator]
    def judged(tables: Any, asked: Any, holdings: Any, limits: Any, now: int) -> int:
        total = 0
        for i in range(len(asked)):
            row = asked[i]
            found = judge(
                tables, row, row["price"], holdings[i], limits[i], np.int64(0), np.int64(row["qty"]), now
            )
            total += found[0]
        return total

    run: Callable[..., int] = judged
    return run


def prepared_arguments() -> tuple[Any, ...]:
    """Tables in which trading goes on, and new orders with the slots that `judge` is given."""
    prepared = Prepared()
    for _ in range(WARMING_FRAMES):
        prepared.decide(prepared.frame())
    rows = prepared.submits()
    tables: Tables = prepared.kernel.tables
    held = {(int(row["account"]), int(row["instrument"])): slot for slot, row in enumerate(tables.holdings)}
    pairs = zip(rows["account"].tolist(), rows["instrument"].tolist(), strict=True)
    holdings = np.array([held.get(pair, 0) for pair in pairs], np.int64)
    limits = tables.accounts["limits"][rows["account"]].astype(np.int64)
    return tables, command_views_of(rows).asked, holdings, limits, time.time_ns()


def medians_ns(runs: list[Callable[..., int]], arguments: tuple[Any, ...]) -> list[float]:
    """The median time an order of each run, ns; the runs take turns."""
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(ROUNDS + 1):
        for run, taken in zip(runs, times, strict=True):
            start = time.perf_counter_ns()
            run(*arguments)
            taken.append((time.perf_counter_ns() - start) / len(arguments[1]))
    return [median(taken[1:]) for taken in times]


def main() -> None:
    """Print a line for each check."""
    parser = argparse.ArgumentParser(description="what each pre-trade check costs, ns an order")
    parser.add_argument(
        "checks", nargs="*", metavar="CHECK", help="names as in docs/risk.md; all if left out"
    )
    names = parser.parse_args().checks
    arguments = prepared_arguments()
    whole = loop_over(risk.judge)
    print(f"{len(arguments[1]):,} new orders, median of {ROUNDS} rounds, ns an order", flush=True)
    for check in [Check[name] for name in names] or CHECK_ORDER:
        judge = judge_without(check)
        if judge is None:
            continue
        with_all, without = medians_ns([whole, loop_over(judge)], arguments)
        print(
            f"{check.name:18} {with_all - without:7.1f}  (all {with_all:.1f}, without {without:.1f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
