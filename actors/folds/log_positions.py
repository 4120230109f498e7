"""Positions in a log as people name them: an offset, or a time."""

from datetime import UTC, datetime

from engine.errors import BadRequest
from engine.limits import NS_PER_SECOND
from storage.log_reader import LogReader


def position_of(log: LogReader, text: str, end: int) -> int:
    """The position that a text names in a log that ends at `end`: an offset, or the first block since a time.

    A time is ISO 8601, in UTC if it names no zone. BadRequest if it is neither, or behind the end.
    """
    if not text.isdecimal():
        return _first_since(log, _ns_of(text), end)
    if int(text) > end:
        raise BadRequest(
            f"offset {text} is behind the end of the log, which is at {end:,}: name an earlier one"
        )
    return int(text)


def _ns_of(text: str) -> int:
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(f"{text!r} is neither an offset nor a time as 2026-01-02T12:00:00Z") from error
    seconds = (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    return round(seconds * 10**6) * (NS_PER_SECOND // 10**6)


def _first_since(log: LogReader, when_ns: int, end: int) -> int:
    """The base of the first block of a time or later, the end if there is none; times never go back."""
    low, high = 0, end
    while low < high:
        header = log.read_block((low + high) // 2).header
        if header.append_ts_last_ns >= when_ns:
            high = header.base_offset
        else:
            low = header.next_offset
    return min(low, end)
