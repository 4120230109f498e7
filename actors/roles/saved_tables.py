"""Tables as a file has them: each array's used part as a run of bytes, without a copy, and back again.

What projections leave behind when they end and what snapshots of a partition are made of.
"""

import hashlib
from collections.abc import Mapping

import numpy as np

from engine.kernel.kernel import used_rows
from engine.kernel.tables import Tables

SETTINGS = ("bounds",)
"""What is not state: each start sets it anew."""

Arrays = Mapping[str, np.ndarray]
"""Arrays by name."""


def arrays_of(tables: Tables) -> dict[str, np.ndarray]:
    """Every array of a kernel's state, tables and indexes, whole, by name."""
    return {name: array for name, array in tables._asdict().items() if name not in SETTINGS}


def used_arrays_of(tables: Tables) -> dict[str, np.ndarray]:
    """The part of each array that holds something: a table's used rows, an index as a whole; views."""
    return {**arrays_of(tables), **used_rows(tables)}


def layout_of(arrays: Arrays) -> str:
    """What names the sizes of whole arrays: others can't be filled from the same file."""
    sizes = repr([(name, len(array), array.dtype.itemsize) for name, array in arrays.items()])
    return hashlib.sha256(sizes.encode()).hexdigest()


def sections_of(used: Arrays) -> dict[str, memoryview]:
    """The bytes of each array; views."""
    return {name: array.reshape(-1).view(np.uint8).data for name, array in used.items()}


def fill(arrays: Arrays, sections: Mapping[str, bytes | memoryview]) -> None:
    """Copy sections of this layout into arrays that nothing has been written to."""
    for name, array in arrays.items():
        saved = np.frombuffer(sections[name], array.dtype)
        array[: len(saved)] = saved
