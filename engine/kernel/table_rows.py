"""The rows of a partition's tables: what each holds, one dtype a table.

Handle 0 and slot 0 mean "none" everywhere.
"""

import numpy as np

from engine.kernel.money_rows import wide_fields

_NAME = [("name_w0", "<u8"), ("name_w1", "<u8")]
"""A 16-byte name as two words; `names_of` reads it as text."""


ORDER = np.dtype(
    [
        ("key_hi", "<u8"),
        ("key_lo", "<u8"),
        ("last_offset", "<i8"),
        ("price", "<i8"),
        ("order_qty", "<i8"),
        ("cum_qty", "<i8"),
        *wide_fields("cum_value"),
        ("pending_price", "<i8"),
        ("pending_qty", "<i8"),
        ("venue_cum_qty", "<i8"),
        ("venue_cum_ns", "<i8"),
        ("account", "<u4"),
        ("instrument", "<u4"),
        ("strategy", "<u4"),
        ("position", "<u4"),
        ("holding", "<u4"),
        ("last_seq", "<u4"),
        ("version", "<u4"),
        ("terms", "<u4"),
        ("last_alias", "<u4"),
        ("last_execution", "<u4"),
        ("next_working", "<u4"),
        ("prev_working", "<u4"),
        ("life", "u1"),
        ("side", "u1"),
        ("time_in_force", "u1"),
        ("is_canceling", "u1"),
        ("is_replacing", "u1"),
        ("has_conflict", "u1"),
        ("ord_type", "u1"),
        ("breaks", "u1"),
        ("notices", "u1"),
        ("exec_inst", "u1"),
        ("in_doubt", "u1"),
        ("is_corrected", "u1"),
        ("report_date", "<u4"),
        ("older", "<u4"),
        ("newer", "<u4"),
    ]
)
"""One order. `cum_value` is the sum of quantity x price of its fills; `pending_*` the replace in flight.

`venue_cum_qty` is what the venue said last, as of `venue_cum_ns`; the bits of `breaks` are in
`quantity_breaks`. `notices` has a bit for each `Notice` that its venue has given, `in_doubt` one for each
request that the venue may not have seen. `report_date` is the latest trade date of its reports since it came
into memory. The orders in memory are linked by `older` and `newer`, in the order in which they came there.

An order that was refused here has neither position nor holding, until a venue reports on it all the same.
"""

TERMS = np.dtype(
    [
        ("stop_px", "<i8"),
        ("pending_stop_px", "<i8"),
        ("min_qty", "<i8"),
        ("display_qty", "<i8"),
        ("expire_s", "<u4"),
        ("order", "<u4"),
    ]
)
"""What only some orders have: StopPx and that of the replace in flight, MinQty, DisplayQty, ExpireTime."""

ALIAS = np.dtype([("key_hi", "<u8"), ("key_lo", "<u8"), ("order", "<u4"), ("prev_of_order", "<u4")])
"""A ClOrdID that a replace used, as the order id it would have made: it cannot start another order."""

EXECUTION = np.dtype(
    [
        ("key_hi", "<u8"),
        ("key_lo", "<u8"),
        ("fingerprint", "<u8"),
        ("offset", "<i8"),
        ("order", "<u4"),
        ("fill", "<u4"),
        ("prev_of_order", "<u4"),
        ("refers_to", "<u4"),
        ("latest", "<u4"),
        ("exec_type", "u1"),
        ("has_conflict", "u1"),
        ("is_awaited", "u1"),
        ("pad", "u1"),
    ]
)
"""One execution report, recognised by (venue, trade date, ExecID); `fill` has its numbers if it has any.

A correction `refers_to` what it corrects; the first row of such a family has in `latest` the one that stands.
A row that `is_awaited` is of a report that others refer to and nobody has seen.
"""

FILL = np.dtype(
    [
        ("qty", "<i8"),
        ("price", "<i8"),
        ("ts_event", "<i8"),
        *wide_fields("relief"),
        ("position", "<u4"),
        ("prev", "<u4"),
        ("next", "<u4"),
        ("pad", "<u4"),
    ]
)
"""What was traded, at which time; the row `position` is where it is booked, and 0 where it is not.

`qty` is signed where the fill is booked, and 0 where it is void. `relief` is the open cost of what it closed.
`prev` is the fill before it in its position; `next` the one behind it when it was last taken out.
"""

REQUEST = np.dtype(
    [
        ("key_hi", "<u8"),
        ("key_lo", "<u8"),
        ("fingerprint", "<u8"),
        ("offset", "<i8"),
        ("progress", "<u4"),
        ("count", "<u4"),
        ("is_done", "u1"),
        ("has_conflict", "u1"),
        ("pad", "S6"),
    ]
)
"""One operator request; `progress` is the last order that a mass cancel asked to cancel, `count` how many."""

POSITION = np.dtype(
    [
        ("key_hi", "<u8"),
        ("key_lo", "<u8"),
        ("qty", "<i8"),
        *wide_fields("open_cost"),
        *wide_fields("realized"),
        *wide_fields("cash"),
        ("buy_qty", "<i8"),
        ("sell_qty", "<i8"),
        ("working_buy_qty", "<i8"),
        ("working_sell_qty", "<i8"),
        *wide_fields("working_buy_value"),
        *wide_fields("working_sell_value"),
        ("account", "<u4"),
        ("strategy", "<u4"),
        ("instrument", "<u4"),
        ("next_of_strategy", "<u4"),
        ("next_of_account", "<u4"),
        ("first_fee", "<u4"),
        ("last_fill_ns", "<i8"),
        ("last_offset", "<i8"),
        ("last_fill", "<u4"),
        ("version", "<u4"),
    ]
)
"""Net position of (account, strategy, instrument); money in 10^-8 of the instrument's currency, exact.

`last_fill` is the latest by its time, `last_fill_ns`; `version` counts how often the position was restated.
"""

HOLDING = np.dtype(
    [
        ("key_hi", "<u8"),
        ("key_lo", "<u8"),
        ("qty", "<i8"),
        ("working_buy_qty", "<i8"),
        ("working_sell_qty", "<i8"),
        *wide_fields("working_buy_value"),
        *wide_fields("working_sell_value"),
        ("account", "<u4"),
        ("instrument", "<u4"),
        ("limits", "<u4"),
        ("next_of_account", "<u4"),
        ("next_of_instrument", "<u4"),
        ("first_buy", "<u4"),
        ("first_sell", "<u4"),
        ("repeat_buy_count", "<u4"),
        ("repeat_sell_count", "<u4"),
        ("ledger", "<u4"),
        ("buy_high", "<i8"),
        ("sell_low", "<i8"),
        ("repeat_buy_qty", "<i8"),
        ("repeat_buy_price", "<i8"),
        ("repeat_buy_ns", "<i8"),
        ("repeat_sell_qty", "<i8"),
        ("repeat_sell_price", "<i8"),
        ("repeat_sell_ns", "<i8"),
    ]
)
"""What an account holds and works in an instrument, over all strategies: what the position limit looks at.

The orders that work are linked from `first_buy` and `first_sell`; since a list was last empty no price on it
has been more aggressive than `buy_high` or `sell_low`, 0 where it is empty. `repeat_*` is the last order of a
side, how often it came in a row, and since when. `ledger` is 0 where nobody keeps sums of its money.
"""

ACCOUNT = np.dtype(
    [
        *_NAME,
        ("last_offset", "<i8"),
        ("rate_full_ns", "<i8"),
        ("version", "<u4"),
        ("limits", "<u4"),
        ("first_holding", "<u4"),
        ("first_position", "<u4"),
        ("trading_state", "u1"),
        ("halt_state", "u1"),
        ("is_defined", "u1"),
        ("pad", "u1"),
        ("open_orders", "<u4"),
        ("open_orders_max", "<u4"),
        ("repeats_max", "<u4"),
        ("repeat_window_ns", "<i8"),
        ("first_ledger", "<u4"),
        ("limited", "<u4"),
    ]
)
"""An account; `rate_full_ns` is when its token bucket will be full again (GCRA's arrival time).

Its exposure is limited in `limited` currencies.
"""

STRATEGY = np.dtype(
    [
        *_NAME,
        ("last_offset", "<i8"),
        ("version", "<u4"),
        ("account", "<u4"),
        ("first_position", "<u4"),
        ("trading_state", "u1"),
        ("halt_state", "u1"),
        ("is_defined", "u1"),
        ("is_tripped", "u1"),
        ("rate_interval_ns", "<i8"),
        ("rate_burst_ns", "<i8"),
        ("rate_full_ns", "<i8"),
        ("execution_window_ns", "<i8"),
        ("executions_ns", "<i8"),
        ("executions", "<u4"),
        ("executions_max", "<u4"),
        ("tripped_offset", "<i8"),
    ]
)
"""A strategy and the account it trades for, with a token bucket of its own if `rate_interval_ns` is not 0.

`executions` counts its trades since `executions_ns`; one too many in a window, at `tripped_offset`, trips it.
"""

INSTRUMENT = np.dtype(
    [
        *_NAME,
        ("last_offset", "<i8"),
        ("tick", "<i8"),
        ("lot", "<i8"),
        ("multiplier", "<i8"),
        ("money_factor", "<i8"),
        ("mark", "<i8"),
        ("mark_ns", "<i8"),
        ("mark_offset", "<i8"),
        ("version", "<u4"),
        ("venue", "<u4"),
        ("mark_band_ppm", "<u4"),
        ("first_holding", "<u4"),
        ("currency", "S3"),
        ("price_scale", "u1"),
        ("qty_scale", "u1"),
        ("trading_state", "u1"),
        ("is_defined", "u1"),
        ("flags", "u1"),
        ("min_lots", "<u4"),
        ("max_lots", "<u4"),
        ("halt_state", "u1"),
        ("pad", "S3"),
        ("currency_word", "<u4"),
    ]
)
"""An instrument; `money_factor` turns price x quantity into money.

`mark` is 0 until there is one; `mark_ns` is the time it is of, `mark_offset` its event.
"""

VENUE = np.dtype(
    [
        *_NAME,
        ("last_offset", "<i8"),
        ("version", "<u4"),
        ("trade_date", "<u4"),
        ("trading_state", "u1"),
        ("halt_state", "u1"),
        ("is_defined", "u1"),
        ("pad", "S5"),
        ("day_offset", "<i8"),
        ("date_before", "<u4"),
        ("pad_2", "<u4"),
    ]
)
"""A venue and its calendar's trade date (yyyymmdd), moved only by TradingDayStarted.

`day_offset` is where it moved last, `date_before` the date that it moved from.
"""

PRINCIPAL = np.dtype(
    [*_NAME, ("last_offset", "<i8"), ("version", "<u4"), ("is_defined", "u1"), ("pad", "S3")]
)
"""Who may be named as the author of a command: a person or a program."""

FIRM = np.dtype(
    [
        ("next_offset", "<i8"),
        ("reference_next", "<i8"),
        ("last_offset", "<i8"),
        ("orders", "<i8"),
        ("aliases", "<i8"),
        ("executions", "<i8"),
        ("requests", "<i8"),
        ("positions", "<i8"),
        ("holdings", "<i8"),
        ("limits", "<i8"),
        ("accounts", "<i8"),
        ("strategies", "<i8"),
        ("instruments", "<i8"),
        ("venues", "<i8"),
        ("principals", "<i8"),
        ("fills", "<i8"),
        ("awaited", "<i8"),
        ("terms", "<i8"),
        ("free_order", "<i8"),
        ("free_orders", "<i8"),
        ("free_execution", "<i8"),
        ("free_executions", "<i8"),
        ("free_alias", "<i8"),
        ("free_aliases", "<i8"),
        ("free_term", "<i8"),
        ("orphans", "<i8"),
        ("free_orphan", "<i8"),
        ("free_orphans", "<i8"),
        ("fees", "<i8"),
        ("rates", "<i8"),
        *[(name, "<i8") for name in ("budgets", "leases")],
        ("open_orders", "<i8"),
        ("qty_before", "<i8"),
        *wide_fields("cash_before"),
        *wide_fields("realized_before"),
        ("crossing", "<i8"),
        ("crossing_price", "<i8"),
        ("due_offset", "<i8"),
        ("due_slot", "<u4"),
        ("due", "<u4"),
        ("version", "<u4"),
        ("trading_state", "u1"),
        ("halt_state", "u1"),
        ("pad", "S2"),
        ("day_offset", "<i8"),
        ("retirements", "<i8"),
        ("retired_date", "<u4"),
        ("recall_slot", "<u4"),
        ("recall_left", "<u4"),
        ("oldest_date", "<u4"),
        ("newest_order", "<u4"),
        ("pad_2", "<u4"),
        ("ledgers", "<i8"),
        ("first_breached", "<u4"),
        ("trade_date", "<u4"),
        ("retired_next", "<i8"),
    ]
)
"""The one row about the whole partition: where it is in its log, and how many rows each table has used.

`free_order` is the first of `free_orders` rows that were given back, and so on: see `free_rows`.
`due` has a bit for every follow-up event that the event at `due_offset`, about the order `due_slot`, still
makes the engine write; `*_before` is the position that it restated, as it was, `crossing` the next order to
cancel, which could trade with `due_slot` at `crossing_price`. `awaited` counts the executions that a bust or
a correction waits for.

`day_offset` is where a trading day began last, at any venue, and `oldest_date` the earliest trade date of all
their calendars, `trade_date` the latest. Closed orders have left memory `retirements` times, none of a trade
date after `retired_date`, the last time just before offset `retired_next`; of the order `recall_slot`, which
comes back, `recall_left` reports are still missing. `newest_order` came into memory last. `first_breached` is
the ledger that is halted for next.
"""

BOUNDS = np.dtype(
    [
        ("orders", "<i8"),
        ("aliases", "<i8"),
        ("executions", "<i8"),
        ("requests", "<i8"),
        ("positions", "<i8"),
        ("ledgers", "<i8"),
        ("partition", "<i8"),
    ]
)
"""How full a table may be before it only takes what must always pass (`room.py`); whose tables they are."""
