"""The rows of the tables of money: fees, rates of exchange, limits, and the sums that limits look at."""

import numpy as np


def wide_fields(name: str) -> list[tuple[str, str]]:
    """A 128-bit number as two words."""
    return [(f"{name}_hi", "<i8"), (f"{name}_lo", "<u8")]


FEE = np.dtype(
    [*wide_fields("amount"), ("currency", "<u4"), ("next_of_position", "<u4")],
)
"""What a position has paid in one currency, in 10^-8 of it; `currency` is its three letters as a word."""

RATE = np.dtype(
    [
        ("numerator", "<i8"),
        ("denominator", "<i8"),
        ("observed_ns", "<i8"),
        ("last_offset", "<i8"),
        ("currency", "<u4"),
        ("settl_currency", "<u4"),
        ("version", "<u4"),
        ("pad", "<u4"),
    ]
)
"""What one unit of a currency is worth in another; both are three letters as a word."""

LIMITS = np.dtype(
    [
        ("key_hi", "<u8"),
        ("key_lo", "<u8"),
        ("last_offset", "<i8"),
        ("max_order_qty", "<i8"),
        ("max_order_notional", "<i8"),
        ("max_long_qty", "<i8"),
        ("max_short_qty", "<i8"),
        ("rate_interval_ns", "<i8"),
        ("rate_burst_ns", "<i8"),
        ("account", "<u4"),
        ("instrument", "<u4"),
        ("version", "<u4"),
        ("collar_ppm", "<u4"),
        ("mark_age_s", "<u2"),
        ("soft_percent", "u1"),
        ("self_match", "u1"),
        ("pad", "S4"),
    ]
)
"""Limits of an account, for one instrument or (instrument 0) for all that have none of their own."""

SUMS = ("net", "long", "short", "gross", "working", "cost", "cash")
"""The sums of a ledger, in their order: see `ledger`."""

LEDGER = np.dtype(
    [
        ("key_hi", "<u8"),
        ("key_lo", "<u8"),
        ("money", "<u8", (len(SUMS), 2)),
        *wide_fields("start"),
        *wide_fields("peak"),
        ("max_gross", "<i8"),
        ("max_net", "<i8"),
        ("max_credit", "<i8"),
        ("max_working_notional", "<i8"),
        ("max_loss", "<i8"),
        ("max_drawdown", "<i8"),
        ("last_offset", "<i8"),
        ("lost", "<i8"),
        ("drawdown", "<i8"),
        ("account", "<u4"),
        ("currency", "<u4"),
        ("firm", "<u4"),
        ("next_of_account", "<u4"),
        ("next_breached", "<u4"),
        ("unpriced", "<u4"),
        ("version", "<u4"),
        ("fx_age_s", "<u4"),
        ("soft_percent", "u1"),
        ("is_limited", "u1"),
        ("has_max_drawdown", "u1"),
        ("is_breached", "u1"),
        ("is_drawn_down", "u1"),
        ("halts_due", "u1"),
        ("is_start_awaited", "u1"),
        ("pad", "S1"),
    ]
)
"""What an account has at stake in one currency, and its limits in that currency if `is_limited`.

`money` has the sums of `SUMS`, 128 bits each, the high word first, in 10^-8 of the currency; `unpriced` of
the holdings are in no sum that needs a mark. The row of account 0 is the firm's: the sum over all accounts,
whose rows name it in `firm`. `start` is what the day's profit counts from; it waits for marks where
`is_start_awaited`. `peak` is the highest that the account's profit has been since, in the currency of the
limits and at least 0. `lost` is the loss while it is past `max_loss` (`is_breached`), `drawdown` what is
missing to the peak while that is past `max_drawdown` (`is_drawn_down`); `halts_due` has a bit for each of the
two that is to be halted for.
"""
