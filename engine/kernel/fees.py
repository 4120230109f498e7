"""Fees: what venues charged for trades, summed by position and currency as their reports state it.

Nothing is inferred and nothing is part of realised profit, so the sums are the same in whatever order reports
come, and a trade that is taken back refunds what the report that does so says. What a venue pays, instead of
charging it, is negative.
"""

import numpy as np

from engine.kernel.index import find
from engine.kernel.jit import rule
from engine.kernel.well_formed import is_name
from engine.kernel.wide import wide, wide_add
from engine.limits import COMMISSION_MAX
from engine.vocabulary import Reason

_8 = np.uint32(8)
"""A currency's word begins with a byte of another field."""
_0 = np.uint64(0)


@rule
def malformed_commission(report):
    """What is wrong with the commission that a report states, or NONE where it states none."""
    commission = report["commission"]
    if commission < -COMMISSION_MAX or commission > COMMISSION_MAX:
        return Reason.BAD_NOTIONAL
    if commission != 0 and not is_name(np.uint64(report["commission_currency_w0"] >> _8), _0, _0):
        return Reason.BAD_NAME
    return Reason.NONE


@rule
def state_commission(row, report):
    """Write the commission of a trade's report into its event, where a report has nothing else."""
    row["subject_ref"] = 0
    if report["commission"] == 0:
        return
    row["commission"] = report["commission"]
    row["commission_currency"] = report["commission_currency"]


@rule
def no_room_for_fee(report, tables, slot):
    """Why the fee that a report on an order states, or its event, can't be summed, or NONE."""
    if report["commission"] == 0 or slot == 0 or tables.firm[0]["fees"] + 1 < len(tables.fees):
        return Reason.NONE
    position = tables.positions[tables.orders[slot]["position"]]
    if _fee_of(tables, position, report["commission_currency_w0"] >> _8) != 0:
        return Reason.NONE
    return Reason.TABLE_FULL


@rule
def charge(row, tables):
    """Add what the event of a trade or its correction states to the fees of its order's position.

    A correction whose trade and order nobody knows yet keeps it in its event.
    """
    if row["commission"] == 0:
        return
    slot = find(tables.order_index, tables.orders, row["order_id_hi"], row["order_id_lo"])
    number = tables.orders[slot]["position"]
    if number == 0:
        return
    position = tables.positions[number]
    fee = _fee_of(tables, position, row["commission_currency_w0"] >> _8)
    if fee == 0:
        fee = _begin_fee(tables, position, row["commission_currency_w0"] >> _8)
    total = tables.fees[fee]
    hi, lo = wide(row["commission"])
    hi, lo = wide_add(total["amount_hi"], total["amount_lo"], hi, lo)
    total["amount_hi"] = hi
    total["amount_lo"] = lo


@rule
def _fee_of(tables, position, currency):
    """The fees of a position in a currency, or 0 where there are none yet."""
    slot = np.int64(position["first_fee"])
    while slot != 0 and tables.fees[slot]["currency"] != currency:
        slot = np.int64(tables.fees[slot]["next_of_position"])
    return slot


@rule
def _begin_fee(tables, position, currency):
    """A new row, first in the position's list."""
    slot = tables.firm[0]["fees"] + 1
    tables.firm[0]["fees"] = slot
    fee = tables.fees[slot]
    fee["currency"] = currency
    fee["next_of_position"] = position["first_fee"]
    position["first_fee"] = slot
    return slot
