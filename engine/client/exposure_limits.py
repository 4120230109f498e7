"""Limits of what an account may have at stake; like others they are decided once, in the reference log."""

from engine.answers import Ack
from engine.client.connection import Connection, knowing
from engine.client.conversation import Conversation
from engine.client.definitions import limit_units
from engine.client.operator_rows import operator_row, send_operator
from engine.client.request_ids import RequestId
from engine.client.transport import REFERENCE
from engine.limits import MONEY_SCALE
from engine.rows.commands import EXPOSURE_LIMITS_COMMAND, command_rows
from engine.values import Number, currency_bytes, whole_within
from engine.vocabulary import CommandKind

FX_AGE_S_MAX = 2**32 - 1
"""Longest age of a rate of exchange that a row holds, in seconds."""


def set_exposure_limits(  # noqa: PLR0913 - one argument a limit
    connection: Connection,
    account: str,
    *,
    currency: str,
    max_gross: Number,
    max_net: Number,
    max_credit: Number,
    max_working_notional: Number,
    max_loss: Number,
    max_drawdown: Number | None = None,
    fx_age_s: int = 0,
    soft_percent: int = 0,
    request_id: RequestId | None = None,
) -> Conversation[Ack]:
    """Set what an account may have at stake in all that it trades, in whole units of one currency.

    Limits in a second currency hold beside the first. None of them is negative, and 0 allows nothing.

    - `currency`: three letters, ISO 4217; what is in others goes through the rates of `set_fx`.
    - `max_gross`: the worst case at the mark, instrument by instrument, added up.
    - `max_net`: how long or short the account may be over all instruments if all that works on a side fills.
    - `max_credit`: open cost of all positions, each above zero, and what works.
    - `max_working_notional`: LeavesQty x price of all that works.
    - `max_loss`: realised and unrealised loss since the start of the day, before fees; past it the account
      may only reduce until `lift_halt("ACCOUNT", account=...)`.
    - `max_drawdown`: how far the day's profit may fall from the highest that it has been, which is 0 at the
      start; past it the account may only reduce as well. None, the default, sets no limit.
    - `fx_age_s`: how old a rate of exchange may be, in seconds; 0 allows any age.
    - `soft_percent`: beyond this share of a limit an order is accepted with a warning; 0 warns of nothing.
    """
    catalog = yield from knowing(connection, account=account)
    rows = operator_row(connection, CommandKind.SET_EXPOSURE_LIMITS, request_id).view(EXPOSURE_LIMITS_COMMAND)
    rows["account"] = catalog.account(account).handle
    rows["currency"] = currency_bytes(currency)
    rows["max_gross"] = limit_units(max_gross, MONEY_SCALE, "max_gross")
    rows["max_net"] = limit_units(max_net, MONEY_SCALE, "max_net")
    rows["max_credit"] = limit_units(max_credit, MONEY_SCALE, "max_credit")
    rows["max_working_notional"] = limit_units(max_working_notional, MONEY_SCALE, "max_working_notional")
    rows["max_loss"] = limit_units(max_loss, MONEY_SCALE, "max_loss")
    if max_drawdown is not None:
        rows["max_drawdown"] = limit_units(max_drawdown, MONEY_SCALE, "max_drawdown")
        rows["has_max_drawdown"] = 1
    rows["fx_age_s"] = whole_within(fx_age_s, 0, FX_AGE_S_MAX, "fx_age_s")
    rows["soft_percent"] = whole_within(soft_percent, 0, 100, "soft_percent")
    return (yield from send_operator(REFERENCE, rows.view(command_rows(0).dtype)))
