"""How the owner's events change orders and what they work."""

import numpy as np

from engine.kernel.crossing import owe_crossing, pass_crossing
from engine.kernel.free_rows import take_alias, take_order
from engine.kernel.index import account_instrument_key, find, insert, position_key
from engine.kernel.jit import rule
from engine.kernel.keeping_terms import keep_pending_stop, keep_terms
from engine.kernel.ledger import ledger_of_new, move_stake, stake_of
from engine.kernel.order_facts import working_qty, working_value
from engine.kernel.orphans import owe_claims
from engine.kernel.replacing import alias_key
from engine.kernel.risk import limits_of
from engine.kernel.self_trade import place_working
from engine.kernel.throttles import count_open, count_repeat, spend_strategy_rate
from engine.kernel.wide import wide_add, wide_sub
from engine.vocabulary import Lane, Life, SelfMatchPrevention, Side

_WITH_TERMS = 2
"""From this version on OrderSubmitted says what only some orders have."""


@rule
def new_order(row, tables, offset, life):
    """An order comes into memory with the terms of its first event, or of the one that recalls it; gives its
    slot.
    """
    slot = take_order(tables)
    insert(tables.order_index, tables.orders, row["order_id_hi"], row["order_id_lo"], slot)
    order = tables.orders[slot]
    order["last_offset"] = offset
    order["price"] = row["price"]
    order["order_qty"] = row["order_qty"]
    order["account"] = row["account"]
    order["instrument"] = row["instrument"]
    order["strategy"] = row["strategy"]
    order["last_seq"] = row["seq"]
    order["version"] = row["version"]
    order["life"] = life
    order["side"] = row["side"]
    order["ord_type"] = row["ord_type"]
    order["time_in_force"] = row["time_in_force"]
    return slot


@rule
def evolve_submitted(row, terms, tables, offset, now):
    """A new order works its whole quantity and spends a token of its account's rate."""
    slot = new_order(row, tables, offset, Life.PENDING_NEW)
    order = tables.orders[slot]
    if row["schema"] >= _WITH_TERMS:
        keep_terms(terms, tables, order, slot)
    open_books(tables, order)
    count_open(tables, order, np.int64(1))
    count_repeat(tables, order, now)
    stake = stake_of(tables, order)
    work(tables, order, np.int64(0), np.int64(0), np.uint64(0))
    move_stake(tables, order, stake)
    place_working(tables, slot, np.int64(0))
    limits = spend_rate(tables, order, now)
    if tables.limits[limits]["self_match"] == SelfMatchPrevention.CANCEL_PASSIVE:
        owe_crossing(tables, slot, row["price"], offset)
    owe_claims(tables, slot, offset)


@rule
def evolve_denied(row, tables, offset):
    """A refused order keeps its number, so that a resend gets the same answer; it works nothing."""
    slot = new_order(row, tables, offset, Life.REJECTED)
    owe_claims(tables, slot, offset)


@rule
def open_books(tables, order):
    """Give an order the position and the holding that it fills, at the latest when a venue reports on it."""
    order["position"] = position_of(tables, order["account"], order["strategy"], order["instrument"])
    order["holding"] = holding_of(tables, order["account"], order["instrument"])


@rule
def position_of(tables, account, strategy, instrument):
    """The slot of (account, strategy, instrument), made and linked to its strategy and account if new."""
    hi, lo = position_key(account, strategy, instrument)
    slot = find(tables.position_index, tables.positions, hi, lo)
    if slot != 0:
        return slot
    slot = tables.firm[0]["positions"] + 1
    tables.firm[0]["positions"] = slot
    insert(tables.position_index, tables.positions, hi, lo, slot)
    position = tables.positions[slot]
    position["account"] = account
    position["strategy"] = strategy
    position["instrument"] = instrument
    position["next_of_strategy"] = tables.strategies[strategy]["first_position"]
    tables.strategies[strategy]["first_position"] = slot
    position["next_of_account"] = tables.accounts[account]["first_position"]
    tables.accounts[account]["first_position"] = slot
    return slot


@rule
def holding_of(tables, account, instrument):
    """The slot of (account, instrument), made and linked to both if new."""
    hi, lo = account_instrument_key(account, instrument)
    slot = find(tables.holding_index, tables.holdings, hi, lo)
    if slot != 0:
        return slot
    slot = tables.firm[0]["holdings"] + 1
    tables.firm[0]["holdings"] = slot
    insert(tables.holding_index, tables.holdings, hi, lo, slot)
    holding = tables.holdings[slot]
    holding["account"] = account
    holding["instrument"] = instrument
    holding["limits"] = find(tables.limits_index, tables.limits, hi, lo)
    holding["next_of_account"] = tables.accounts[account]["first_holding"]
    tables.accounts[account]["first_holding"] = slot
    holding["next_of_instrument"] = tables.instruments[instrument]["first_holding"]
    tables.instruments[instrument]["first_holding"] = slot
    holding["ledger"] = ledger_of_new(tables, account, instrument)
    return slot


@rule
def work(tables, order, qty_before, value_before_hi, value_before_lo):
    """Move what an order works, from what it worked before an event to what it works now."""
    factor = tables.instruments[order["instrument"]]["money_factor"]
    more_qty = working_qty(order) - qty_before
    hi, lo = working_value(order, factor)
    more_hi, more_lo = wide_sub(hi, lo, value_before_hi, value_before_lo)
    if order["side"] == Side.BUY:
        _work_buy(tables.positions[order["position"]], more_qty, more_hi, more_lo)
        _work_buy(tables.holdings[order["holding"]], more_qty, more_hi, more_lo)
    else:
        _work_sell(tables.positions[order["position"]], more_qty, more_hi, more_lo)
        _work_sell(tables.holdings[order["holding"]], more_qty, more_hi, more_lo)


@rule
def _work_buy(row, qty, hi, lo):
    row["working_buy_qty"] += qty
    hi, lo = wide_add(row["working_buy_value_hi"], row["working_buy_value_lo"], hi, lo)
    row["working_buy_value_hi"] = hi
    row["working_buy_value_lo"] = lo


@rule
def _work_sell(row, qty, hi, lo):
    row["working_sell_qty"] += qty
    hi, lo = wide_add(row["working_sell_value_hi"], row["working_sell_value_lo"], hi, lo)
    row["working_sell_value_hi"] = hi
    row["working_sell_value_lo"] = lo


@rule
def spend_rate(tables, order, now):
    """Move the time at which the account's token bucket is full again by one order's interval (GCRA).

    Gives the slot of the limits that say how long it is.
    """
    account = tables.accounts[order["account"]]
    limits = limits_of(tables, order["account"], order["instrument"], np.int64(order["holding"]))
    full_ns = account["rate_full_ns"]
    if full_ns < now:
        full_ns = np.int64(now)
    account["rate_full_ns"] = full_ns + tables.limits[limits]["rate_interval_ns"]
    spend_strategy_rate(tables, order["strategy"], now)
    return limits


@rule
def evolve_replace_requested(row, terms, tables, offset, now):
    """A replace in flight works the larger of old and new until the venue answers; its ClOrdID is taken."""
    slot = find(tables.order_index, tables.orders, row["order_id_hi"], row["order_id_lo"])
    order = tables.orders[slot]
    factor = tables.instruments[order["instrument"]]["money_factor"]
    qty = working_qty(order)
    hi, lo = working_value(order, factor)
    order["is_replacing"] = 1
    order["pending_price"] = row["price"]
    order["pending_qty"] = row["order_qty"]
    keep_pending_stop(terms, tables, order, slot)
    order["version"] = row["version"]
    order["last_offset"] = offset
    order["last_seq"] = row["seq"]
    stake = stake_of(tables, order)
    work(tables, order, qty, hi, lo)
    move_stake(tables, order, stake)
    place_working(tables, slot, qty)
    limits = spend_rate(tables, order, now)
    _take_alias(row, tables, order, slot)
    if tables.limits[limits]["self_match"] == SelfMatchPrevention.CANCEL_PASSIVE:
        owe_crossing(tables, slot, row["price"], offset)


@rule
def _take_alias(row, tables, order, slot):
    hi, lo = alias_key(tables, order, row["cl_ord_id_w0"], row["cl_ord_id_w1"], row["cl_ord_id_w2"])
    alias = take_alias(tables)
    insert(tables.alias_index, tables.aliases, hi, lo, alias)
    tables.aliases[alias]["order"] = slot
    tables.aliases[alias]["prev_of_order"] = order["last_alias"]
    order["last_alias"] = alias


@rule
def evolve_cancel_requested(head, tables, offset, now):
    """A cancel in flight: the order still works everything until the venue answers."""
    slot = find(tables.order_index, tables.orders, head["order_id_hi"], head["order_id_lo"])
    order = tables.orders[slot]
    order["is_canceling"] = 1
    order["version"] = head["version"]
    order["last_offset"] = offset
    if head["lane"] == Lane.OWNER:
        order["last_seq"] = head["seq"]
        spend_strategy_rate(tables, order["strategy"], now)
    elif head["lane"] == Lane.ENGINE:
        pass_crossing(tables)
