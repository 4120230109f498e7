"""Ledgers: what an account has at stake in a currency, summed over all that it holds and works in it.

- net: what is held, at the mark; long and short: what could be if all works fills on one side
- gross: the larger of both, holding by holding; working: what works, at its price
- cost: what it cost to open what is held, position by position, each above zero; cash: what was paid, signed

Nobody pays for sums that nobody looks at. A ledger is begun when limits are set for its account, or for the
firm in its currency; it then begins as the sum over all that the account has. From then on every event takes
the share of what it changes out and puts the new share in: `take_out` and `put_in` stand around the change.

Bounds: a holding's value is below 2**95 and one order's or fill's below 2**94, and there are fewer than 2**31
of each, so that each sum stays inside 127 bits.
"""

import numpy as np

from engine.kernel.index import find, insert
from engine.kernel.jit import rule
from engine.kernel.money_rows import SUMS
from engine.kernel.valuing import add_money, can_value, magnitude, value_of, worst_case_qty
from engine.kernel.wide import wide_add, wide_less, wide_neg, wide_sub
from engine.vocabulary import Side

NET, LONG, SHORT, GROSS, WORKING, COST, CASH = range(len(SUMS))
"""The place of each sum in a ledger's `money`."""


@rule
def take_out(tables, order):
    """Take the share of an order's holding and position out of their ledger, before they change."""
    holding = tables.holdings[order["holding"]]
    if holding["ledger"] != 0:
        _move_all(tables, holding, tables.positions[order["position"]], True)


@rule
def put_in(tables, order):
    """Put their share back in, as it is now."""
    holding = tables.holdings[order["holding"]]
    if holding["ledger"] != 0:
        _move_all(tables, holding, tables.positions[order["position"]], False)


@rule
def move_marked(tables, instrument, is_out):
    """Move the shares of all who hold an instrument: out before its mark changes, in again behind that."""
    if tables.firm[0]["ledgers"] != 0:
        _move_holders(tables.holdings, tables.ledgers, tables.positions[0], instrument, is_out)


@rule
def _move_holders(holdings, ledgers, no_position, instrument, is_out):
    at = np.int64(instrument["first_holding"])
    while at != 0:
        holding = holdings[at]
        if holding["ledger"] != 0:
            ledger = ledgers[holding["ledger"]]
            _move_share(ledger, ledgers[ledger["firm"]], holding, no_position, instrument, is_out)
        at = np.int64(holding["next_of_instrument"])


@rule
def _move_all(tables, holding, position, is_out):
    """Move the share of a holding and of one of its positions."""
    instrument = tables.instruments[holding["instrument"]]
    ledger = tables.ledgers[holding["ledger"]]
    firm = tables.ledgers[ledger["firm"]]
    _move_share(ledger, firm, holding, position, instrument, np.bool_(is_out))


@rule
def _move_share(ledger, firm, holding, position, instrument, is_out):
    """The same in the account's ledger and in the firm's, row 0 where there is none.

    Where only the mark changes, `position` is row 0 too, whose share is nothing.
    """
    _move_holding(ledger, holding, instrument, is_out)
    _move_position(ledger, position, is_out)
    if ledger["firm"] != 0:
        _move_holding(firm, holding, instrument, is_out)
        _move_position(firm, position, is_out)
    if not is_out and ledger["is_start_awaited"] and ledger["unpriced"] == 0:
        start_day(ledger)


@rule
def _move(ledger, measure, hi, lo, is_out):
    if is_out:
        hi, lo = wide_neg(hi, lo)
    add_money(ledger, measure, hi, lo)


@rule
def _move_holding(ledger, holding, instrument, is_out):
    """A holding's share: what works, and what needs a mark or else is counted as unpriced."""
    _move(ledger, WORKING, holding["working_buy_value_hi"], holding["working_buy_value_lo"], is_out)
    _move(ledger, WORKING, holding["working_sell_value_hi"], holding["working_sell_value_lo"], is_out)
    largest = abs(holding["qty"]) + holding["working_buy_qty"] + holding["working_sell_qty"]
    if largest == 0:
        return
    if not can_value(instrument, largest):
        ledger["unpriced"] += np.uint32(2**32 - 1 if is_out else 1)
        return
    hi, lo = value_of(instrument, holding["qty"])
    _move(ledger, NET, hi, lo, is_out)
    long_hi, long_lo = value_of(instrument, worst_case_qty(holding, Side.BUY, np.int64(0)))
    short_hi, short_lo = value_of(instrument, worst_case_qty(holding, Side.SELL, np.int64(0)))
    _move(ledger, LONG, long_hi, long_lo, is_out)
    _move(ledger, SHORT, short_hi, short_lo, is_out)
    if wide_less(long_hi, long_lo, short_hi, short_lo):
        _move(ledger, GROSS, short_hi, short_lo, is_out)
    else:
        _move(ledger, GROSS, long_hi, long_lo, is_out)


@rule
def _move_position(ledger, position, is_out):
    """A position's share: its open cost as an amount, and its cash."""
    hi, lo = magnitude(position["open_cost_hi"], position["open_cost_lo"])
    _move(ledger, COST, hi, lo, is_out)
    _move(ledger, CASH, position["cash_hi"], position["cash_lo"], is_out)


@rule
def amount_of(ledger, measure):
    """One sum of a ledger, as a wide number."""
    money = ledger["money"]
    return np.int64(money[measure, 0]), money[measure, 1]


@rule
def credit_of(ledger):
    """Credit used, as 15c3-5 has it: what was executed and is open, at its cost, and what works."""
    cost_hi, cost_lo = amount_of(ledger, COST)
    working_hi, working_lo = amount_of(ledger, WORKING)
    return wide_add(cost_hi, cost_lo, working_hi, working_lo)


@rule
def profit_of(ledger):
    """Realised and unrealised profit since the start of the day, before fees, as a wide number."""
    cash_hi, cash_lo = amount_of(ledger, CASH)
    net_hi, net_lo = amount_of(ledger, NET)
    hi, lo = wide_add(cash_hi, cash_lo, net_hi, net_lo)
    return wide_sub(hi, lo, ledger["start_hi"], ledger["start_lo"])


@rule
def ledger_of(tables, account, currency):
    """The slot of an account's ledger in a currency (account 0: the firm's), or 0."""
    return find(tables.ledger_index, tables.ledgers, np.uint64(account), np.uint64(currency))


@rule
def ledger_of_new(tables, account, instrument):
    """The ledger of a holding that is just being made: begun where the account or the firm has limits."""
    if tables.firm[0]["ledgers"] == 0:
        return np.int64(0)
    currency = tables.instruments[instrument]["currency_word"]
    if tables.accounts[account]["limited"] == 0 and ledger_of(tables, np.int64(0), currency) == 0:
        return np.int64(0)
    return begin_ledger(tables, account, currency)


@rule
def begin_ledger(tables, account, currency):
    """The slot of an account's ledger in a currency; a new one is the sum over all that the account has."""
    slot = ledger_of(tables, account, currency)
    if slot != 0:
        return slot
    slot = _new_ledger(tables, account, currency)
    ledger = tables.ledgers[slot]
    ledger["firm"] = ledger_of(tables, np.int64(0), currency)
    ledger["next_of_account"] = tables.accounts[account]["first_ledger"]
    tables.accounts[account]["first_ledger"] = slot
    _sum_holdings(tables, account, currency, slot)
    _sum_positions(tables, account, currency, slot)
    start_day(ledger)
    return slot


@rule
def _new_ledger(tables, account, currency):
    slot = tables.firm[0]["ledgers"] + 1
    tables.firm[0]["ledgers"] = slot
    insert(tables.ledger_index, tables.ledgers, np.uint64(account), np.uint64(currency), slot)
    tables.ledgers[slot]["account"] = account
    tables.ledgers[slot]["currency"] = currency
    return slot


@rule
def _sum_holdings(tables, account, currency, slot):
    at = np.int64(tables.accounts[account]["first_holding"])
    while at != 0:
        holding = tables.holdings[at]
        if tables.instruments[holding["instrument"]]["currency_word"] == currency:
            holding["ledger"] = slot
            _move_all(tables, holding, tables.positions[0], False)
        at = np.int64(holding["next_of_account"])


@rule
def _sum_positions(tables, account, currency, slot):
    ledger = tables.ledgers[slot]
    at = np.int64(tables.accounts[account]["first_position"])
    while at != 0:
        position = tables.positions[at]
        if tables.instruments[position["instrument"]]["currency_word"] == currency:
            _move_position(ledger, position, False)
            if ledger["firm"] != 0:
                _move_position(tables.ledgers[ledger["firm"]], position, False)
        at = np.int64(position["next_of_account"])


@rule
def begin_ledgers_of(tables, account):
    """Begin a ledger in every currency in which an account holds or works anything."""
    at = np.int64(tables.accounts[account]["first_holding"])
    while at != 0:
        holding = tables.holdings[at]
        begin_ledger(tables, account, tables.instruments[holding["instrument"]]["currency_word"])
        at = np.int64(holding["next_of_account"])


@rule
def begin_firm_ledger(tables, currency):
    """The slot of the firm's ledger in a currency; with a new one every account gets its own."""
    slot = ledger_of(tables, np.int64(0), currency)
    if slot != 0:
        return slot
    slot = _new_ledger(tables, np.int64(0), currency)
    for at in range(1, slot):
        ledger = tables.ledgers[at]
        if ledger["currency"] == currency:
            ledger["firm"] = slot
            _add_ledger(tables.ledgers[slot], ledger)
    for at in range(1, tables.firm[0]["holdings"] + 1):
        holding = tables.holdings[at]
        if tables.instruments[holding["instrument"]]["currency_word"] == currency:
            begin_ledger(tables, np.int64(holding["account"]), currency)
    return slot


@rule
def _add_ledger(firm, ledger):
    """Add an account's ledger to the firm's; a firm's has no day."""
    for measure in range(len(SUMS)):
        hi, lo = amount_of(ledger, measure)
        add_money(firm, measure, hi, lo)
    firm["unpriced"] += ledger["unpriced"]


@rule
def start_day(ledger):
    """Let the day's profit of a ledger count from here, or from when all that it holds has a mark."""
    ledger["is_start_awaited"] = ledger["unpriced"] != 0
    ledger["start_hi"] = 0
    ledger["start_lo"] = 0
    if not ledger["is_start_awaited"]:
        hi, lo = profit_of(ledger)
        ledger["start_hi"] = hi
        ledger["start_lo"] = lo
