"""Latency percentiles by HdrHistogram."""

from collections.abc import Iterable

from hdrh.histogram import HdrHistogram

HIGHEST_NS = 60 * 10**9
DIGITS = 3


def histogram_of(values_ns: Iterable[float]) -> HdrHistogram:
    """A histogram from 1 ns to a minute at three significant digits."""
    histogram = HdrHistogram(1, HIGHEST_NS, DIGITS)
    for value in values_ns:
        histogram.record_value(max(1, min(int(value), HIGHEST_NS)))
    return histogram


def percentiles(histogram: HdrHistogram, unit_ns: float, names: dict[str, float]) -> dict[str, float]:
    """Named percentiles in a unit of `unit_ns` nanoseconds, three decimals."""
    return {
        name: round(histogram.get_value_at_percentile(at) / unit_ns, 3) if histogram.total_count else 0.0
        for name, at in names.items()
    }
