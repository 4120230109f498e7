"""Fees as reports state them: one sum for each position and currency."""

from collections import defaultdict

from tests.model.commands import ExecutionReport
from tests.model.reference_data import Capacity, is_name
from tests.model.words import Reason

COMMISSION_MAX = 10**18
FEES_OF_POSITION = 2
CURRENCY_BYTES_MAX = 3

FeeKey = tuple[int, int, int, bytes]
"""(account, strategy, instrument, currency)."""


class Fees:
    """What every position has paid in every currency."""

    def __init__(self, positions_max: int) -> None:
        self.paid: dict[FeeKey, int] = defaultdict(int)
        self._rows_max = FEES_OF_POSITION * positions_max

    def malformed(self, report: ExecutionReport) -> Reason | None:
        """What is wrong with a trade's commission."""
        if abs(report.commission) > COMMISSION_MAX:
            return Reason.BAD_NOTIONAL
        if report.commission == 0:
            return None
        return None if is_name(report.commission_currency, CURRENCY_BYTES_MAX) else Reason.BAD_NAME

    def has_room(self, position: tuple[int, int, int] | None, report: ExecutionReport) -> bool:
        """Whether a report's commission can be summed; that of an orphan waits in its event."""
        if position is None or report.commission == 0 or len(self.paid) < self._rows_max:
            return True
        return (*position, report.commission_currency) in self.paid

    def is_crowded(self, size: Capacity) -> bool:
        """Whether only what must always pass still gets a row."""
        return len(self.paid) >= size.bound(self._rows_max)

    def charge(self, position: tuple[int, int, int], report: ExecutionReport) -> None:
        """Add what a trade's report states."""
        if report.commission:
            self.paid[*position, report.commission_currency] += report.commission
