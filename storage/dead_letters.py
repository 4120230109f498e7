"""Input that no handler could take, kept for study: bounded, in an environment of its own, beside the logs.

Sub-database `letters`: number u64 big-endian to a MessagePack array of (at_ns, reason, raw_bytes_total, raw).
Sub-database `counts`: `dropped` to u64. The oldest letters make room for newer ones, and are counted.
"""

import shutil
import struct
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import lmdb
import msgspec

from storage.data_file import DATA_FILE
from storage.errors import DeadLetterLost
from storage.file_system import make_directory, publish_directory
from storage.limits import (
    DEAD_LETTER_BYTES_MAX,
    DEAD_LETTER_MAP_ROOM_BYTES,
    DEAD_LETTER_RINGS_PER_MAP,
    DEAD_LETTER_STORED_BYTES_MAX,
    DEAD_LETTERS_MAX,
)
from storage.lmdb_environment import Environment, open_environment

_NUMBER = struct.Struct(">Q")
_DROPPED = b"dropped"


class DeadLetter(msgspec.Struct, frozen=True):
    """One piece of input that could not be taken.

    Attributes:
        number: counts up from 0 over the life of the environment.
        at_ns: when it came, UTC nanoseconds.
        reason: why it could not be taken.
        raw_bytes_total: bytes that came; more than `raw` holds if it was cut.
        raw: what came, at most `DEAD_LETTER_BYTES_MAX` bytes of it.
    """

    number: int
    at_ns: int
    reason: str
    raw_bytes_total: int
    raw: bytes


class DeadLetters:
    """A ring of dead letters: appended durably, listed newest first, never larger than its bounds.

    Made by `DeadLetters.open`. A failure here raises a StorageError, mostly DeadLetterLost, and harms no log.
    """

    def __init__(self, path: Path, *, writer: bool, letters_max: int, allow_volatile: bool) -> None:
        self._path = path
        self._letters_max = letters_max
        with self._guarded():
            if writer and not (path / DATA_FILE).exists():
                _create(path, allow_volatile=allow_volatile)
            self._environment = open_environment(
                path,
                writer=writer,
                create=writer,
                map_size_bytes=_map_size_bytes(path, letters_max),
                allow_volatile=allow_volatile,
            )
        try:
            with self._guarded():
                self._letters, self._counts = _databases(self._environment, create=writer)
        except BaseException:
            # A use left open would keep every later writer of this process out.
            self._environment.close()
            raise

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        writer: bool,
        letters_max: int = DEAD_LETTERS_MAX,
        allow_volatile: bool = False,
    ) -> "DeadLetters":
        """Open the dead letters in directory `path`; a writer creates them, a reader needs them to exist.

        Raises LogNotFound, AlreadyOpen, NoAccess, UnsafeFileSystem, LogTruncated, LogCorrupted, or
        DeadLetterLost for whatever else LMDB or the system objects to.
        """
        return cls(Path(path), writer=writer, letters_max=letters_max, allow_volatile=allow_volatile)

    def append(self, letters: Sequence[tuple[str, bytes, int]], *, at_ns: int) -> None:
        """Keep letters in one synced transaction: the oldest go first, as many as there are too many.

        Args:
            letters: each the reason, the raw bytes or the first of them, and the number of bytes that came.
            at_ns: when they came, UTC nanoseconds.
        """
        unkept = max(0, len(letters) - self._letters_max)
        with self._guarded(), self._environment.handle.begin(write=True) as txn:
            number = self._next_number(txn) + unkept
            self._make_room(txn, len(letters))
            for reason, raw, total in letters[unkept:]:
                value = msgspec.msgpack.encode((at_ns, reason, total, raw[:DEAD_LETTER_BYTES_MAX]))
                txn.put(_NUMBER.pack(number), value, append=True, db=self._letters)
                number += 1

    def newest(self, count: int) -> list[DeadLetter]:
        """Give up to `count` letters, newest first."""
        with self._guarded(), self._environment.handle.begin() as txn:
            cursor = txn.cursor(self._letters)
            found = cursor.last()
            letters: list[DeadLetter] = []
            while found and len(letters) < count:
                letters.append(_letter(*cursor.item()))
                found = cursor.prev()
            return letters

    @property
    def kept(self) -> int:
        """Give the number of letters that can be listed."""
        with self._guarded(), self._environment.handle.begin() as txn:
            kept: int = txn.stat(self._letters)["entries"]
            return kept

    @property
    def dropped(self) -> int:
        """Give the number of letters that had to make room for newer ones."""
        with self._guarded(), self._environment.handle.begin() as txn:
            return self._dropped(txn)

    def close(self) -> None:
        """Close the environment."""
        self._environment.close()

    def __enter__(self) -> "DeadLetters":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _next_number(self, txn: Any) -> int:
        cursor = txn.cursor(self._letters)
        return _NUMBER.unpack(cursor.key())[0] + 1 if cursor.last() else self._dropped(txn)

    def _make_room(self, txn: Any, coming: int) -> None:
        """Drop the oldest letters, and count with them those of the coming ones that the ring can't hold."""
        kept = txn.stat(self._letters)["entries"]
        surplus = kept + coming - self._letters_max
        if surplus <= 0:
            return
        txn.put(_DROPPED, _NUMBER.pack(self._dropped(txn) + surplus), db=self._counts)
        cursor = txn.cursor(self._letters)
        cursor.first()
        for _ in range(min(surplus, kept)):
            cursor.delete()

    def _dropped(self, txn: Any) -> int:
        stored = txn.get(_DROPPED, db=self._counts)
        return _NUMBER.unpack(stored)[0] if stored else 0

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        try:
            yield
        except (lmdb.Error, OSError, struct.error, msgspec.MsgspecError) as error:
            raise DeadLetterLost(str(self._path), str(error)) from error


def _create(path: Path, *, allow_volatile: bool) -> None:
    """Make an empty ring under a draft name and rename it, so that a reader finds it whole or not at all."""
    make_directory(path.parent)
    draft = Path(tempfile.mkdtemp(prefix=f"{path.name}.new", dir=path.parent))
    try:
        with closing(
            open_environment(
                draft,
                writer=True,
                create=True,
                map_size_bytes=DEAD_LETTER_MAP_ROOM_BYTES,
                allow_volatile=allow_volatile,
            )
        ) as environment:
            _databases(environment, create=True)
        publish_directory(draft, path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _databases(environment: Environment, *, create: bool) -> tuple[Any, Any]:
    return environment.database(b"letters", create=create), environment.database(b"counts", create=create)


def _map_size_bytes(path: Path, letters_max: int) -> int:
    """Give an address space that the ring never fills, also if a larger ring lies there from before."""
    file = path / DATA_FILE
    stored = file.stat().st_size if file.exists() else 0
    ring = max(letters_max * DEAD_LETTER_STORED_BYTES_MAX, stored)
    return DEAD_LETTER_RINGS_PER_MAP * ring + DEAD_LETTER_MAP_ROOM_BYTES


def _letter(key: bytes, value: bytes) -> DeadLetter:
    at_ns, reason, total, raw = msgspec.msgpack.decode(value, type=tuple[int, str, int, bytes])
    return DeadLetter(_NUMBER.unpack(key)[0], at_ns, reason, total, raw)
