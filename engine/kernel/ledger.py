"""Ledgers: what an account has at stake in a currency, summed over all that it holds and works in it.

- net: what is held, at the mark; long and short: what could be if all works fills on one side
- gross: the larger of both, holding by holding; working: what works, at its price
- cost: what it cost to open what is held, position by position, each above zero; cash: what was paid, signed

Nobody pays for sums that nobody looks at. A ledger is begun when limits are set for its account, or for the
firm in its currency; it then begins as the sum over all that the account has. From then on it follows every
event: what an order's holding and position have in the sums is its stake, `stake_of` before the event changes
them, and `move_stake` books by how much that has changed. Half of all events change nothing of it.

Bounds: a holding's value is below 2**95 and one order's or fill's below 2**94, and there are fewer than 2**31
of each, so that each sum stays inside 127 bits.
"""

import numpy as np

from engine.kernel.index import find, insert
from engine.kernel.jit import rule
from engine.kernel.money_rows import SUMS
from engine.kernel.valuing import add_money, can_value, magnitude, value_of
from engine.kernel.wide import wide_add, wide_less, wide_sub

_NO_MONEY = (np.int64(0), np.uint64(0))
_NOTHING = (np.int64(0), (_NO_MONEY,) * len(SUMS))

NET, LONG, SHORT, GROSS, WORKING, COST, CASH = range(len(SUMS))
"""The place of each sum in a ledger's `money`."""


@rule
def stake_of(tables, order):
    """What an order's holding and position have in the sums of their ledger, as the numbers it is made of."""
    return _stake(tables.holdings[order["holding"]], tables.positions[order["position"]])


@rule
def move_stake(tables, order, before):
    """Let the ledgers follow an order's holding and position, whose stake was `before` until they changed."""
    holding = tables.holdings[order["holding"]]
    if holding["ledger"] == 0:
        return
    after = stake_of(tables, order)
    if after != before:
        ledger = tables.ledgers[holding["ledger"]]
        instrument = tables.instruments[holding["instrument"]]
        _book(tables.ledgers, ledger, _difference(_valued(instrument, after), _valued(instrument, before)))
        _begin_awaited(ledger)


@rule
def move_marked(tables, instrument, is_out):
    """Move the stakes of all who hold an instrument: out before its mark changes, in again behind that."""
    if tables.firm[0]["ledgers"] != 0:
        _move_holders(tables.holdings, tables.ledgers, tables.positions[0], instrument, is_out)


@rule
def _move_holders(holdings, ledgers, no_position, instrument, is_out):
    at = np.int64(instrument["first_holding"])
    while at != 0:
        holding = holdings[at]
        if holding["ledger"] != 0:
            ledger = ledgers[holding["ledger"]]
            worth = _valued(instrument, _stake(holding, no_position))
            if is_out:
                _book(ledgers, ledger, _difference(_NOTHING, worth))
            else:
                _book(ledgers, ledger, worth)
                _begin_awaited(ledger)
        at = np.int64(holding["next_of_instrument"])


@rule
def _stake(holding, position):
    """(quantities held, to buy, to sell), what works, open cost, cash: three are wide; row 0 is nothing."""
    working = wide_add(
        np.int64(holding["working_buy_value_hi"]),
        holding["working_buy_value_lo"],
        np.int64(holding["working_sell_value_hi"]),
        holding["working_sell_value_lo"],
    )
    qty = holding["qty"], holding["working_buy_qty"], holding["working_sell_qty"]
    cost = np.int64(position["open_cost_hi"]), position["open_cost_lo"]
    return qty, working, cost, (np.int64(position["cash_hi"]), position["cash_lo"])


@rule
def _valued(instrument, stake):
    """A stake at the mark: (1 where it can't be valued, the seven sums as wide numbers)."""
    (held, to_buy, to_sell), working, (cost_hi, cost_lo), cash = stake
    cost = magnitude(cost_hi, cost_lo)
    largest = abs(held) + to_buy + to_sell
    if largest == 0 or not can_value(instrument, largest):
        unpriced = np.int64(largest != 0)
        return unpriced, (_NO_MONEY, _NO_MONEY, _NO_MONEY, _NO_MONEY, working, cost, cash)
    net = value_of(instrument, held)
    long = value_of(instrument, held + to_buy)
    short = value_of(instrument, to_sell - held)
    gross = short if wide_less(long[0], long[1], short[0], short[1]) else long
    return np.int64(0), (net, long, short, gross, working, cost, cash)


@rule
def _difference(after, before):
    """What makes `after` of `before`: seven differences, none of which wraps."""
    a, b = after[1], before[1]
    return after[0] - before[0], (
        wide_sub(a[NET][0], a[NET][1], b[NET][0], b[NET][1]),
        wide_sub(a[LONG][0], a[LONG][1], b[LONG][0], b[LONG][1]),
        wide_sub(a[SHORT][0], a[SHORT][1], b[SHORT][0], b[SHORT][1]),
        wide_sub(a[GROSS][0], a[GROSS][1], b[GROSS][0], b[GROSS][1]),
        wide_sub(a[WORKING][0], a[WORKING][1], b[WORKING][0], b[WORKING][1]),
        wide_sub(a[COST][0], a[COST][1], b[COST][0], b[COST][1]),
        wide_sub(a[CASH][0], a[CASH][1], b[CASH][0], b[CASH][1]),
    )


@rule
def _book(ledgers, ledger, worth):
    """Add what a stake is worth to an account's ledger and to the firm's, if it has one."""
    _add(ledger, worth)
    if ledger["firm"] != 0:
        _add(ledgers[ledger["firm"]], worth)


@rule
def _add(ledger, worth):
    unpriced, sums = worth
    if unpriced != 0:
        ledger["unpriced"] = np.uint32(np.int64(ledger["unpriced"]) + unpriced)
    for measure in range(len(SUMS)):
        hi, lo = sums[measure]
        add_money(ledger, measure, hi, lo)


@rule
def _begin_awaited(ledger):
    """Begin the day of a ledger that has waited for the marks of all that it holds."""
    if ledger["is_start_awaited"] and ledger["unpriced"] == 0:
        start_day(ledger)


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
        instrument = tables.instruments[holding["instrument"]]
        if instrument["currency_word"] == currency:
            holding["ledger"] = slot
            worth = _valued(instrument, _stake(holding, tables.positions[0]))
            _book(tables.ledgers, tables.ledgers[slot], worth)
        at = np.int64(holding["next_of_account"])


@rule
def _sum_positions(tables, account, currency, slot):
    at = np.int64(tables.accounts[account]["first_position"])
    while at != 0:
        position = tables.positions[at]
        instrument = tables.instruments[position["instrument"]]
        if instrument["currency_word"] == currency:
            worth = _valued(instrument, _stake(tables.holdings[0], position))
            _book(tables.ledgers, tables.ledgers[slot], worth)
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
