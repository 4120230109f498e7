"""Whether what a process takes stays flat: memory of its own, descriptors, threads; seen from outside."""

from pathlib import Path
from statistics import median
from typing import NamedTuple

GROWTH_MIB_MAX = 16
"""Heaps breathe by a few MiB; a leak of a hundred bytes an order is some 60 MiB in ten minutes."""

GROWTH_COUNT_MAX = 4
"""Descriptors and threads of a connection that comes or goes while somebody looks."""


class Sample(NamedTuple):
    """What a process takes: memory that no file backs, so that a growing log does not count."""

    anonymous_mib: float
    descriptors: int
    threads: int


def sample_of(pid: int) -> Sample:
    """What the process with this number takes now."""
    process = Path("/proc") / str(pid)
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    memory_kib = int(status["RssAnon"].split()[0])
    return Sample(memory_kib / 1024, len(list((process / "fd").iterdir())), int(status["Threads"]))


def growing(samples: list[Sample], memory_mib_max: int = GROWTH_MIB_MAX) -> list[str]:
    """A sentence for whatever is more in the last third than in the second; the first is for warming up."""
    third = len(samples) // 3
    before, after = samples[third : 2 * third], samples[-third:]
    assert before, "too few samples to compare"
    found = []
    for name, most in zip(Sample._fields, (memory_mib_max, GROWTH_COUNT_MAX, GROWTH_COUNT_MAX), strict=True):
        was, now = (median(getattr(sample, name) for sample in part) for part in (before, after))
        if now - was > most:
            found.append(f"{name} grew from {was:,.0f} to {now:,.0f}")
    return found
