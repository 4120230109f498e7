"""What accounts have at stake in a currency and what they may: every sum is added up anew, whenever asked.

The sums of an account are looked at once it has limits; a day's profit counts from `starts`, by account and
currency, in the order in which somebody first looked at them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import NamedTuple

from tests.model.answers import Answer, invalid, low_space
from tests.model.books import Books
from tests.model.commands import (
    Command,
    ExecutionReport,
    SetExposureLimits,
    SetFirmLimit,
    SetFx,
    SetMark,
    StartTradingDay,
)
from tests.model.families import CORRECTIONS
from tests.model.leases import LeaseCommand
from tests.model.rates import CURRENCY_BYTES_MAX
from tests.model.reference_data import LIMIT_MAX, NOTIONAL_MAX, SECOND_NS, Capacity, Instrument, is_name
from tests.model.words import Code, ExecType, Reason, State

VALUE_HIGH_MAX = 2**30
INT64_MAX = 2**63 - 1
FIRM = 0
"""Where an account stands: all of them together."""
MARKED = ("net", "long", "short", "gross", "profit")
"""The measures that need a mark for everything."""


class LedgerKey(NamedTuple):
    """Whose sums, in which currency."""

    account: int
    currency: bytes


@dataclass
class ExposureLimits:
    """How much an account may have at stake, all of it in one currency."""

    version: int
    max_gross: int
    max_net: int
    max_credit: int
    max_working_notional: int
    max_loss: int
    max_drawdown: int
    has_max_drawdown: bool
    fx_age_s: int
    soft_percent: int
    peak: int = 0
    is_breached: bool = False
    lost: int = 0
    is_drawn_down: bool = False
    drawdown: int = 0

    def begin_day(self) -> None:
        """Forget what the day before has come to."""
        self.peak = 0
        self.is_breached, self.lost = False, 0
        self.is_drawn_down, self.drawdown = False, 0

    def meet(self, profit: int) -> int:
        """Take notice of the day's profit; gives how many of the two limits on it have just been passed."""
        before = self.is_breached, self.is_drawn_down
        self.peak = max(self.peak, profit)
        lost, drawdown = -profit, self.peak - profit
        self.is_breached = lost > self.max_loss
        self.lost = min(lost, INT64_MAX) if self.is_breached else 0
        self.is_drawn_down = self.has_max_drawdown and drawdown > self.max_drawdown
        self.drawdown = min(drawdown, INT64_MAX) if self.is_drawn_down else 0
        after = self.is_breached, self.is_drawn_down
        return sum(is_past and not was_past for was_past, is_past in zip(before, after, strict=True))


class Total(NamedTuple):
    """A sum over all currencies, or why nobody knows it: MARK, FX or PAST."""

    amount: int
    fault: str = ""


def can_value(instrument: Instrument, qty: int) -> bool:
    """Whether there is a mark, and the quantity's value at it is one that can be summed."""
    high = abs(qty) * instrument.mark >> 64
    return instrument.mark > 0 and high <= VALUE_HIGH_MAX // instrument.factor


class Exposure(Books):
    """The part of a partition that measures what is at stake."""

    def __init__(self, capacity: Capacity) -> None:
        super().__init__(capacity)
        self.exposure_limits: dict[LedgerKey, ExposureLimits] = {}
        self.starts: dict[LedgerKey, int | None] = {}
        self.trade_date_of_firm = 0

    @property
    def ledger_rows(self) -> int:
        """How many sums are looked at: of accounts, and of the firm where it has a limit."""
        return len(self.starts) + len(self.leases.limits)

    # ---- sums of one currency

    def _holdings_in(self, key: LedgerKey) -> list[int]:
        """The instruments of an account in a currency, the newest holding last."""
        found = dict.fromkeys(
            instrument for account, _, instrument in self.positions if account == key.account
        )
        return [i for i in found if self.instruments.rows[i].currency == key.currency]

    def _worst_qtys(self, account: int, instrument: int) -> tuple[int, int, int]:
        """(held, long if all buys fill, short if all sales do)."""
        held = self.held_qty(account, instrument)
        buying, selling = (self.working(side, account, instrument)[0] for side in "12")
        return held, held + buying, selling - held

    def _largest(self, account: int, instrument: int) -> int:
        held, most, least = self._worst_qtys(account, instrument)
        return abs(held) + (most - held) + (least + held)

    def unpriced(self, key: LedgerKey) -> int:
        """How many holdings have no mark, or are too large to value."""
        if key.account == FIRM:
            return sum(self.unpriced(LedgerKey(each, key.currency)) for each in self.accounts.rows)
        sizes = {i: self._largest(key.account, i) for i in self._holdings_in(key)}
        return sum(size != 0 and not can_value(self.instruments.rows[i], size) for i, size in sizes.items())

    def measured(self, key: LedgerKey) -> dict[str, int]:
        """Every measure of an account, or of the firm, in one currency."""
        if key.account == FIRM:
            parts = [self.measured(LedgerKey(each, key.currency)) for each in self.accounts.rows]
            return {name: sum(part[name] for part in parts) for name in parts[0]} if parts else {}
        sums = dict.fromkeys(("net", "long", "short", "gross", "working", "cost", "cash"), 0)
        for i in self._holdings_in(key):
            row = self.instruments.rows[i]
            sums["working"] += sum(self.working(side, key.account, i)[1] for side in "12")
            if can_value(row, self._largest(key.account, i)):
                held, most, least = (qty * row.mark * row.factor for qty in self._worst_qtys(key.account, i))
                sums["net"] += held
                sums["long"] += most
                sums["short"] += least
                sums["gross"] += max(most, least)
        for (account, _, instrument), position in self.positions.items():
            if account == key.account and self.instruments.rows[instrument].currency == key.currency:
                sums["cost"] += abs(position.open_cost)
                sums["cash"] += position.cash
        sums["credit"] = sums["cost"] + sums["working"]
        sums["profit"] = sums["cash"] + sums["net"] - (self.starts.get(key) or 0)
        return sums

    # ---- sums of all currencies

    def sums_of(self, account: int) -> dict[bytes, dict[str, int]]:
        """Every measure of an account in each of its currencies, and how much of it has no price."""
        keys = [key for key in self.starts if key.account == account]
        return {key.currency: {**self.measured(key), "unpriced": self.unpriced(key)} for key in keys}

    def total(
        self,
        limited: LedgerKey,
        sums: dict[bytes, dict[str, int]],
        measure: str,
        added: tuple[bytes, int],
        now: int,
    ) -> Total:
        """A measure of an account in the currency of its limits, with an amount of some currency on top."""
        limits = self.exposure_limits[limited]
        amounts = {currency: of_currency[measure] for currency, of_currency in sums.items()}
        amounts[added[0]] = amounts.get(added[0], 0) + added[1]
        converted = [self._converted(limits, limited.currency, pair, now) for pair in amounts.items()]
        faults = {total.fault for total in converted}
        if measure in MARKED and any(of_currency["unpriced"] for of_currency in sums.values()):
            faults.add("MARK")
        fault = next((fault for fault in ("MARK", "FX", "PAST") if fault in faults), "")
        return Total(sum(total.amount for total in converted), fault)

    def _converted(self, limits: ExposureLimits, into: bytes, pair: tuple[bytes, int], now: int) -> Total:
        """An amount at the rate of now, rounded half to even."""
        currency, amount = pair
        rate = self._rate(currency, into, now - limits.fx_age_s * SECOND_NS if limits.fx_age_s else None)
        if amount == 0:
            return Total(0)
        if rate is None:
            return Total(0, "FX")
        result = round(amount * rate)
        is_bounded = max(abs(amount), abs(result)) < NOTIONAL_MAX
        return Total(result) if is_bounded else Total(0, "PAST")

    def _rate(self, currency: bytes, into: bytes, since: int | None) -> Fraction | None:
        """A pair's rate, else the inverse of the other way round; one that is too old is none."""
        if currency == into:
            return Fraction(1)
        for pair, power in (((currency, into), 1), ((into, currency), -1)):
            rate = self.rates.rows.get(pair)
            if rate and (since is None or rate.observed_ns >= since):
                return Fraction(rate.numerator, rate.denominator) ** power
        return None

    def limited_keys(self, account: int) -> list[LedgerKey]:
        """The currencies in which an account is limited, the one that was looked at last first."""
        return [
            key for key in reversed(self.starts) if key.account == account and key in self.exposure_limits
        ]

    # ---- limits

    def set_exposure_limits(self, command: SetExposureLimits) -> Answer:
        """Limit an account in a currency from now on."""
        reason = self._malformed_exposure_limits(command)
        if reason:
            return invalid(reason)
        key = LedgerKey(command.account, command.currency)
        if key not in self.starts and self.ledger_rows >= self.capacity.bound(self.capacity.ledgers):
            return low_space(Reason.TABLE_FULL)
        known = self.exposure_limits.get(key)
        if not self.limited_keys(command.account):
            self._look_at_all(command.account)
        self._look_at(key)
        names = {each.name for each in fields(ExposureLimits)} & set(vars(command))
        version = known.version + 1 if known else 1
        wanted = {name: getattr(command, name) for name in names}
        self.exposure_limits[key] = (
            replace(known, version=version, **wanted) if known else ExposureLimits(version, **wanted)
        )
        return Answer(code=Code.ACCEPTED, offset=self.record(), version=version)

    def _malformed_exposure_limits(self, command: SetExposureLimits) -> Reason | None:
        if command.account not in self.accounts.rows:
            return Reason.UNKNOWN_ACCOUNT
        if not is_name(command.currency, CURRENCY_BYTES_MAX):
            return Reason.BAD_NAME
        most = [value for name, value in vars(command).items() if name.startswith("max_")]
        is_bad = not all(0 <= value <= LIMIT_MAX for value in most) or command.soft_percent > 100
        is_unsaid = command.max_drawdown != 0 and not command.has_max_drawdown
        return Reason.BAD_LIMIT if is_bad or is_unsaid else None

    def _look_at_all(self, account: int) -> None:
        """Begin with every currency that an account has anything in, the newest holding's first."""
        instruments = dict.fromkeys(i for owner, _, i in self.positions if owner == account)
        for instrument in reversed(instruments):
            self._look_at(LedgerKey(account, self.instruments.rows[instrument].currency))

    def look_at_currency(self, currency: bytes) -> None:
        """Begin with every account that has anything in a currency in which the firm has a limit."""
        for account in dict.fromkeys(account for account, _, _ in self.positions):
            if self._holdings_in(LedgerKey(account, currency)):
                self._look_at(LedgerKey(account, currency))

    def change_lease(self, command: LeaseCommand, now: int) -> Answer:
        """Set a limit of the firm, grant or return of it; what is refused is not remembered."""
        used = self.measured(LedgerKey(FIRM, command.currency)).get("credit", 0)
        refusal = self.leases.refusal(command, min(used, INT64_MAX))
        if refusal:
            return refusal
        if not isinstance(command, SetFirmLimit):
            return Answer(code=Code.ACCEPTED, offset=self.record(), version=self.leases.change(command, now))
        if command.currency not in self.leases.limits:
            if self.ledger_rows + len(self.accounts.rows) >= self.capacity.bound(self.capacity.ledgers):
                return low_space(Reason.TABLE_FULL)
            self.look_at_currency(command.currency)
        self.leases.change(command, now)
        return Answer(code=Code.ACCEPTED, offset=self.record(), version=self.next_scope_version())

    def _look_at(self, key: LedgerKey) -> None:
        if key not in self.starts:
            self.starts[key] = None
            self._start(key)

    def look_at_new(self, account: int, instrument: int) -> None:
        """Begin with the currency of an instrument that a limited account begins to trade."""
        currency = self.instruments.rows[instrument].currency
        if self.limited_keys(account) or currency in self.leases.limits:
            self.starts.setdefault(LedgerKey(account, currency), 0)

    # ---- the day's loss and drawdown

    def _start(self, key: LedgerKey) -> None:
        """Count the day's profit from here, or from when all has a mark."""
        self.starts[key] = None
        if not self.unpriced(key):
            self.starts[key] = self.measured(key)["profit"]

    def follow(self, command: Command, answer: Answer, now: int) -> None:
        """What follows from a command for the day's profits, and the halts that they lead to."""
        if answer.code != Code.ACCEPTED:
            return
        if isinstance(command, StartTradingDay) and command.trade_date > self.trade_date_of_firm:
            self.trade_date_of_firm = command.trade_date
            for limits in self.exposure_limits.values():
                limits.begin_day()
            for key in self.starts:
                self._start(key)
        for key, start in self.starts.items():
            if start is None:
                self._start(key)
        for account in self.watched(command):
            self.watch_account(account, now)

    def watch_account(self, account: int, now: int) -> None:
        """Halt an account for each limit on its day that it has just passed."""
        for key, start in self.starts.items():
            if key.account == account and start is None:
                self._start(key)
        for key in self.limited_keys(account):
            self._watch(key, now)

    def watched(self, command: Command) -> Iterable[int]:
        """The accounts whose profit a command may have changed."""
        match command:
            case SetMark():
                return [account for account, i in self.holdings if i == command.instrument]
            case SetFx():
                return list(self.accounts.rows)
            case SetExposureLimits():
                return [command.account]
            case ExecutionReport() if command.exec_type in (ExecType.TRADE, *CORRECTIONS):
                member = self.families.members[command.venue, command.trade_date, command.exec_id]
                order = self.orders.get(member.order_id)
                return [order.account] if order else []
        return []

    def _watch(self, key: LedgerKey, now: int) -> None:
        """Halt an account for the limits in a currency that its day has just passed."""
        total = self.total(key, self.sums_of(key.account), "profit", (key.currency, 0), now)
        passed = 0 if total.fault else self.exposure_limits[key].meet(total.amount)
        for _ in range(passed):
            self.record()
            self.next_scope_version()
            account = self.accounts.rows[key.account]
            states = [state for state in (account.halt_state, State.REDUCING) if state]
            account.halt_state = max(states, key=list(State).index)
