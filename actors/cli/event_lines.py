"""One stored event as one line for people: where, when, what, whose, and what it says."""

from datetime import UTC, datetime
from decimal import Decimal

from actors.cli.event_records import Record
from actors.cli.handle_names import HandleNames
from engine.check_order import checks_of
from engine.limits import MONEY_SCALE
from engine.refusals import breach_of, refusal_text
from engine.values import unscaled
from engine.vocabulary import AnswerCode, Check, Lane, Reason

HEADING = f"{'offset':>9}  {'time, UTC':26}  {'event':22}  what"

_ORDER_ID_WORDS = 2**64
_THROTTLES = (
    "orders_per_second",
    "burst",
    "repeats_max",
    "repeat_window_ms",
    "executions_max",
    "execution_window_ms",
    "open_orders_max",
)
_EXPOSURES = ("max_gross", "max_net", "max_credit", "max_working_notional", "max_loss")
_REJECTIONS = {
    "ORDER_REJECTED": "OrdRejReason",
    "CANCEL_REJECTED": "CxlRejReason",
    "REPLACE_REJECTED": "CxlRejReason",
}
_TERMS = ("ORDER_SUBMITTED", "REPLACE_REQUESTED", "ORDER_DENIED", "REPLACE_DENIED")


def event_line(record: Record, names: HandleNames) -> str:
    """The line of one record."""
    who = names.name("principal", record["principal"])
    what = _join(_what(record, names), who and f"by {who}")
    return f"{record['offset']:>9}  {clock_time(record['append_ts'])}  {record['kind']:22}  {what}"


def clock_time(at_ns: int) -> str:
    """UTC nanoseconds as date and time to the microsecond."""
    return (
        datetime.fromtimestamp(at_ns // 10**9, UTC).strftime("%Y-%m-%d %H:%M:%S")
        + f".{at_ns // 1000 % 10**6:06}"
    )


def _what(record: Record, names: HandleNames) -> str:
    if "last_qty" in record or record["kind"] in _TERMS:
        return _join(_whose(record, names), _order(record, names), _reason(record, names))
    if "qty_before" in record:
        return _join(_whose(record, names), _restatement(record, names))
    if "venue_cum_qty" in record:
        return _join(_whose(record, names), _quantities(record, names))
    if record["kind"] in _DEFINITIONS:
        return _DEFINITIONS[record["kind"]](record, names)
    if "name" in record:
        return f"{record['name']} = {record['handle']}"
    return _join(_whose(record, names), _request(record, names), _reason(record, names))


def _whose(record: Record, names: HandleNames) -> str:
    """Order id, version and names, as far as the event has them."""
    is_order = record["version"] and int(record["order_id"], 16) // _ORDER_ID_WORDS > 0xFFFF
    who = [names.name(what, record[what]) for what in ("account", "strategy", "instrument")]
    return _join(f"{record['order_id']} v{record['version']}" if is_order else "", *who)


def _order(record: Record, names: HandleNames) -> str:
    instrument = record["instrument"]
    if record["kind"] in _TERMS:
        qty, price = record["order_qty"], record["price"]
        said = f"{_type(record, names)}{record.get('time_in_force', '')} {record['cl_ord_id']}".lstrip()
    else:
        qty, price = record["last_qty"], record["last_px"]
        said = record["exec_id"] if "exec_id" in record else _approval(record, names)
    traded = (
        f"{record.get('side', '')} {names.qty(instrument, qty)} @ {names.price(instrument, price)}".lstrip()
        if qty
        else ""
    )
    return _join(traded, said, _fee(record), record["status"], _sums(record, names), _rejection(record))


def _approval(record: Record, names: HandleNames) -> str:
    """Why an operator took a trade back or corrected it, and who approved that."""
    return f"{record['note']!r} approved by {names.name('principal', record['approver'])}"


def _fee(record: Record) -> str:
    """What a venue charged for a trade, if it did."""
    if not record.get("commission"):
        return ""
    amount = unscaled(record["commission"], MONEY_SCALE).normalize()
    return f"commission {amount:f} {record['commission_currency']}"


def _sums(record: Record, names: HandleNames) -> str:
    """CumQty and LeavesQty after the event; a new order's event repeats neither, a denied one has none."""
    if record["kind"] == "ORDER_SUBMITTED":
        return f"cum 0 leaves {names.qty(record['instrument'], record['order_qty'])}"
    if "cum_qty" not in record:
        return ""
    cum, leaves = (names.qty(record["instrument"], record[name]) for name in ("cum_qty", "leaves_qty"))
    return f"cum {cum} leaves {leaves}"


def _quantities(record: Record, names: HandleNames) -> str:
    """Our sums beside the venue's and what was ordered, where they do not fit together."""
    ours, theirs, ordered = (
        names.qty(record["instrument"], record[name]) for name in ("cum_qty", "venue_cum_qty", "order_qty")
    )
    return f"cum {ours} of {ordered} ordered, {theirs} by the venue, after offset {record['causation']}"


def _restatement(record: Record, names: HandleNames) -> str:
    """What a position was and is, where its fills had to be booked anew."""
    before, after = (names.qty(record["instrument"], record[f"qty_{when}"]) for when in ("before", "after"))
    profits = (unscaled(int(record[f"realized_{when}"]), MONEY_SCALE) for when in ("before", "after"))
    return (
        f"{before} -> {after}  realised {' -> '.join(map(str, profits))}  after offset {record['causation']}"
    )


def _rejection(record: Record) -> str:
    """FIX's number that a venue gave for saying no."""
    tag = _REJECTIONS.get(record["kind"])
    return f"{tag} {record['reject_reason']}" if tag else ""


def _type(record: Record, names: HandleNames) -> str:
    """The type of an order, where it is not a limit, and what it waits for."""
    if record.get("ord_type", "LIMIT") == "LIMIT":
        return ""
    stop_px = record.get("stop_px")
    return f"{record['ord_type']} {names.price(record['instrument'], stop_px) + ' ' if stop_px else ''}"


def _reason(record: Record, names: HandleNames) -> str:
    """Why something was refused, in a sentence where two numbers did not agree."""
    if record["reason"] in ("NONE", 0):
        return ""
    if "observed" not in record:
        return str(record["reason"])
    scales = names.scales(record["instrument"])
    sentence = refusal_text(
        AnswerCode.REJECTED,
        Reason[record["reason"]],
        breach_of(Check[record["check"]], record["limit"], record["observed"], scales),
        mark=unscaled(record["mark"], scales.price),
        version=record["version"],
        limits_version=record["limits_version"],
        expected_seq=0,
        others=[check for check in checks_of(record.get("violations", 0)) if check.name != record["check"]],
    )
    return f"{record['reason']}: {sentence}"


def _request(record: Record, names: HandleNames) -> str:
    """The part of a request, mark or trading day that is filled in."""
    if record["kind"] == "MARK_CHANGED":
        return f"@ {names.price(record['instrument'], record['value'])}"
    if record["kind"] == "TRADING_DAY_STARTED":
        return f"{names.name('venue', record['venue'])} {record['trade_date']}"
    if record["kind"] == "TRADING_STATE_CHANGED":
        return _join(record["scope"], record["trading_state"], record["cl_ord_id"])
    if record["kind"] == "IN_DOUBT_RESOLVED":
        return _join(record["verdict"], record["cl_ord_id"], record["status"])
    if record["kind"] == "HALT_LIFTED":
        return _join(record["scope"], record["cl_ord_id"])
    if record["kind"] == "CONFLICT_DETECTED":
        return _conflict(record)
    if record["kind"].startswith("MASS_CANCEL"):
        is_kill = record["trading_state"] == "CANCEL_ONLY"
        return _join(record["scope"], "kill" if is_kill else "", f"request {record['request_id']}")
    return _join(record["cl_ord_id"], record["status"])


def _conflict(record: Record) -> str:
    """Which key came again with other content: an owner's number, or the id of a report or a request.

    The log keeps an ExecID as the 128 bits that it is known by; the first report with it is in the order's
    history.
    """
    if record["lane"] == Lane.OWNER.name:
        key = f"number {record['seq']} {record['cl_ord_id']}".rstrip()
    elif record["lane"] == Lane.VENUE.name:
        key = f"ExecID with key {record['request_id']}"
    else:
        key = f"request {record['request_id']}"
    return f"{key} was used before with other content: not executed"


def _instrument(record: Record, names: HandleNames) -> str:
    instrument = record["instrument"]
    return (
        f"{record['name']} = {instrument}  tick {names.price(instrument, record['tick'])}"
        f" lot {names.qty(instrument, record['lot'])} x {record['multiplier']} {record['currency']}"
        f" on {names.name('venue', record['venue'])}"
    )


def _limits(record: Record, names: HandleNames) -> str:
    notional = record["max_order_notional"] // 10**MONEY_SCALE
    return _join(
        _whose(record, names),
        f"v{record['limits_version']}",
        f"order {record['max_order_qty']} units or {notional:,} of money",
        f"long {record['max_long_qty']} short {record['max_short_qty']}",
        f"collar {record['collar_ppm']} ppm",
        f"{record['orders_per_second']} orders/s burst {record['burst']}",
    )


def _throttles(record: Record, names: HandleNames) -> str:
    return _join(_whose(record, names), *(f"{name} {record[name]}" for name in _THROTTLES if record[name]))


def _rate(record: Record, _: HandleNames) -> str:
    rate = Decimal(record["numerator"]) / record["denominator"]
    return f"1 {record['currency']} = {rate} {record['settl_currency']}"


def _exposure_limits(record: Record, names: HandleNames) -> str:
    """What an account may have at stake; a limit on drawdown if there is one, older events know none."""
    drawdown = ("max_drawdown",) if record.get("has_max_drawdown") else ()
    return _join(
        _whose(record, names),
        f"v{record['limits_version']}",
        *(f"{name} {record[name] // 10**MONEY_SCALE:,}" for name in (*_EXPOSURES, *drawdown)),
        record["currency"],
    )


def _latch(record: Record, names: HandleNames) -> str:
    """What an account may still do, and why."""
    limit, observed = (f"{unscaled(record[name], MONEY_SCALE):,.2f}" for name in ("limit", "observed"))
    why = f"{observed} {record['currency']} of {limit}"
    return _join(_whose(record, names), record["trading_state"], f"{record['reason']}: {why}")


def _lease(record: Record, _: HandleNames) -> str:
    """The firm's limit, or what a partition got or gave back of it, and what it has then."""
    amount, granted = (
        f"{unscaled(record[name], MONEY_SCALE).normalize():f}" for name in ("amount", "granted")
    )
    if record["kind"] == "FIRM_LIMIT_CHANGED":
        limit = "no limit" if record["amount"] < 0 else f"limit {amount}"
        return _join(f"{limit} {record['currency']}", f"leased {granted}")
    sign = "+" if record["kind"] == "LEASE_GRANTED" else "-"
    whose = f"partition {record['partition']}"
    if record["kind"] == "LEASE_RETURNED" and not record["is_recorded"]:
        return _join(whose, f"{sign}{amount} {record['currency']}", "not recorded in the reference log yet")
    return _join(
        whose,
        f"{sign}{amount} {record['currency']}",
        f"of {granted} until {clock_time(record['expires_ns'])}",
    )


_DEFINITIONS = {
    "FIRM_LIMIT_CHANGED": _lease,
    "LEASE_GRANTED": _lease,
    "LEASE_RETURNED": _lease,
    "EXPOSURE_LIMITS_CHANGED": _exposure_limits,
    "HALT_LATCHED": _latch,
    "INSTRUMENT_DEFINED": _instrument,
    "LIMITS_CHANGED": _limits,
    "THROTTLES_CHANGED": _throttles,
    "FX_CHANGED": _rate,
}
"""Lines of what administrators define, by kind; a name's is its handle."""


def _join(*parts: object) -> str:
    return "  ".join(str(part) for part in parts if part)
