"""Every bound of the engine, with its unit and its reason.

Bounds are what make 64-bit arithmetic safe: `int64` wraps silently in native code, so each product and each
sum below states how large it can get, and the bound is enforced where a number enters.
"""

PRICE_MAX = 10**15
"""Largest price, in units of the instrument's price scale: 10 million at scale 8."""

QTY_MAX = 10**12
"""Largest quantity of one order or fill, in units of the quantity scale: 9.2 million of them fit `int64`."""

MONEY_SCALE = 8
"""Decimal places of money: at 4 the average-cost relief drifts by a cent in ten thousand fills, at 8 not."""

MONEY_FACTOR_MAX = 10**9
"""Largest contract multiplier times 10^(8 - price scale - quantity scale): keeps a fill under 2**120."""

NOTIONAL_BITS_MAX = 94
"""Bits of price x quantity x factor of one order or fill: 2**32 of the largest still fit a 128-bit sum."""

LIMIT_MAX = 2**62
"""Largest value of a risk limit, in its own unit: it fits `int64` with two totals of quantity on top."""

COLLAR_PPM_MAX = 10**6
"""Widest price collar, in parts per million of the mark: at 100 % the lower side reaches zero."""

ORDERS_PER_SECOND_MAX = 10**6
"""Highest order rate of an account, per second: the interval is whole microseconds at least."""

BURST_MAX = 10**6
"""Largest burst of an account, in orders: burst x interval is at most 10**15 ns, some eleven days."""

NAME_BYTES_MAX = 16
"""Longest name of an account, strategy, instrument, venue or principal, in bytes."""

CURRENCY_BYTES_MAX = 3
"""Longest name of a currency, in bytes: ISO 4217's alphabetic code."""

CL_ORD_ID_BYTES_MAX = 20
"""Longest ClOrdID and ExecID, in bytes: what most venues allow, and three machine words."""

RATE_MAX = 10**15
"""Largest numerator and denominator of a rate of exchange: more digits than any is quoted with."""

COMMISSION_MAX = 10**18
"""Largest commission of one report, in 10^-8 of its currency: ten billion; 2**67 of them fit 128 bits."""

TOTAL_QTY_MAX = 2**60
"""Largest sum of quantities a position may have traded: over a million fills of QTY_MAX, far below 2**63."""

PPM = 10**6
NS_PER_SECOND = 10**9
NS_PER_MS = 10**6

MARK_AHEAD_NS_MAX = NS_PER_SECOND
"""How far ahead of its block a mark may be dated, ns: clocks differ, and a block begins before its last mark
comes. A wrong clock holds up later marks for no longer than this."""

assert PRICE_MAX * 2 < 2**63
assert QTY_MAX * 9_200_000 < 2**63
assert LIMIT_MAX + 2 * TOTAL_QTY_MAX + 2 * QTY_MAX < 2**63
assert (PRICE_MAX * QTY_MAX * MONEY_FACTOR_MAX).bit_length() <= 120
