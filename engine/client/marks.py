"""Conflation of marks: which of the prices that stream in are worth an event, decided without a clock.

A mark, the price that checks and profit are measured by, enters the log at most once an interval and only
when it has moved beyond a band. What came in between is replaced by the latest; raw ticks never enter the
log.
"""

from engine.limits import PPM


class MarkGate:
    """The marks of some instruments: offered as they come, noted once logged. Times are ns, prices units.

    A mark is due when its instrument has none logged yet, or when the interval since the last logged one has
    passed and the price is more than the band away from it.
    """

    def __init__(self, interval_ns: int) -> None:
        self._interval_ns = interval_ns
        self._logged: dict[int, tuple[int, int]] = {}
        self._waiting: dict[int, tuple[int, int]] = {}

    def offer(self, instrument: int, price: int, band_ppm: int) -> None:
        """Take in the latest price of an instrument; it replaces one that still waits."""
        self._waiting[instrument] = (price, band_ppm)

    def due(self, now_ns: int) -> dict[int, int]:
        """The marks to log now, handle to price; each stays due until it is noted as logged.

        A move within the band goes on waiting for a larger one.
        """
        return {
            instrument: price
            for instrument, (price, band_ppm) in self._waiting.items()
            if self._is_due(instrument, price, band_ppm, now_ns)
        }

    def _is_due(self, instrument: int, price: int, band_ppm: int, now_ns: int) -> bool:
        if instrument not in self._logged:
            return True
        logged, logged_ns = self._logged[instrument]
        if now_ns - logged_ns < self._interval_ns:
            return False
        return abs(price - logged) * PPM > logged * band_ppm

    def note_logged(self, instrument: int, price: int, now_ns: int) -> None:
        """Note that a mark has reached the log; another price that was offered meanwhile goes on waiting."""
        self._logged[instrument] = (price, now_ns)
        if instrument in self._waiting and self._waiting[instrument][0] == price:
            del self._waiting[instrument]
