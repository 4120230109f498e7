"""Rates of exchange between pairs of currencies."""

from dataclasses import dataclass

from tests.model.commands import SetFx
from tests.model.reference_data import MARK_AHEAD_NS_MAX, is_name
from tests.model.words import Reason

RATE_MAX = 10**15
CURRENCY_BYTES_MAX = 3


@dataclass
class Rate:
    """What one unit of a currency is worth in another; `version` counts its changes."""

    numerator: int
    denominator: int
    observed_ns: int
    version: int
    offset: int


class Rates:
    """The rates of all pairs, (currency, settlement currency), in the order in which they were first set."""

    def __init__(self, most: int) -> None:
        self.rows: dict[tuple[bytes, bytes], Rate] = {}
        self._most = most

    @staticmethod
    def malformed(command: SetFx, now: int) -> Reason | None:
        """What is wrong with a rate, if anything."""
        pair = command.currency, command.settl_currency
        if not all(is_name(name, CURRENCY_BYTES_MAX) for name in pair) or pair[0] == pair[1]:
            return Reason.BAD_NAME
        if not all(1 <= number <= RATE_MAX for number in (command.numerator, command.denominator)):
            return Reason.BAD_PRICE
        return Reason.BAD_TIME if command.ts_event > now + MARK_AHEAD_NS_MAX else None

    def has_room(self, command: SetFx) -> bool:
        """Whether the pair has a rate, or can get one."""
        return (command.currency, command.settl_currency) in self.rows or len(self.rows) < self._most

    def standing(self, command: SetFx) -> Rate | None:
        """The rate of a time that is not before the command's, if there is one."""
        rate = self.rows.get((command.currency, command.settl_currency))
        return rate if rate and command.ts_event and command.ts_event <= rate.observed_ns else None

    def set(self, command: SetFx, now: int, offset: int) -> Rate:
        """Take in a rate."""
        pair = command.currency, command.settl_currency
        version = self.rows[pair].version + 1 if pair in self.rows else 1
        observed_ns = command.ts_event or now
        rate = Rate(command.numerator, command.denominator, observed_ns, version, offset)
        self.rows[pair] = rate
        return rate
