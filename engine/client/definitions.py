"""Definitions: venues, instruments, accounts, strategies, limits, trading states; the reference log decides.

A name defined again keeps its handle and becomes a new version. When a definition is answered, every
partition has copied it.
"""

from collections.abc import Iterable

from engine.answers import Ack, Acks
from engine.client.catalog import Instrument
from engine.client.connection import Connection, knowing
from engine.client.conversation import Conversation
from engine.client.operator_rows import operator_row, send_operator, write_reason, write_scope
from engine.client.request_ids import RequestId, Words, derived_request
from engine.client.transport import REFERENCE
from engine.errors import BadRequest
from engine.flags import InstrumentFlag
from engine.limits import (
    BURST_MAX,
    COLLAR_PPM_MAX,
    LIMIT_MAX,
    MONEY_FACTOR_MAX,
    MONEY_SCALE,
    ORDERS_PER_SECOND_MAX,
    PPM,
)
from engine.rows.commands import INSTRUMENT_COMMAND, LIMITS_COMMAND
from engine.values import (
    Number,
    code_of,
    currency_bytes,
    flag,
    name_bytes,
    qty_units,
    require_step,
    units_of,
    unscaled,
    whole_within,
)
from engine.vocabulary import CommandKind, Scope, SelfMatchPrevention, TradingState

DEFINED_FIELDS = (
    "tick",
    "lot",
    "multiplier",
    "mark_band_ppm",
    "venue",
    "currency",
    "price_scale",
    "qty_scale",
)
"""What a SetInstrument row takes over from the catalog's entry."""

LOTS_MAX = 2**32 - 1
"""Most lots that a row holds as the least or most of an order."""

MARK_AGE_S_MAX = 2**16 - 1
"""Longest age of a mark that a row holds, in seconds: 18 hours."""


def set_venue(connection: Connection, name: str, *, request_id: RequestId | None = None) -> Conversation[Ack]:
    """Define a venue; it has no trade date until `start_trading_day`."""
    rows = operator_row(connection, CommandKind.SET_VENUE, request_id)
    rows["text"] = name_bytes(name, "venue")
    ack = yield from send_operator(REFERENCE, rows)
    if ack.is_accepted:
        connection.catalog.add_venue(name, ack.handle, 0)
    return ack


def set_instrument(  # noqa: PLR0913 - what an instrument is
    connection: Connection,
    name: str,
    *,
    venue: str,
    price_scale: int = 2,
    qty_scale: int = 0,
    tick: Number = "0.01",
    lot: Number = 1,
    min_qty: Number | None = None,
    max_qty: Number | None = None,
    multiplier: int = 1,
    currency: str = "USD",
    mark_band_ppm: int | None = None,
    is_restricted: bool = False,
    is_shortable: bool = True,
    needs_locate: bool = False,
    is_reopening_allowed: bool = False,
    request_id: RequestId | None = None,
) -> Conversation[Ack]:
    """Define an instrument. Scales, multiplier, venue and currency are fixed for good; the rest is not.

    - `venue`: name of a defined venue.
    - `price_scale`, `qty_scale`: decimal places, together at most 8.
    - `tick`, `lot`: smallest steps of price and quantity, in whole units.
    - `min_qty`, `max_qty`: least and most of one order, whole lots; none if left out.
    - `multiplier`: contract multiplier, a whole number.
    - `currency`: three letters, ISO 4217.
    - `mark_band_ppm`: `offer_marks` logs no smaller moves of the mark; the configured band if left out.
    - `is_restricted`: nobody trades it; what works can be canceled.
    - `is_shortable`, `needs_locate`: whether it may be sold short, and only where the stock has been found.
    - `is_reopening_allowed`: whether its venue takes a replace to more of an order that is filled.
    """
    catalog = yield from knowing(connection, venue=venue)
    _require_scales(price_scale, qty_scale, multiplier)
    instrument = Instrument(
        name=name,
        handle=0,
        price_scale=price_scale,
        qty_scale=qty_scale,
        tick=qty_units(tick, price_scale, "tick"),
        lot=qty_units(lot, qty_scale, "lot"),
        multiplier=multiplier,
        venue=catalog.venue(venue).handle,
        currency=currency_bytes(currency).decode("ascii"),
        mark_band_ppm=whole_within(
            connection.config.marks.band_ppm if mark_band_ppm is None else mark_band_ppm,
            0,
            PPM,
            "mark_band_ppm",
        ),
    )
    rows = operator_row(connection, CommandKind.SET_INSTRUMENT, request_id).view(INSTRUMENT_COMMAND)
    rows["text"] = name_bytes(name, "instrument")
    rows["min_lots"] = _lots(min_qty, instrument, "min_qty")
    rows["max_lots"] = _lots(max_qty, instrument, "max_qty")
    rows["flags"] = _flags(
        is_restricted=is_restricted,
        is_shortable=is_shortable,
        needs_locate=needs_locate,
        is_reopening_allowed=is_reopening_allowed,
    )
    for field in DEFINED_FIELDS:
        rows[field] = getattr(instrument, field)
    ack = yield from send_operator(REFERENCE, rows)
    if ack.is_accepted:
        catalog.add_instrument(instrument._replace(handle=ack.handle))
    return ack


def _flags(*, is_restricted: bool, is_shortable: bool, needs_locate: bool, is_reopening_allowed: bool) -> int:
    """What an instrument's orders may and may not do, as its bits."""
    return (
        InstrumentFlag.RESTRICTED * flag(is_restricted, "is_restricted")
        | InstrumentFlag.NOT_SHORTABLE * (not flag(is_shortable, "is_shortable"))
        | InstrumentFlag.LOCATE_NEEDED * flag(needs_locate, "needs_locate")
        | InstrumentFlag.REOPENING * flag(is_reopening_allowed, "is_reopening_allowed")
    )


def _lots(qty: Number | None, instrument: Instrument, what: str) -> int:
    """A quantity in lots, 0 for none."""
    if qty is None:
        return 0
    units = qty_units(qty, instrument.qty_scale, what)
    require_step(units, instrument.lot, instrument.qty_scale, what, "lot", instrument.name)
    return whole_within(units // instrument.lot, 1, LOTS_MAX, f"{what}, in lots,")


def _require_scales(price_scale: int, qty_scale: int, multiplier: int) -> None:
    whole_within(price_scale, 0, MONEY_SCALE, "price_scale")
    whole_within(qty_scale, 0, MONEY_SCALE - price_scale, "qty_scale")
    whole_within(
        multiplier, 1, MONEY_FACTOR_MAX // 10 ** (MONEY_SCALE - price_scale - qty_scale), "multiplier"
    )


def set_account(
    connection: Connection,
    name: str,
    *,
    strategies: Iterable[str] = (),
    request_id: RequestId | None = None,
) -> Conversation[Acks]:
    """Define an account and its strategies; a strategy belongs to one account for good.

    Gives one Ack for the account and one a strategy. `request_id` is the account's; those of the strategies
    follow from it.
    """
    if isinstance(strategies, str):
        raise BadRequest(f"strategies={strategies!r} is one name; pass a list, as [{strategies!r}]")
    wanted = list(strategies)
    names = [name_bytes(name, "account"), *(name_bytes(strategy, "strategy") for strategy in wanted)]
    words = connection.request_words(request_id)
    account = yield from _define_name(connection, CommandKind.SET_ACCOUNT, names[0], words, account=0)
    if not account.is_accepted:
        return Acks([account])
    connection.catalog.add_account(name, account.handle)
    acks = Acks([account])
    for strategy, text in zip(wanted, names[1:], strict=True):
        request = derived_request(*words, strategy)
        ack = yield from _define_name(
            connection, CommandKind.SET_STRATEGY, text, request, account=account.handle
        )
        if ack.is_accepted:
            connection.catalog.add_strategy(strategy, ack.handle, account.handle)
        acks.append(ack)
    return acks


def _define_name(
    connection: Connection, kind: CommandKind, name: bytes, request: Words, *, account: int
) -> Conversation[Ack]:
    rows = operator_row(connection, kind, request)
    rows["text"] = name
    rows["account"] = account
    return (yield from send_operator(REFERENCE, rows))


def set_limits(  # noqa: PLR0913 - one argument a limit
    connection: Connection,
    account: str,
    *,
    instrument: str | None = None,
    max_order_qty: Number,
    max_order_notional: Number,
    max_long_qty: Number,
    max_short_qty: Number,
    collar_ppm: int = 50_000,
    orders_per_second: int = 1_000,
    burst: int = 1_000,
    soft_percent: int = 0,
    mark_age_s: int = 0,
    self_match: SelfMatchPrevention | str = SelfMatchPrevention.NONE,
    request_id: RequestId | None = None,
) -> Conversation[Ack]:
    """Set an account's limits, for one instrument or for all that have none of their own.

    - `account`, `instrument`: names; without `instrument` the quantities are whole numbers in the smallest
      unit of whatever instrument they are compared with.
    - `max_order_qty`: largest quantity of one order.
    - `max_order_notional`: largest quantity x price x multiplier of one order, in the instrument's currency.
    - `max_long_qty`, `max_short_qty`: how far the position may go if all that works fills; neither is
      negative.
    - `collar_ppm`: how much more aggressive than the mark a price may be, in millionths of it.
    - `orders_per_second`, `burst`: how fast the account's orders refill, and how many may come at once.
    - `soft_percent`: beyond this share of a limit an order is accepted with a warning (`Ack.warnings`); 0
      warns of nothing.
    - `mark_age_s`: how old the mark may be that prices are measured by, in seconds; 0 allows any age.
    - `self_match`: of orders of the account that could trade with each other, CANCEL_AGGRESSIVE refuses the
      newer one, CANCEL_PASSIVE asks to cancel those that work, CANCEL_BOTH does both; NONE does not look.
    """
    catalog = yield from knowing(connection, account=account, instrument=instrument)
    rows = operator_row(connection, CommandKind.SET_LIMITS, request_id).view(LIMITS_COMMAND)
    rows["account"] = catalog.account(account).handle
    scale = 0
    if instrument is not None:
        scale = catalog.instrument(instrument).qty_scale
        rows["instrument"] = catalog.instrument(instrument).handle
    rows["max_order_qty"] = limit_units(max_order_qty, scale, "max_order_qty")
    rows["max_order_notional"] = limit_units(max_order_notional, MONEY_SCALE, "max_order_notional")
    rows["max_long_qty"] = limit_units(max_long_qty, scale, "max_long_qty")
    rows["max_short_qty"] = limit_units(max_short_qty, scale, "max_short_qty")
    rows["collar_ppm"] = whole_within(collar_ppm, 0, COLLAR_PPM_MAX, "collar_ppm")
    rows["orders_per_second"] = whole_within(orders_per_second, 1, ORDERS_PER_SECOND_MAX, "orders_per_second")
    rows["burst"] = whole_within(burst, 1, BURST_MAX, "burst")
    rows["soft_percent"] = whole_within(soft_percent, 0, 100, "soft_percent")
    rows["mark_age_s"] = whole_within(mark_age_s, 0, MARK_AGE_S_MAX, "mark_age_s")
    rows["self_match"] = code_of(SelfMatchPrevention, self_match, "self_match")
    return (yield from send_operator(REFERENCE, rows))


def limit_units(value: Number, scale: int, what: str) -> int:
    """A limit in whole units of its scale; BadRequest where it is negative or too large."""
    units = units_of(value, scale, what)
    if not 0 <= units <= LIMIT_MAX:
        raise BadRequest(
            f"{what}={value} is not between 0, which allows nothing, and {unscaled(LIMIT_MAX, scale)}"
        )
    return units


def set_trading_state(  # noqa: PLR0913 - a scope of every kind
    connection: Connection,
    state: TradingState | str,
    scope: Scope | str,
    *,
    text: str = "",
    venue: str | None = None,
    account: str | None = None,
    strategy: str | None = None,
    instrument: str | None = None,
    request_id: RequestId | None = None,
) -> Conversation[Ack]:
    """Say what the firm (scope ALL), a venue, an account, a strategy or an instrument may do.

    - `state`: ACTIVE; REDUCING, only orders that shrink the position; CANCEL_ONLY.
    - `scope`: ALL, VENUE, ACCOUNT, STRATEGY or INSTRUMENT; all but the first with the name they are about.
    - `text`: why, at most 20 characters; a state that is less strict than the one in force needs it.
    """
    names = {"venue": venue, "account": account, "strategy": strategy, "instrument": instrument}
    yield from knowing(connection, **names)
    rows = operator_row(connection, CommandKind.SET_TRADING_STATE, request_id)
    write_scope(connection.catalog, rows, scope, **names)
    write_reason(rows, text)
    rows["trading_state"] = code_of(TradingState, state, "state")
    return (yield from send_operator(REFERENCE, rows))
