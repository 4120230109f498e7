"""Marks and trading days, which every partition is told directly, because its checks depend on them.

And rates of exchange, which are the same for all: the reference log has them, and every partition copies it;
limits in one currency are compared through them.
"""

from collections.abc import Mapping
from datetime import date

from engine.answers import Ack, Acks
from engine.client.catalog import Instrument
from engine.client.connection import Connection, knowing
from engine.client.conversation import Conversation
from engine.client.operator_rows import operator_row, send_everywhere, send_operator
from engine.client.request_ids import RequestId, derived_request
from engine.client.transport import REFERENCE
from engine.limits import RATE_MAX
from engine.refusals import Scales
from engine.rows.commands import FX_COMMAND
from engine.values import Number, currency_bytes, price_units, ratio_of, time_ns, trade_date_number
from engine.vocabulary import CommandKind


def set_mark(
    connection: Connection,
    instrument: str,
    price: Number,
    *,
    ts_event: int | None = None,
    request_id: RequestId | None = None,
) -> Conversation[Acks]:
    """Log a mark now, however small the move: one Ack a partition. `offer_marks` is for prices that stream.

    - `price`: whole units; it need not be on the tick, a mid-price may lie between two.
    - `ts_event`: when it was observed, UTC ns; now if left out. A mark that is not newer than the one that
      stands is a DUPLICATE; one dated more than a second ahead of the engine's clock is INVALID.
    """
    catalog = yield from knowing(connection, instrument=instrument)
    what = catalog.instrument(instrument)
    units = price_units(price, what.price_scale, "mark")
    observed_ns = connection.transport.now_ns() if ts_event is None else time_ns(ts_event, "ts_event")
    return (yield from _log_mark(connection, what, units, observed_ns, request_id))


def _log_mark(
    connection: Connection,
    instrument: Instrument,
    units: int,
    ts_event: int,
    request_id: RequestId | None = None,
) -> Conversation[Acks]:
    rows = operator_row(connection, CommandKind.SET_MARK, request_id)
    rows["instrument"], rows["price"], rows["ts_event"] = instrument.handle, units, ts_event
    scales = Scales(instrument.price_scale, instrument.qty_scale)
    return (yield from send_everywhere(connection, rows, scales=scales))


def set_fx(
    connection: Connection,
    currency: str,
    settl_currency: str,
    rate: Number,
    *,
    ts_event: int | None = None,
    request_id: RequestId | None = None,
) -> Conversation[Ack]:
    """Log a rate of exchange: what one unit of a currency is worth in another, for reads and limits in one.

    - `currency`, `settl_currency`: three letters, ISO 4217: Currency (15) and SettlCurrency (120).
    - `rate`: SettlCurrFxRate (155), as `"1.0850"` for EUR in USD; its inverse serves the other way round.
    - `ts_event`: when it was observed, UTC ns; now if left out. A rate that is not newer than the one that
      stands is a DUPLICATE; one dated more than a second ahead of the engine's clock is INVALID.
    """
    rows = operator_row(connection, CommandKind.SET_FX, request_id).view(FX_COMMAND)
    rows["currency"] = currency_bytes(currency)
    rows["settl_currency"] = currency_bytes(settl_currency, "settl_currency")
    rows["text"] = f"{currency}/{settl_currency}".encode("ascii")
    rows["numerator"], rows["denominator"] = ratio_of(rate, RATE_MAX, "rate")
    now_ns = connection.transport.now_ns()
    rows["ts_event"] = now_ns if ts_event is None else time_ns(ts_event, "ts_event")
    return (yield from send_operator(REFERENCE, rows))


def offer_marks(
    connection: Connection, prices: Mapping[str, Number], *, ts_event: int | None = None
) -> Conversation[Acks]:
    """Take in the latest prices, and log the marks that are due: one an interval, only beyond the band.

    A price that is not due waits, and is logged by a later call unless a newer one replaces it;
    `offer_marks({})` logs what has become due meanwhile, and what an error kept from the log. Gives one Ack a
    partition for each mark logged.

    - `prices`: instrument to price, whole units.
    - `ts_event`: when they were observed, UTC ns; now if left out.
    """
    catalog = yield from knowing(connection, instrument=list(prices))
    now_ns = connection.transport.now_ns() if ts_event is None else time_ns(ts_event, "ts_event")
    for name, price in prices.items():
        what = catalog.instrument(name)
        connection.marks.offer(what.handle, price_units(price, what.price_scale, "mark"), what.mark_band_ppm)
    acks = Acks()
    for handle, units in connection.marks.due(now_ns).items():
        instrument = catalog.by_handle(Instrument, handle)
        assert instrument is not None, "a mark was offered for it by name"
        acks += yield from _log_mark(connection, instrument, units, now_ns)
        connection.marks.note_logged(handle, units, now_ns)
    return acks


def start_trading_day(
    connection: Connection,
    venue: str,
    trade_date: int | str | date,
    *,
    request_id: RequestId | None = None,
) -> Conversation[Acks]:
    """Move a venue's calendar to a later trade date: one Ack a partition. No clock does it.

    The request id follows from venue and date unless one is given, so that starting a day again is a
    DUPLICATE.

    - `trade_date`: 20261120, "2026-11-20" or a `date`.
    """
    catalog = yield from knowing(connection, venue=venue)
    number = trade_date_number(trade_date)
    rows = operator_row(
        connection,
        CommandKind.START_TRADING_DAY,
        derived_request("trading day", venue, number) if request_id is None else request_id,
    )
    rows["venue"], rows["trade_date"] = catalog.venue(venue).handle, number
    acks = yield from send_everywhere(connection, rows)
    if acks.all_accepted:
        catalog.add_venue(venue, catalog.venue(venue).handle, number)
    return acks
