"""The model of everything that orders refer to: definitions, limits, trading states, marks, trading days."""

from dataclasses import fields
from typing import Any

from tests.model.answers import Answer, invalid, low_space, repeated
from tests.model.commands import (
    CancelOrder,
    LiftHalt,
    MassCancel,
    Request,
    SetAccount,
    SetFx,
    SetInstrument,
    SetLimits,
    SetMark,
    SetPrincipal,
    SetStrategy,
    SetThrottles,
    SetTradingState,
    SetVenue,
    StartTradingDay,
)
from tests.model.leases import Leases
from tests.model.rates import Rates
from tests.model.reference_data import (
    FACTOR_MAX,
    LIMIT_MAX,
    MARK_AHEAD_NS_MAX,
    PPM,
    PRICE_MAX,
    QTY_MAX,
    Account,
    Capacity,
    Instrument,
    Limits,
    Named,
    Names,
    Row,
    Strategy,
    Venue,
    is_date,
    is_name,
    money_factor,
)
from tests.model.throttles import malformed_throttles
from tests.model.words import Code, Reason, Scope, State

STRICTNESS = list(State)
Scoped = MassCancel | SetTradingState | LiftHalt | SetThrottles
THROTTLES = {each.name for each in fields(SetThrottles)} - {"scope", "account", "strategy"}


class Definitions:
    """Names and handles, limits, trading states, marks, calendars, and the requests that set them."""

    def __init__(self, capacity: Capacity) -> None:
        self.capacity = capacity
        self.next_offset = 0
        self.scope_version = 0
        self.trading_state = State.ACTIVE
        self.halt_state: State | None = None
        self.venues: Names[Venue] = Names(capacity.venues)
        self.accounts: Names[Account] = Names(capacity.accounts)
        self.strategies: Names[Strategy] = Names(capacity.strategies)
        self.instruments: Names[Instrument] = Names(capacity.instruments)
        self.principals: Names[Named] = Names(capacity.principals)
        self.limits: dict[tuple[int, int], Limits] = {}
        self.rates = Rates(capacity.rates)
        self.leases = Leases()
        self.requests: dict[int, tuple[Request | CancelOrder, Answer]] = {}
        self.request_conflicts: set[int] = set()

    def record(self) -> int:
        """Write one event; gives its offset."""
        self.next_offset += 1
        return self.next_offset - 1

    def next_scope_version(self) -> int:
        """Events about scopes share one count of versions."""
        self.scope_version += 1
        return self.scope_version

    # ---- requests

    def most_requests(self, *, is_urgent: bool) -> int:
        """How many request ids may be remembered; the reserve belongs to cancels and kills."""
        size = self.capacity.requests
        return size if is_urgent else min(size, self.capacity.bound(size))

    def request_again(self, command: Request | CancelOrder) -> Answer:
        """A request id that was used: the same content gets the same answer, other content gets nothing."""
        original, answer = self.requests[command.request_id]
        if command == original:
            return repeated(answer)
        offset = -1 if command.request_id in self.request_conflicts else self.record()
        self.request_conflicts.add(command.request_id)
        return Answer(code=Code.CONFLICT, offset=offset)

    # ---- what orders ask

    def trade_date(self, instrument: int) -> int:
        """The trade date of an instrument's venue."""
        return self.venues.rows[self.instruments.rows[instrument].venue].trade_date

    def limits_for(self, account: int, instrument: int) -> Limits | None:
        """The account's limits for this instrument, else its own, else none."""
        return self.limits.get((account, instrument)) or self.limits.get((account, 0))

    def limits_version(self, account: int, instrument: int) -> int:
        """The version of the limits that apply, 0 if none do."""
        limits = self.limits_for(account, instrument)
        return limits.version if limits else 0

    def spend_rate(self, account: int, instrument: int, now: int) -> None:
        """Take one order's token out of the account's bucket."""
        limits = self.limits_for(account, instrument)
        assert limits, "an order without limits was refused"
        row = self.accounts.rows[account]
        row.full_ns = max(row.full_ns, now) + limits.interval_ns

    def strictest_state(self, account: int, strategy: int, instrument: int) -> State:
        """The strictest trading state or halt of firm, venue, account, strategy and instrument."""
        rows: list[Any] = [
            self,
            self.venues.rows[self.instruments.rows[instrument].venue],
            self.accounts.rows[account],
            self.strategies.rows[strategy],
            self.instruments.rows[instrument],
        ]
        states = [state for row in rows for state in (row.trading_state, row.halt_state) if state]
        return State(max(states, key=STRICTNESS.index))

    def is_closed(self, instrument: int) -> bool:
        """Whether the venue of an instrument takes nothing but cancels; a kill closes no venue."""
        venue = self.venues.rows[self.instruments.rows[instrument].venue]
        return bool(venue.trading_state == State.CANCEL_ONLY)

    # ---- scopes

    def unknown_scope(self, command: Scoped) -> Reason | None:
        """Whether a scope names somebody we don't know, or is none."""
        match command.scope:
            case Scope.ALL:
                return None
            case Scope.ACCOUNT:
                return None if command.account in self.accounts.rows else Reason.UNKNOWN_ACCOUNT
            case Scope.STRATEGY:
                return None if command.strategy in self.strategies.rows else Reason.UNKNOWN_STRATEGY
            case Scope.INSTRUMENT:
                return None if command.instrument in self.instruments.rows else Reason.UNKNOWN_INSTRUMENT
            case Scope.VENUE:
                return None if command.venue in self.venues.rows else Reason.UNKNOWN_VENUE
        return Reason.BAD_SCOPE

    def scoped(self, command: Scoped) -> Any:
        """What a scope is about: it has a trading state and a halt."""
        match command.scope:
            case Scope.ACCOUNT:
                return self.accounts.rows[command.account]
            case Scope.STRATEGY:
                return self.strategies.rows[command.strategy]
            case Scope.INSTRUMENT:
                return self.instruments.rows[command.instrument]
            case Scope.VENUE:
                return self.venues.rows[command.venue]
        return self

    def set_trading_state(self, command: SetTradingState) -> Answer:
        """Give a scope its trading state; one that is less strict than before needs a reason."""
        reason = self.unknown_scope(command)
        if not reason and command.state not in list(State):
            reason = Reason.BAD_STATE
        if not reason:
            before = STRICTNESS.index(self.scoped(command).trading_state)
            is_needed = STRICTNESS.index(State(command.state)) < before
            reason = malformed_text(command.text, is_needed=is_needed)
        if reason:
            return invalid(reason)
        self.scoped(command).trading_state = State(command.state)
        return Answer(code=Code.ACCEPTED, offset=self.record(), version=self.next_scope_version())

    def lift_halt(self, command: LiftHalt) -> Answer:
        """Let a scope trade again, for a reason."""
        reason = self.unknown_scope(command) or malformed_text(command.text, is_needed=True)
        if reason:
            return invalid(reason)
        row = self.scoped(command)
        row.halt_state = None
        if isinstance(row, Strategy):
            row.rearm()
        return Answer(code=Code.ACCEPTED, offset=self.record(), version=self.next_scope_version())

    # ---- marks and days

    def set_mark(self, command: SetMark, now: int) -> Answer:
        """A later mark replaces an earlier one; one that is not later, or of the future, changes nothing."""
        instrument = self.instruments.rows.get(command.instrument)
        if instrument is None:
            return invalid(Reason.UNKNOWN_INSTRUMENT)
        if not 0 < command.price <= PRICE_MAX:
            return invalid(Reason.BAD_PRICE)
        if command.ts_event > now + MARK_AHEAD_NS_MAX:
            return invalid(Reason.BAD_TIME)
        version = instrument.version
        if instrument.mark and command.ts_event and command.ts_event <= instrument.mark_ns:
            offset = instrument.mark_offset
            return Answer(code=Code.DUPLICATE, original_code=Code.ACCEPTED, offset=offset, version=version)
        instrument.mark = command.price
        instrument.mark_ns = max(instrument.mark_ns, command.ts_event or now)
        instrument.mark_offset = self.record()
        return Answer(code=Code.ACCEPTED, offset=instrument.mark_offset, version=version)

    def set_fx(self, command: SetFx, now: int) -> Answer:
        """A rate of a later time replaces an earlier one; one that is not later changes nothing."""
        reason = self.rates.malformed(command, now)
        if reason:
            return invalid(reason)
        if not self.rates.has_room(command):
            return low_space(Reason.TABLE_FULL)
        known = self.rates.standing(command)
        if known:
            offset, version = known.offset, known.version
            return Answer(code=Code.DUPLICATE, original_code=Code.ACCEPTED, offset=offset, version=version)
        rate = self.rates.set(command, now, self.record())
        return Answer(code=Code.ACCEPTED, offset=rate.offset, version=rate.version)

    def start_trading_day(self, command: StartTradingDay) -> Answer:
        """A calendar only goes forward."""
        venue = self.venues.rows.get(command.venue)
        if venue is None:
            return invalid(Reason.UNKNOWN_VENUE)
        if command.trade_date <= venue.trade_date or not is_date(command.trade_date):
            return invalid(Reason.BAD_TRADE_DATE)
        venue.trade_date = command.trade_date
        return Answer(code=Code.ACCEPTED, offset=self.record(), version=venue.version)

    # ---- definitions

    def define(self, command: Request | CancelOrder) -> Answer:
        """Define something new, or a new version of it."""
        match command:
            case SetLimits():
                return self._set_limits(command)
            case SetThrottles():
                return self._set_throttles(command)
            case SetVenue() if is_name(command.name, 16):
                return self._defined(self.venues, Venue(command.name))
            case SetAccount() if is_name(command.name, 16):
                return self._defined(self.accounts, Account(command.name))
            case SetPrincipal() if is_name(command.name, 16):
                return self._defined(self.principals, Named(command.name))
            case SetStrategy() if is_name(command.name, 16):
                return self._set_strategy(command)
            case SetInstrument() if is_name(command.name, 16):
                return self._set_instrument(command)
        return invalid(Reason.BAD_NAME)

    def _defined(self, names: Names[Row], row: Row) -> Answer:
        """Enter a definition under its handle; what is not part of the definition stays as it was."""
        handle = names.handle(row.name)
        if not handle:
            return low_space(Reason.TABLE_FULL)
        known = names.rows.get(handle)
        if known:
            known.version += 1
        names.rows.setdefault(handle, row)
        version = names.rows[handle].version
        return Answer(code=Code.ACCEPTED, offset=self.record(), version=version, handle=handle)

    def _set_strategy(self, command: SetStrategy) -> Answer:
        if command.account not in self.accounts.rows:
            return invalid(Reason.UNKNOWN_ACCOUNT)
        known = self.strategies.rows.get(self.strategies.handle(command.name))
        if known and known.account != command.account:
            return invalid(Reason.IMMUTABLE)
        return self._defined(self.strategies, Strategy(command.name, account=command.account))

    def _set_instrument(self, command: SetInstrument) -> Answer:
        handle = self.instruments.handle(command.name)
        if not handle:
            return low_space(Reason.TABLE_FULL)
        known = self.instruments.rows.get(handle)
        reason = self._malformed_instrument(command)
        fixed = ("price_scale", "qty_scale", "multiplier", "venue", "currency")
        if not reason and known and any(getattr(known, name) != getattr(command, name) for name in fixed):
            reason = Reason.IMMUTABLE
        if reason:
            return invalid(reason)
        names = {each.name for each in fields(Instrument)} & {each.name for each in fields(SetInstrument)}
        wanted = Instrument(**{name: getattr(command, name) for name in names})
        answer = self._defined(self.instruments, wanted)
        row = self.instruments.rows[handle]
        for name in ("tick", "lot", "mark_band_ppm", "min_lots", "max_lots", "flags"):
            setattr(row, name, getattr(wanted, name))
        return answer

    def _malformed_instrument(self, command: SetInstrument) -> Reason | None:
        if command.venue not in self.venues.rows:
            return Reason.UNKNOWN_VENUE
        if not 1 <= command.tick <= PRICE_MAX:
            return Reason.BAD_PRICE
        if not 1 <= command.lot <= QTY_MAX:
            return Reason.BAD_QTY
        if not 0 <= command.mark_band_ppm <= PPM:
            return Reason.BAD_LIMIT
        if max(command.min_lots, command.max_lots) * command.lot > QTY_MAX:
            return Reason.BAD_QTY
        if command.max_lots and command.min_lots > command.max_lots:
            return Reason.BAD_QTY
        factor = money_factor(command.multiplier, command.price_scale, command.qty_scale)
        if not 1 <= factor <= FACTOR_MAX:
            return Reason.BAD_NOTIONAL
        return None if command.flags < 16 else Reason.BAD_LIMIT

    def _set_limits(self, command: SetLimits) -> Answer:
        reason = self._malformed_limits(command)
        if reason:
            return invalid(reason)
        key = (command.account, command.instrument)
        known = self.limits.get(key)
        if known is None and len(self.limits) >= self.capacity.limits:
            return low_space(Reason.TABLE_FULL)
        names = {each.name for each in fields(Limits)} - {"version"}
        version = known.version + 1 if known else 1
        self.limits[key] = Limits(version, **{name: getattr(command, name) for name in names})
        return Answer(code=Code.ACCEPTED, offset=self.record(), version=version)

    def _set_throttles(self, command: SetThrottles) -> Answer:
        if command.scope not in (Scope.ACCOUNT, Scope.STRATEGY):
            return invalid(Reason.BAD_SCOPE)
        reason = self.unknown_scope(command) or malformed_throttles(command)
        if reason:
            return invalid(reason)
        row = self.scoped(command)
        row.version += 1
        for name in fields(row):
            if name.name in THROTTLES:
                setattr(row, name.name, getattr(command, name.name))
        return Answer(code=Code.ACCEPTED, offset=self.record(), version=row.version)

    def _malformed_limits(self, command: SetLimits) -> Reason | None:
        if command.account not in self.accounts.rows:
            return Reason.UNKNOWN_ACCOUNT
        if command.instrument and command.instrument not in self.instruments.rows:
            return Reason.UNKNOWN_INSTRUMENT
        most = [
            command.max_order_qty,
            command.max_order_notional,
            command.max_long_qty,
            command.max_short_qty,
        ]
        is_in_bounds = (
            all(0 <= value <= LIMIT_MAX for value in most)
            and 0 <= command.collar_ppm <= PPM
            and 0 <= command.soft_percent <= 100
            and command.self_match in (0, *map(ord, "123"))
            and 1 <= command.orders_per_second <= PPM
            and 1 <= command.burst <= PPM
        )
        return None if is_in_bounds else Reason.BAD_LIMIT


def malformed_text(text: bytes, *, is_needed: bool) -> Reason | None:
    if not text:
        return Reason.REASON_NEEDED if is_needed else None
    return None if is_name(text, 20) else Reason.BAD_NAME
