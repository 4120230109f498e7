"""How a row's bytes are described: one line a field, with its offset and its FIX tag."""

from typing import NamedTuple

import numpy as np


class Field(NamedTuple):
    """One field of a row: where it lies, what it holds, and FIX's tag for it (0: not in FIX)."""

    name: str
    format: str
    offset: int
    tag: int = 0


def words(name: str, offset: int, size: int) -> list[Field]:
    """Machine words over the bytes of a text field, so that native code can hash and compare it.

    A 16-byte name gives two `u8` words, a 20-byte id two and one `u4`: `name_w0`, `name_w1`, `name_w2`.
    """
    fields = [Field(f"{name}_w{i}", "<u8", offset + 8 * i) for i in range(size // 8)]
    if size % 8:
        fields.append(Field(f"{name}_w{size // 8}", "<u4", offset + 8 * (size // 8)))
    return fields


def row_dtype(fields: list[Field], itemsize: int) -> np.dtype[np.void]:
    """The structured dtype of a row of `itemsize` bytes; every field is naturally aligned."""
    for field in fields:
        width = np.dtype(field.format).alignment
        assert field.offset % width == 0, f"{field.name} at {field.offset} is not aligned to {width}"
    return np.dtype(
        {
            "names": [field.name for field in fields],
            "formats": [field.format for field in fields],
            "offsets": [field.offset for field in fields],
            "itemsize": itemsize,
        }
    )


def padding(fields: list[Field], itemsize: int) -> list[int]:
    """Offsets of the bytes that no field covers; they are zero in every row."""
    covered: set[int] = set()
    for field in fields:
        covered.update(range(field.offset, field.offset + np.dtype(field.format).itemsize))
    return sorted(set(range(itemsize)) - covered)


def joined(parts: list[np.ndarray]) -> np.ndarray:
    """The rows of several arrays of one dtype, one after the other, byte for byte.

    `np.concatenate` would repack a dtype with overlaid or uncovered bytes; seen as raw bytes it can't.
    """
    dtype = parts[0].dtype
    raw = np.concatenate([part.view(f"V{dtype.itemsize}") for part in parts])
    rows: np.ndarray = raw.view(dtype)
    return rows
