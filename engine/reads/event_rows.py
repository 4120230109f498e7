"""Events of the log as rows for people and programs: names instead of handles, whatever their kind."""

import numpy as np

from engine.kernel.kinds import CORRECTIONS, INTEGRITY, LEASES, NAMINGS, RECALLS, REPORTS, REQUESTS
from engine.kernel.tables import Tables
from engine.kernel.views import EventViews, views_of
from engine.projections.lookups import find_orders
from engine.reads.risk_tables import checked, names_at
from engine.reads.rows import EVENT_ROW
from engine.vocabulary import EventKind, Lane

_SAME_FIELDS = ("kind", "lane", "status", "check", "auth_method", "reason", "seq", "version", "ts_event")
_ASKED = (
    EventKind.ORDER_SUBMITTED,
    EventKind.ORDER_DENIED,
    EventKind.REPLACE_REQUESTED,
    EventKind.REPLACE_DENIED,
)
_REJECTED = (EventKind.ORDER_REJECTED, EventKind.CANCEL_REJECTED, EventKind.REPLACE_REJECTED)
_TRADED = (EventKind.TRADE_EXECUTED, EventKind.TRADE_CORRECTED)
_REPORTED = (*_TRADED, EventKind.ORDER_REPLACED, EventKind.ORDER_RESTATED)
_SIDELESS = (EventKind.ORPHAN_REPORTED, *CORRECTIONS)
_WITH_SIDE = (*_ASKED, EventKind.ORDER_RECALLED, *(kind for kind in REPORTS if kind not in _SIDELESS))
_ABOUT_ORDERS = (*REQUESTS, *REPORTS, *INTEGRITY, *RECALLS)
_TEXTLESS = (
    EventKind.LIMITS_CHANGED,
    EventKind.EXPOSURE_LIMITS_CHANGED,
    EventKind.THROTTLES_CHANGED,
    EventKind.POSITION_RESTATED,
    EventKind.HALT_LATCHED,
    *RECALLS,
)
"""Kinds that have numbers where others have a text."""
_TRADE_DATE_SHIFT = np.uint64(32)


def event_rows_of(tables: Tables, offsets: np.ndarray, events: np.ndarray) -> np.ndarray:
    """EVENT_ROW rows of these events (HEAD rows), which lie at these offsets of the log."""
    views = views_of(events)
    rows = np.zeros(len(events), EVENT_ROW)
    rows["offset"] = offsets
    for name in _SAME_FIELDS:
        rows[name] = events[name]
    for half in ("hi", "lo"):
        rows["order_id"][half] = events[f"order_id_{half}"]
        rows["correlation"][half] = events[f"correlation_{half}"]
    # What is not an order has the code of its namespace where an order has its trade date.
    is_about_order = np.isin(events["kind"], _ABOUT_ORDERS)
    rows["is_order"] = is_about_order & (events["order_id_hi"] >> _TRADE_DATE_SHIFT > 0)
    rows["side"] = np.where(np.isin(events["kind"], _WITH_SIDE), views.order["side"], 0)
    denied = np.flatnonzero((events["kind"] == EventKind.REPLACE_DENIED) & (events["schema"] > 1))
    rows["side"][denied] = _sides_of_orders(tables, events[denied])
    _write_names(rows, tables, events)
    _write_terms(rows, views)
    rows["has_venue_reason"] = np.isin(events["kind"], _REJECTED)
    rows["venue_reason"] = np.where(rows["has_venue_reason"], views.change["reject_reason"], 0)
    return rows


def _sides_of_orders(tables: Tables, events: np.ndarray) -> np.ndarray:
    """The side of the order of each event, 0 where it is not in memory: for events that do not keep it."""
    ids = np.column_stack([events["order_id_hi"], events["order_id_lo"]])
    slots = np.zeros(len(ids), np.int64)
    find_orders(ids, tables.order_index, tables.orders, slots)
    sides: np.ndarray = tables.orders["side"][slots]
    return sides


def _write_names(rows: np.ndarray, tables: Tables, events: np.ndarray) -> None:
    rows["principal"] = names_at(tables.principals, events["principal"])
    rows["account"] = names_at(tables.accounts, events["account"])
    rows["strategy"] = names_at(tables.strategies, events["strategy"])
    rows["instrument"] = names_at(tables.instruments, events["instrument"])
    instruments = tables.instruments[checked(events["instrument"], tables.instruments)]
    for name in ("price_scale", "qty_scale"):
        rows[name] = instruments[name]


def _write_terms(rows: np.ndarray, views: EventViews) -> None:
    """Quantities after the event, price and quantity that it is about, and the text that came with it."""
    kind, order, report = rows["kind"], views.order, views.report
    has_quantities = rows["is_order"] & (kind != EventKind.ORDER_DENIED)
    for name in ("cum_qty", "leaves_qty"):
        rows[name] = np.where(has_quantities, order[name], 0)
    # Of an order that comes back nothing is left: its event has other numbers there.
    rows["cum_qty"] = np.where(kind == EventKind.EXECUTION_RECALLED, 0, rows["cum_qty"])
    rows["leaves_qty"] = np.where(np.isin(kind, RECALLS), 0, rows["leaves_qty"])
    is_new = kind == EventKind.ORDER_SUBMITTED
    rows["cum_qty"] = np.where(is_new, 0, rows["cum_qty"])
    rows["leaves_qty"] = np.where(is_new, order["order_qty"], rows["leaves_qty"])
    asked, reported, marked = np.isin(kind, _ASKED), np.isin(kind, _REPORTED), kind == EventKind.MARK_CHANGED
    # A denied replace has its violations in these bytes: its order keeps its type.
    rows["ord_type"] = np.where(asked & (kind != EventKind.REPLACE_DENIED), order["ord_type"], 0)
    rows["stop_px"] = np.select(
        [is_new, kind == EventKind.REPLACE_REQUESTED], [views.submitted["stop_px"], views.replace["stop_px"]]
    )
    rows["has_terms"] = asked | reported | marked
    changed = np.where(np.isin(kind, _TRADED), report["last_qty"], report["order_qty"])
    rows["price"] = np.select(
        [asked, reported, marked], [order["price"], report["last_px"], views.request["value"]]
    )
    rows["qty"] = np.select([asked, reported], [order["order_qty"], changed])
    ruled = np.isin(kind, CORRECTIONS) & (rows["lane"] == Lane.OPERATOR)
    for name, field in (("price", "last_px"), ("qty", "last_qty")):
        rows[name] = np.where(ruled, views.operators_correction[field], rows[name])
    named, is_textless = np.isin(kind, NAMINGS), np.isin(kind, _TEXTLESS)
    rows["text"] = np.where(named, views.name["name"], np.where(is_textless, b"", order["cl_ord_id"]))
    leased = np.isin(kind, LEASES)
    rows["text"][leased] = views.lease["currency"][leased]
    rows["text"] = np.where(ruled, views.operators_correction["note"], rows["text"])
    rated = kind == EventKind.FX_CHANGED
    pairs = zip(views.rate["currency"][rated], views.rate["settl_currency"][rated], strict=True)
    rows["text"][rated] = [b"%s/%s" % pair for pair in pairs]
