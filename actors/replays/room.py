"""How much room an engine's tables need for a file."""

from msgspec.structs import replace

from engine.config import Config

ORDERS_A_MESSAGE = 2
"""Orders that a message opens at most on average: its own, and one that comes into sight behind it."""

REPORTS_A_MESSAGE = 6
"""Venue reports of a message at most on average: of its own orders, and of those that leave the window."""


def with_room(config: Config, messages: int) -> Config:
    """The configuration with tables large enough for a file of so many messages.

    Sizes go up in powers of two, because the state's digest covers them: a file that grew a little keeps
    them.
    """
    section = config.engine
    return replace(
        config,
        engine=replace(
            section,
            orders_max=_at_least(section.orders_max, 2 * ORDERS_A_MESSAGE * messages),
            executions_max=_at_least(section.executions_max, REPORTS_A_MESSAGE * messages),
            requests_max=_at_least(section.requests_max, messages),
        ),
    )


def _at_least(configured: int, needed: int) -> int:
    """The configured size if it is enough, else the next power of two."""
    return configured if needed <= configured else 1 << (needed - 1).bit_length()
