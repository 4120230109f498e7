"""Draws what may happen to the files of an engine directory: rot, misplaced and lost writes, old copies."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from storage.data_file import DATA_FILE

PAGE_BYTES = 4096
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
    kinds = [_flip, _copy_chunk, _truncate, _swap, _roll_back]
    return chance.choices(kinds, weights=[10, 4, 2, 2, 2])[0](files, older, chance)


def _flip(files: Files, _: Sequence[Files], chance: random.Random) -> Damage:
    name = _any_of(files, chance)
    content, place, bit = bytearray(files[name]), chance.randrange(len(files[name])), chance.randrange(8)
    content[place] ^= 1 << bit
    return Damage("flipped bit", f"bit {bit} of byte {place} of {name}", {name: bytes(content)})


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
