"""One buffer of rows, seen through the dtype of each kind: commands of a frame, events of a block."""

from typing import NamedTuple

import numpy as np

from engine.kernel.by_pointer import by_pointer
from engine.rows import commands, events, lifecycle_events


@by_pointer
class CommandViews(NamedTuple):
    """The same command rows as each dtype of `engine.rows.commands`; all views share one buffer."""

    order: np.ndarray
    report: np.ndarray
    doubt: np.ndarray
    correction: np.ndarray
    asked: np.ndarray
    instrument: np.ndarray
    limits: np.ndarray
    throttles: np.ndarray
    rate: np.ndarray
    lease: np.ndarray
    exposure_limits: np.ndarray


def command_views_of(rows: np.ndarray) -> CommandViews:
    """See rows of 160 bytes (any command dtype) through every command dtype."""
    order = rows.view(commands.COMMAND)
    return CommandViews(
        order=order,
        report=order.view(commands.REPORT_COMMAND),
        doubt=order.view(commands.DOUBT_COMMAND),
        correction=order.view(commands.CORRECTION_COMMAND),
        asked=order.view(commands.ORDER_COMMAND),
        instrument=order.view(commands.INSTRUMENT_COMMAND),
        limits=order.view(commands.LIMITS_COMMAND),
        throttles=order.view(commands.THROTTLES_COMMAND),
        rate=order.view(commands.FX_COMMAND),
        lease=order.view(commands.LEASE_COMMAND),
        exposure_limits=order.view(commands.EXPOSURE_LIMITS_COMMAND),
    )


@by_pointer
class EventViews(NamedTuple):
    """The same rows as each dtype that rules write; all views share one buffer."""

    head: np.ndarray
    order: np.ndarray
    denial: np.ndarray
    order_denial: np.ndarray
    replace_denial: np.ndarray
    report: np.ndarray
    change: np.ndarray
    doubt: np.ndarray
    request: np.ndarray
    instrument: np.ndarray
    name: np.ndarray
    limits: np.ndarray
    correction: np.ndarray
    operators_correction: np.ndarray
    throttles: np.ndarray
    integrity: np.ndarray
    restatement: np.ndarray
    submitted: np.ndarray
    replace: np.ndarray
    retirement: np.ndarray
    trade: np.ndarray
    rate: np.ndarray
    recalled_order: np.ndarray
    recalled_execution: np.ndarray
    lease: np.ndarray
    exposure_limits: np.ndarray
    halt: np.ndarray


def views_of(rows: np.ndarray) -> EventViews:
    """See rows of 192 bytes (any event dtype) through every event dtype."""
    head = rows.view(events.HEAD)
    return EventViews(
        head=head,
        order=head.view(events.ORDER_EVENT),
        denial=head.view(events.DENIAL_EVENT),
        order_denial=head.view(lifecycle_events.ORDER_DENIAL_EVENT),
        replace_denial=head.view(lifecycle_events.REPLACE_DENIAL_EVENT),
        report=head.view(events.REPORT_EVENT),
        change=head.view(lifecycle_events.STATED_CHANGE_EVENT),
        doubt=head.view(lifecycle_events.IN_DOUBT_EVENT),
        request=head.view(events.REQUEST_EVENT),
        instrument=head.view(events.INSTRUMENT_EVENT),
        name=head.view(events.NAME_EVENT),
        limits=head.view(events.LIMITS_EVENT),
        correction=head.view(lifecycle_events.CORRECTION_EVENT),
        operators_correction=head.view(lifecycle_events.OPERATORS_CORRECTION_EVENT),
        throttles=head.view(lifecycle_events.THROTTLES_EVENT),
        integrity=head.view(lifecycle_events.INTEGRITY_EVENT),
        restatement=head.view(lifecycle_events.RESTATEMENT_EVENT),
        submitted=head.view(lifecycle_events.SUBMITTED_EVENT),
        replace=head.view(lifecycle_events.REPLACE_EVENT),
        retirement=head.view(lifecycle_events.RETIREMENT_EVENT),
        trade=head.view(lifecycle_events.STATED_TRADE_EVENT),
        rate=head.view(lifecycle_events.FX_EVENT),
        recalled_order=head.view(lifecycle_events.RECALLED_ORDER_EVENT),
        recalled_execution=head.view(lifecycle_events.RECALLED_EXECUTION_EVENT),
        lease=head.view(lifecycle_events.LEASE_EVENT),
        exposure_limits=head.view(lifecycle_events.DRAWDOWN_LIMITS_EVENT),
        halt=head.view(lifecycle_events.HALT_EVENT),
    )
