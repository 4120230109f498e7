"""The rows of the firm's limits and of what each partition may use of them."""

import numpy as np

ALONE = 0xFFFF_FFFF
"""The number of the reference log, and of a kernel whose one log is both: it records what it returns."""

BUDGET = np.dtype(
    [
        ("credit_max", "<i8"),
        ("granted", "<i8"),
        ("last_offset", "<i8"),
        ("currency", "<u4"),
        ("version", "<u4"),
    ]
)
"""The firm's limit in one currency, in 10^-8 of it, below zero where there is none any more.

`currency` is three letters as a word, `granted` the sum of all leases, never above `credit_max`.
"""

LEASE = np.dtype(
    [
        ("granted", "<i8"),
        ("returning", "<i8"),
        ("returned_offset", "<i8"),
        ("expires_ns", "<i8"),
        ("last_offset", "<i8"),
        ("partition", "<u4"),
        ("budget", "<u4"),
        ("version", "<u4"),
        ("serial", "<u4"),
    ]
)
"""What one partition may use of a budget: what is `granted` less what is `returning`.

A partition gives back in its own log first, at `returned_offset`; `granted` falls once the reference log has
recorded that. The budget counts it until then, and whatever the time is. `serial` counts the changes that the
reference log has made, `version` those of this log.
"""
