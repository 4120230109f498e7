"""Sums of money per group and currency: the shape that exposure and profit share.

A group is an account, a strategy or an instrument. Its lines (positions or holdings) hang in a list of the
kernel's tables: `firsts[group]` is the first, `links[line]` the next, 0 ends it. The walk trusts neither,
because a reader of a mapped view may see a list that is just being changed: handles are checked, and steps
are counted.
"""

import numpy as np

from engine.kernel.jit import entry, rule
from engine.kernel.prefetch import prefetch
from engine.kernel.table_rows import INSTRUMENT

MEASURES_MAX = 9
"""Amounts of money in one sum: exposure has nine."""

CURRENCIES_MAX = 64
"""Currencies of one group: ISO 4217 lists some 180, and no account trades a third of them."""

SUM = np.dtype(
    [
        ("name_w0", "<u8"),
        ("name_w1", "<u8"),
        ("currency", "<u8"),
        ("lines", "<u4"),
        ("unpriced", "<u4"),
        ("money", "<u8", (MEASURES_MAX, 2)),
    ]
)
"""One group's name and currency, both as words, and amounts in 10^-8 of that currency, 128 bits each, the
high word first; `unpriced` of the `lines` are not in what needs a price."""


def _as_priced(formats: dict[str, str]) -> np.dtype[np.void]:
    """The dtype that sees these fields of an instrument row, each in the format given here."""
    places = INSTRUMENT.fields
    assert places is not None, "an instrument row has fields"
    return np.dtype(
        {
            "names": list(formats),
            "formats": list(formats.values()),
            "offsets": [places[name][1] for name in formats],
            "itemsize": INSTRUMENT.itemsize,
        }
    )


PRICED = _as_priced({"mark": "<i8", "money_factor": "<i8", "currency": "<u4"})
"""An instrument row as pricing sees it; the highest byte of `currency` is another field's and is masked."""

ANY = 0
"""The place in `unpriced` that says whether any other is set: no instrument has handle 0."""

_CURRENCY_MASK = np.uint64(0xFFFFFF)


@rule
def call_lines(lines, links, first, priced):
    """Ask the processor for every line of a list, and for what prices it, before they are summed.

    The list is followed in any case one miss at a time; the rest of its rows then comes meanwhile.
    """
    line = np.int64(first)
    steps = 0
    while 0 < line < len(lines) and steps < len(lines):
        prefetch(lines, line)
        slot = np.int64(lines[line]["instrument"])
        if slot < len(priced):
            prefetch(priced, slot)
        line = np.int64(links[line])
        steps += 1


@rule
def sum_of(sums, first, used, group, row):
    """The sum of a group in a row's currency, among those from `first` on: (its place, sums used).

    `group` is the row of the account, strategy or instrument, `row` an instrument's or a sum of fees. A new
    sum is begun if there is none; the place is -1 if there is no room for it.
    """
    currency = np.uint64(row["currency"]) & _CURRENCY_MASK
    for at in range(first, used):
        if sums[at]["currency"] == currency:
            return at, used
    if used == len(sums):
        return -1, used
    _begin(sums[used], group, currency)
    return used, used + 1


@rule
def _begin(total, group, currency):
    total["name_w0"] = group["name_w0"]
    total["name_w1"] = group["name_w1"]
    total["currency"] = currency
    total["lines"] = np.uint32(0)
    total["unpriced"] = np.uint32(0)
    for measure in range(MEASURES_MAX):
        total["money"][measure, 0] = np.uint64(0)
        total["money"][measure, 1] = np.uint64(0)


@rule
def count_unpriced(total, unpriced, slot):
    """Note that a line could not be valued for want of a mark."""
    total["unpriced"] += np.uint32(1)
    unpriced[slot] = 1
    unpriced[ANY] = 1


@entry
def link_lines(groups, used, firsts, links):
    """List the lines 1..used by their group, where the tables keep no such list; both arrays come zeroed."""
    for line in range(used, 0, -1):
        group = np.int64(groups[line])
        if group < len(firsts):
            links[line] = firsts[group]
            firsts[group] = line
