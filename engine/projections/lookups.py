"""Finding the rows that a read asks for: the lines of a group, orders by id or by owner, the best levels."""

import numpy as np

from engine.kernel.index import find
from engine.kernel.jit import entry, rule
from engine.kernel.order_facts import leaves_of, status_of


@entry
def collect_lines(first, links, slots):
    """Write the slots of a list that begins at `first` to `slots`; gives how many there are.

    The list may be torn: handles are checked and steps are counted.
    """
    count = 0
    line = np.int64(first)
    while 0 < line < len(links) and count < len(slots):
        slots[count] = line
        count += 1
        line = np.int64(links[line])
    return count


@entry
def find_orders(ids, order_index, orders, slots):
    """Write the slot of each order id (rows of two words, high and low) to `slots`, 0 where it is unknown."""
    for i in range(len(ids)):
        slots[i] = find(order_index, orders, ids[i, 0], ids[i, 1])


@entry
def select_orders(orders, newest, account, strategy, instrument, is_open_only, slots):
    """Write the slots of the newest orders that match to `slots`, newest first; gives how many there are.

    They are looked for from the slot `newest` back, in the order in which they came into memory.

    A handle of 0 matches any. The caller asks for one more than it wants, to learn whether there are more.
    """
    count = 0
    slot = np.int64(newest)
    while slot != 0 and count < len(slots):
        if _matches(orders[slot], account, strategy, instrument, is_open_only):
            slots[count] = slot
            count += 1
        slot = np.int64(orders[slot]["older"])
    return count


@rule
def _matches(order, account, strategy, instrument, is_open_only):
    if account != 0 and account != order["account"]:
        return False
    if strategy != 0 and strategy != order["strategy"]:
        return False
    if instrument != 0 and instrument != order["instrument"]:
        return False
    return not is_open_only or leaves_of(order) > 0


@entry
def derive_orders(orders, rows):
    """Write the status and the leaves of each order to `rows`."""
    for i in range(len(orders)):
        order = orders[i]
        rows[i]["status"] = status_of(order)
        rows[i]["leaves_qty"] = leaves_of(order)


@entry
def best_levels(levels, first, is_sell, best):
    """Write the best levels of the side whose list begins at `first` to `best`, best first; gives how many.

    `best` holds LEVEL rows; each level is put in its place among those kept, the worst falling out.
    """
    count = 0
    slot = np.int64(first)
    while slot != 0:
        level = levels[slot]
        if count < len(best) or _is_better(level["price"], best[count - 1]["price"], is_sell):
            if count < len(best):
                count += 1
            _put(level, best, count, is_sell)
        slot = np.int64(level["next"])
    return count


@rule
def _is_better(price, other, is_sell):
    return price < other if is_sell else price > other


@rule
def _put(level, best, count, is_sell):
    """Insert a level into the first `count` rows, whose last one is free or falls out."""
    at = count - 1
    while at > 0 and _is_better(level["price"], best[at - 1]["price"], is_sell):
        best[at] = best[at - 1]
        at -= 1
    best[at] = level
