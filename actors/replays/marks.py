"""Marks of one instrument: sent when the market has moved, not each time it twitches."""

from actors.replays.command_draft import CommandDraft, Source
from engine.client.marks import MarkGate
from engine.config import MarksConfig
from engine.limits import COLLAR_PPM_MAX, PPM

_NS_PER_MS = 10**6


class Marks:
    """Drafts a price as the instrument's mark when it is due by the time of the file."""

    def __init__(self, draft: CommandDraft, source: Source, config: MarksConfig) -> None:
        self._draft = draft
        self._instrument = source.instrument
        self._band_ppm = config.band_ppm
        self._gate = MarkGate(config.interval_ms * _NS_PER_MS)
        self._mark = 0

    def observe(self, time_ns: int, price: int) -> None:
        """Take the market's price; it is drafted if the last mark is old enough and far enough away."""
        self._gate.offer(self._instrument, price, self._band_ppm)
        if self._gate.due(time_ns):
            self._log(time_ns, price)

    def reach(self, time_ns: int, price: int, *, is_buy: bool) -> None:
        """Make sure that an order at this price lies within the widest collar around the mark.

        A venue took the order, so a mark that forbids it is none of that market: the price itself becomes it.
        """
        highest = self._mark + self._mark * COLLAR_PPM_MAX // PPM
        if self._mark == 0 or (is_buy and price > highest):
            self._gate.offer(self._instrument, price, self._band_ppm)
            self._log(time_ns, price)

    def _log(self, time_ns: int, price: int) -> None:
        """Draft the price that was offered last, due or not."""
        self._mark = price
        self._draft.mark(price)
        self._gate.note_logged(self._instrument, price, time_ns)
