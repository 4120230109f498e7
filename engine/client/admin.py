"""The administrator's face: definitions, limits, trading states, marks, trading days, kills, corrections."""

from engine.client import (
    definitions,
    exposure_limits,
    in_doubt,
    leasing,
    market_data,
    operator_canceling,
    throttling,
    trade_corrections,
)
from engine.client.client import BlockingFace
from engine.client.conversation import blocking


class Admin(BlockingFace):
    """Sets up and steers an engine; every method waits for its answer and is safe to repeat.

    A command is recognised by its `request_id`: sent again with the same one it is a DUPLICATE with the first
    outcome. `Admin.on(client)` shares a client's connection.
    """

    set_venue = blocking(definitions.set_venue)
    set_instrument = blocking(definitions.set_instrument)
    set_account = blocking(definitions.set_account)
    set_limits = blocking(definitions.set_limits)
    set_exposure_limits = blocking(exposure_limits.set_exposure_limits)
    set_throttles = blocking(throttling.set_throttles)
    set_firm_limit = blocking(leasing.set_firm_limit)
    grant_lease = blocking(leasing.grant_lease)
    return_lease = blocking(leasing.return_lease)
    set_trading_state = blocking(definitions.set_trading_state)
    set_mark = blocking(market_data.set_mark)
    set_fx = blocking(market_data.set_fx)
    offer_marks = blocking(market_data.offer_marks)
    start_trading_day = blocking(market_data.start_trading_day)
    mass_cancel = blocking(operator_canceling.mass_cancel)
    kill = blocking(operator_canceling.kill)
    lift_halt = blocking(operator_canceling.lift_halt)
    mark_in_doubt = blocking(in_doubt.mark_in_doubt)
    mark_venue_in_doubt = blocking(in_doubt.mark_venue_in_doubt)
    resolve_in_doubt = blocking(in_doubt.resolve_in_doubt)
    bust_trade = blocking(trade_corrections.bust_trade)
    correct_trade = blocking(trade_corrections.correct_trade)
    cancel_order = blocking(operator_canceling.cancel_order)
