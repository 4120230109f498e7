"""How definitions and limits change the reference tables."""

import numpy as np

from engine.kernel.defining import money_factor
from engine.kernel.exposure_limits import evolve_exposure_limits
from engine.kernel.index import account_instrument_key, find, insert
from engine.kernel.jit import rule
from engine.kernel.kinds import is_lease
from engine.kernel.leasing import evolve_lease
from engine.kernel.throttling import evolve_throttles
from engine.limits import NS_PER_SECOND
from engine.vocabulary import EventKind, TradingState

_LETTERS = np.uint32(0xFFFFFF)
"""A currency's three letters in the word that they begin."""


@rule
def evolve_definition(views, at, tables, offset, now):
    """Fold one definition into its table."""
    kind = views.head[at]["kind"]
    if kind == EventKind.INSTRUMENT_DEFINED:
        _evolve_instrument(views.instrument[at], tables, offset)
    elif kind == EventKind.LIMITS_CHANGED:
        _evolve_limits(views.limits[at], tables, offset)
    elif kind == EventKind.EXPOSURE_LIMITS_CHANGED:
        evolve_exposure_limits(views.exposure_limits[at], tables, offset, now)
    elif kind == EventKind.THROTTLES_CHANGED:
        evolve_throttles(views.throttles[at], tables, offset)
    elif is_lease(kind):
        evolve_lease(views.lease[at], tables, offset)
    elif kind == EventKind.VENUE_DEFINED:
        tables.firm[0]["venues"] += _name(views.name[at], tables.venues, offset)
        _begin_trading(tables.venues[views.name[at]["handle"]])
    elif kind == EventKind.PRINCIPAL_DEFINED:
        tables.firm[0]["principals"] += _name(views.name[at], tables.principals, offset)
    elif kind == EventKind.ACCOUNT_DEFINED:
        tables.firm[0]["accounts"] += _name(views.name[at], tables.accounts, offset)
        _begin_trading(tables.accounts[views.name[at]["handle"]])
    elif kind == EventKind.STRATEGY_DEFINED:
        tables.firm[0]["strategies"] += _name(views.name[at], tables.strategies, offset)
        strategy = tables.strategies[views.name[at]["handle"]]
        strategy["account"] = views.name[at]["account"]
        _begin_trading(strategy)


@rule
def _begin_trading(row):
    """What is defined may trade until somebody says otherwise."""
    if row["trading_state"] == 0:
        row["trading_state"] = TradingState.ACTIVE


@rule
def _name(event, rows, offset):
    """Write a name's row; gives 1 if it is new, else 0."""
    row = rows[event["handle"]]
    is_new = np.int64(1) - np.int64(row["is_defined"])
    row["name_w0"] = event["name_w0"]
    row["name_w1"] = event["name_w1"]
    row["version"] = event["version"]
    row["last_offset"] = offset
    row["is_defined"] = 1
    return is_new


@rule
def _evolve_instrument(event, tables, offset):
    row = tables.instruments[event["instrument"]]
    tables.firm[0]["instruments"] += np.int64(1) - np.int64(row["is_defined"])
    row["name_w0"] = event["name_w0"]
    row["name_w1"] = event["name_w1"]
    row["tick"] = event["tick"]
    row["lot"] = event["lot"]
    row["multiplier"] = event["multiplier"]
    row["money_factor"] = money_factor(event)
    row["venue"] = event["venue"]
    row["mark_band_ppm"] = event["mark_band_ppm"]
    row["currency"] = event["currency"]
    row["currency_word"] = event["currency_w0"] & _LETTERS
    row["price_scale"] = event["price_scale"]
    row["qty_scale"] = event["qty_scale"]
    row["min_lots"] = event["min_lots"]
    row["max_lots"] = event["max_lots"]
    row["flags"] = event["flags"]
    row["version"] = event["version"]
    row["last_offset"] = offset
    row["is_defined"] = 1
    _begin_trading(row)


@rule
def _evolve_limits(event, tables, offset):
    account = event["account"]
    hi, lo = account_instrument_key(account, event["instrument"])
    slot = find(tables.limits_index, tables.limits, hi, lo)
    if slot == 0:
        slot = tables.firm[0]["limits"] + 1
        tables.firm[0]["limits"] = slot
        insert(tables.limits_index, tables.limits, hi, lo, slot)
        tables.limits[slot]["account"] = account
        tables.limits[slot]["instrument"] = event["instrument"]
    row = tables.limits[slot]
    row["max_order_qty"] = event["max_order_qty"]
    row["max_order_notional"] = event["max_order_notional"]
    row["max_long_qty"] = event["max_long_qty"]
    row["max_short_qty"] = event["max_short_qty"]
    row["collar_ppm"] = event["collar_ppm"]
    row["soft_percent"] = event["soft_percent"]
    row["self_match"] = event["self_match"]
    row["mark_age_s"] = event["mark_age_s"]
    row["rate_interval_ns"] = NS_PER_SECOND // np.int64(event["orders_per_second"])
    row["rate_burst_ns"] = row["rate_interval_ns"] * np.int64(event["burst"])
    row["version"] = event["limits_version"]
    row["last_offset"] = offset
    if event["instrument"] == 0:
        tables.accounts[account]["limits"] = slot
        return
    holding = find(tables.holding_index, tables.holdings, hi, lo)
    if holding != 0:
        tables.holdings[holding]["limits"] = slot
