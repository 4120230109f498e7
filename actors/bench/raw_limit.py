"""The raw limit: how many rows a second this disk and this processor could take with nothing else to do.

One process hashes blocks of rows with SHA-256 and appends each in a synced LMDB commit: no rules, no tree, no
client. What the engine reaches is compared with it.
"""

import os
import time
from hashlib import sha256
from pathlib import Path

from storage.limits import MAP_BYTES_DEFAULT
from storage.lmdb_environment import open_environment


def raw_limit_rows_per_second(path: Path, *, rows_per_block: int, row_bytes: int, seconds: float) -> float:
    """Rows hashed and committed per second, in a fresh environment at `path`, over about `seconds`."""
    block = os.urandom(rows_per_block * row_bytes)
    environment = open_environment(
        path, writer=True, create=True, map_size_bytes=MAP_BYTES_DEFAULT, allow_volatile=False
    )
    database = environment.database(b"raw", create=True)
    begun = time.perf_counter()
    blocks = 0
    while time.perf_counter() - begun < seconds:
        value = sha256(block).digest() + block
        with environment.handle.begin(write=True) as txn:
            txn.put(blocks.to_bytes(8, "big"), value, db=database, append=True)
        blocks += 1
    elapsed = time.perf_counter() - begun
    environment.close()
    return blocks * rows_per_block / elapsed


def flush_latency_ms(path: Path, *, times: int) -> float:
    """Median milliseconds of one 4 KiB overwrite and `fdatasync` in a file below `path`."""
    file = path / "flush-probe"
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    taken: list[float] = []
    try:
        os.pwrite(descriptor, bytes(4096), 0)
        os.fsync(descriptor)
        for number in range(times):
            begun = time.perf_counter()
            os.pwrite(descriptor, number.to_bytes(4096, "little"), 0)
            os.fdatasync(descriptor)
            taken.append(time.perf_counter() - begun)
    finally:
        os.close(descriptor)
        file.unlink()
    return sorted(taken)[times // 2] * 1000
