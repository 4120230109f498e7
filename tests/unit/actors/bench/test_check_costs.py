"""The benchmark of checks leaves out what it says: every check is found, and an unknown one is not."""

import ast
import inspect

from benchmarks.check_costs import Leaving, judge_without
from engine.check_order import CHECK_ORDER
from engine.kernel import risk
from engine.vocabulary import Check


def test_every_check_of_an_order_can_be_left_out() -> None:
    """All but those that the life of an order makes, which are no part of what is measured."""
    assert [check for check in CHECK_ORDER if judge_without(check) is None] == [Check.RULE]


def test_only_that_check_is_left_out() -> None:
    """The control: what remains names every other check as often as before."""
    whole = ast.parse(inspect.getsource(risk))
    before = ast.unparse(whole)
    after = ast.unparse(Leaving(Check.COLLAR).visit(whole))

    assert before.count("Check.COLLAR") - after.count("Check.COLLAR") == 1
    for check in set(CHECK_ORDER) - {Check.COLLAR}:
        assert before.count(f"Check.{check.name},") == after.count(f"Check.{check.name},")
