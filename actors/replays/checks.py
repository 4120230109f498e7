"""Compares what a file says with what the engine answers at the very position of a row."""

from collections.abc import Sequence
from typing import Protocol

from actors.replays.command_draft import OrderRef
from actors.replays.lobster_file import Level
from actors.replays.replay_report import ReplayReport
from actors.replays.replay_step import BookCheck, OrderCheck, Rule, Step
from engine.values import unscaled
from engine.vocabulary import Side


class EngineView(Protocol):
    """What the engine answers as of a position in its log; positions only go forward."""

    def book(
        self, position: int, instrument: int, levels: int
    ) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
        """The best asks and bids, best first."""

    def order(self, position: int, order: OrderRef) -> tuple[Side, int, int]:
        """An order's side, price and leaves."""


class Checks:
    """Judges one step after another, and counts in the report.

    `price_scale` is how many decimal places the prices of the file's instruments have.
    """

    def __init__(self, view: EngineView, report: ReplayReport) -> None:
        self.price_scale = 0
        self._view = view
        self._report = report

    def judge(self, step: Step, before: int, after: int) -> None:
        """Check a message by the positions of the last events before it and in it."""
        if step.order_check is not None:
            self._judge_order(step.row, step.order_check, before)
        if step.book_check is not None:
            self._judge_book(step.row, step.book_check, after)

    def _judge_order(self, row: int, check: OrderCheck, position: int) -> None:
        side, price, leaves = self._view.order(position, check.order)
        most = leaves + check.filled
        is_held = check.size <= most if check.rule == Rule.R2_CHANGE else check.size == most
        is_bad = not (is_held and side == check.side and price == check.price)
        self._count(check.rule, is_bad=is_bad)
        if is_bad:
            said = f"{check.side.name} {self._level(check.price, check.size)} by {check.rule.name}"
            has = f"{side.name} {self._level(price, most)}"
            self._report.blame(row, f"the file takes {said}; the engine has {has}")

    def _count(self, rule: Rule, *, is_bad: bool) -> None:
        report = self._report
        if rule in (Rule.R2_CHANGE, Rule.R2_DELETE):
            report.r2_checked += 1
            report.r2_deletes += rule == Rule.R2_DELETE
            report.r2_bad += is_bad
        else:
            report.cancels_checked += rule == Rule.CANCEL
            report.cancels_bad += is_bad

    def _judge_book(self, row: int, check: BookCheck, position: int) -> None:
        expected = (check.row.asks, check.row.bids)
        found = self._view.book(position, check.instrument, check.row.depth)
        report = self._report
        report.r1_rows += 1
        report.r1_cells += len(check.row.asks) + len(check.row.bids) - check.revealed
        report.r1_revealed += check.revealed
        if found != expected:
            report.r1_rows_bad += 1
            says, has = self._sides(*expected), self._sides(*found)
            report.blame(row, f"the orderbook's asks and bids are {says}; the engine's are {has}")

    def _sides(self, asks: Sequence[Level], bids: Sequence[Level]) -> str:
        sides = [", ".join(self._level(*level) for level in side) or "none" for side in (asks, bids)]
        return " | ".join(sides)

    def _level(self, price: int, size: int) -> str:
        """A price level as people write it."""
        return f"{size} at {unscaled(price, self.price_scale):f}"
