"""Memory that is there before the first order: touching a new page costs more than deciding an order.

A fresh array has addresses and no memory; the machine finds and clears each page when it is first written.
"""

from collections.abc import Iterable

import numpy as np

PAGE_BYTES = 4096
"""The smallest page of every machine that this runs on."""


def reserve(arrays: Iterable[np.ndarray]) -> None:
    """Touch every page of these arrays, changing nothing in them; nobody else may write to them meanwhile."""
    for array in arrays:
        pages = array.reshape(-1).view(np.uint8)[::PAGE_BYTES]
        pages |= 0
