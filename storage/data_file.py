"""The size that an LMDB data file must have, read from its meta pages before anybody maps it.

A mapped file that was cut kills its reader with SIGBUS, which no `except` can catch. So the file is measured
first. Layout of the 0.9 engine: pages 0 and 1 are meta pages, a page header of 16 bytes and then

    magic u32 | version u32 | address 8 | map_size 8 | free db 48 | main db 48 | last_page u64 | txn id u64

where the free db's first four bytes hold the page size. The meta page with the higher txn id counts.
"""

import struct
from pathlib import Path

from storage.errors import LogCorrupted, LogTruncated

_META = struct.Struct("<16x II 16x I 92x QQ")
_MAGIC = 0xBEEFC0DE
_VERSION = 1
_PAGE_BYTES_MIN = 4096

DATA_FILE = "data.mdb"


def check_size(environment: Path) -> None:
    """Check that an environment's data file holds every page of its last commit.

    A file that does not exist yet passes. Raises LogTruncated if it is too short, LogCorrupted if it is no
    file: a pipe there would hold up its reader for ever. Only for environments that this process has not
    opened.
    """
    path = environment / DATA_FILE
    if not path.exists():
        return
    if not path.is_file():
        raise LogCorrupted(str(environment), DATA_FILE, "it is no regular file")
    needed = _bytes_needed(path)
    # Measured after the meta pages were read: a live writer may have made the file longer in between.
    found = path.stat().st_size
    if found < needed:
        raise LogTruncated(str(path), found, needed)


def _bytes_needed(path: Path) -> int:
    """Give the bytes that the newest readable meta page claims; two pages if there is none to read."""
    with path.open("rb") as file:
        first = _read_meta(file.read(_META.size))
        page_bytes = first[1] if first else _PAGE_BYTES_MIN
        file.seek(page_bytes)
        second = _read_meta(file.read(_META.size))
    _, page_bytes, last_page = max(first or (0, page_bytes, 1), second or (0, page_bytes, 1))
    return (last_page + 1) * page_bytes


def _read_meta(head: bytes) -> tuple[int, int, int] | None:
    """Give txn id, page size and last page, or None if these bytes are no meta page."""
    if len(head) < _META.size:
        return None
    magic, version, page_bytes, last_page, txn_id = _META.unpack(head)
    # The upper half of the version is LMDB's own; the lower is the format.
    if magic != _MAGIC or version & 0xFFFF != _VERSION or page_bytes < 512:
        return None
    return txn_id, page_bytes, last_page
