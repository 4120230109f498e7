"""The space watch: whether the log's disk is nearly full, looked at now and then."""

from collections.abc import Callable

LOOK_EVERY_NS = 100_000_000
"""A look is a system call. At 500 MB/s, faster than any log grows, a tenth of a second is 50 MB."""


class SpaceWatch:
    """Remembers whether fewer than `floor` bytes were free when it last looked."""

    def __init__(self, free_bytes: Callable[[], int], floor: int) -> None:
        self._free_bytes = free_bytes
        self._floor = floor
        self._looked_ns: int | None = None
        self.is_low = False

    def look(self, now_ns: int) -> None:
        """Look again if the last look is long enough ago."""
        if self._looked_ns is None or now_ns >= self._looked_ns + LOOK_EVERY_NS:
            self._looked_ns = now_ns
            self.is_low = self._free_bytes() < self._floor
