"""Draws what may happen to the files of an engine directory: rot, misplaced and lost writes, old copies."""

import random
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from storage.data_file import DATA_FILE

PAGE_BYTES = 4096
BRANCH, LEAF = 1, 2
"""What a page's flags say of it (mdb.c)."""

CHUNKS = (1, 8, 64, 512, PAGE_BYTES, 4 * PAGE_BYTES)
"""Bytes copied from one place to another: up to a few pages of LMDB's."""

Files = Mapping[str, bytes]
"""Path below the engine directory to content."""


class Damage(NamedTuple):
    """What was done: a word for it, a sentence, and the files that are other now (None: it is gone)."""

    kind: str
    what: str
    changed: dict[str, bytes | None]


def draw_damage(files: Files, older: Sequence[Files], chance: random.Random) -> Damage:
    """Draw one damage to a directory of these files, which once held `older` ones, oldest first."""
    kinds: list[Callable[[Files, Sequence[Files], random.Random], Damage]]
    kinds = [_flip, _flip_in_tree, _copy_chunk, _truncate, _swap, _roll_back]
    return chance.choices(kinds, weights=[7, 3, 4, 2, 2, 2])[0](files, older, chance)


def _flip(files: Files, _: Sequence[Files], chance: random.Random) -> Damage:
    name = _any_of(files, chance)
    place, bit = chance.randrange(len(files[name])), chance.randrange(8)
    changed: dict[str, bytes | None] = {name: flipped(files[name], place, bit)}
    return Damage("flipped bit", f"bit {bit} of byte {place} of {name}", changed)


def _flip_in_tree(files: Files, _: Sequence[Files], chance: random.Random) -> Damage:
    """Flip a bit of what leads to records: too few of all bytes to be met by chance alone."""
    name = _any_of([one for one in files if one.endswith(DATA_FILE)], chance)
    place, bit = chance.choice(tree_bytes(files[name])), chance.randrange(8)
    changed: dict[str, bytes | None] = {name: flipped(files[name], place, bit)}
    return Damage("flipped bit of the tree", f"bit {bit} of byte {place} of {name}", changed)


def flipped(content: bytes, place: int, bit: int) -> bytes:
    """Give these bytes with one bit the other way."""
    return content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]


def tree_bytes(content: bytes) -> list[int]:
    """Give the places of page heads, of pointers to nodes, and of whole branch nodes, in a data file.

    A page of LMDB's begins with number u64, 2 bytes, flags u16, lower u16, upper u16, and a pointer u16 for
    each node, up to `lower`; nodes lie from `upper` on.
    """
    places: list[int] = []
    for start in range(0, len(content), PAGE_BYTES):
        flags, lower, upper = struct.unpack_from("<HHH", content, start + 10)
        if flags in {BRANCH, LEAF} and lower <= upper <= PAGE_BYTES:
            places += range(start, start + lower)
            places += range(start + upper, start + PAGE_BYTES) if flags == BRANCH else ()
    return places


def _copy_chunk(files: Files, _: Sequence[Files], chance: random.Random) -> Damage:
    origin, name = _any_of(files, chance), _any_of(files, chance)
    size = chance.choice(CHUNKS)
    unit = chance.choice([1, size])
    start, place = (chance.randrange(len(files[one])) // unit * unit for one in (origin, name))
    content, chunk = bytearray(files[name]), files[origin][start : start + size]
    content[place : place + len(chunk)] = chunk
    # A file does not grow by this; its end is cut where the chunk runs over it.
    cut = bytes(content[: len(files[name])])
    return Damage(
        "copied chunk", f"{len(chunk)} bytes of {origin} at {start} to {name} at {place}", {name: cut}
    )


def _truncate(files: Files, _: Sequence[Files], chance: random.Random) -> Damage:
    name = _any_of(files, chance)
    unit = chance.choice([1, PAGE_BYTES])
    size = chance.randrange(len(files[name])) // unit * unit
    return Damage("truncated file", f"{name} to {size} bytes", {name: files[name][:size]})


def _swap(files: Files, _: Sequence[Files], chance: random.Random) -> Damage:
    name = _any_of([one for one in files if "/" in one], chance)
    alike = [one for one in files if one != name and _sort_of(one) == _sort_of(name)]
    other = _any_of(alike, chance)
    return Damage("swapped files", f"{name} and {other}", {name: files[other], other: files[name]})


def _roll_back(files: Files, older: Sequence[Files], chance: random.Random) -> Damage:
    """Put an older copy of one data file, or of all of one log's, in place of what is there."""
    before = chance.choice(older)
    name = _any_of([one for one in before if one.endswith(DATA_FILE)], chance)
    log = name.split("/", 1)[0]
    if chance.random() < 0.5:
        return Damage("rolled back file", name, {name: before[name]})
    of_log = [one for one in files if one.startswith(log + "/")]
    return Damage("rolled back log", log, {one: before.get(one) for one in of_log})


def _any_of(names: Files | Sequence[str], chance: random.Random) -> str:
    return chance.choice(sorted(names))


def _sort_of(name: str) -> str:
    """Files of one sort may stand in for each other: data files, checkpoints, snapshots."""
    return DATA_FILE if name.endswith(DATA_FILE) else name.split("/", 1)[0]
