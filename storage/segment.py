"""One segment of a log: one LMDB environment with the sub-databases `blocks` and `meta`, read side."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import lmdb

from storage.block import Block
from storage.block_header import BlockHeader, offset_key, unpack_header
from storage.chain_check import check_holds, check_name_tag
from storage.chain_tip import ChainTip
from storage.data_file import DATA_FILE
from storage.errors import ForeignLog, LogCorrupted
from storage.faults import BlockFault, FaultKind
from storage.limits import CHECKED_BLOCKS_MAX, MAP_BYTES_DEFAULT
from storage.lmdb_environment import Environment, open_environment
from storage.log_directory import segment_path
from storage.log_identity import LogIdentity
from storage.segment_meta import SegmentMeta

BLOCKS = b"blocks"
META = b"meta"


class StoredBlock(NamedTuple):
    """A key and its value as they lie in a segment, not yet checked."""

    key: bytes
    data: bytes


class Segment:
    """The blocks of one environment, found by offset, and the tips at which their chain begins and ends.

    A block's key is its last offset, so the first key not below an offset is the block that holds it. Every
    read takes a short transaction of its own. LMDB's troubles and damaged blocks come out as LogCorrupted.

    Attributes:
        number: 1, 2, 3, … within the log.
        origin: tip before the segment's first block.
        log_uuid: 16 bytes, as the segment itself has it.
        row_bytes: bytes of one row, as the segment itself has it.
        log: name of the log, for messages.
    """

    def __init__(self, environment: Environment, number: int) -> None:
        self.number = number
        self.environment = environment
        self._begin = environment.handle.begin
        self._checked: set[bytes] = set()
        self.log = environment.path.parent.name
        with self.reading("its records"):
            self.blocks = environment.database(BLOCKS)
            self.meta = SegmentMeta(environment.database(META))
            with self._begin() as txn:
                tag = self.meta.identity(txn)
                self.origin = self.meta.origin(txn)
        self.log_uuid, self._partition, self.row_bytes, self._own_number = tag

    @classmethod
    def open(
        cls,
        log: Path,
        number: int,
        *,
        writer: bool = False,
        map_size_bytes: int = MAP_BYTES_DEFAULT,
        allow_volatile: bool = False,
    ) -> "Segment":
        """Open an existing segment; raises what `open_environment` raises, or LogCorrupted."""
        environment = open_environment(
            segment_path(log, number),
            writer=writer,
            map_size_bytes=map_size_bytes,
            allow_volatile=allow_volatile,
        )
        try:
            return cls(environment, number)
        except BaseException:
            environment.close()
            raise

    def close(self) -> None:
        """Give the environment back; no block borrowed from it may be used afterwards."""
        self.environment.close()

    def check_identity(self, identity: LogIdentity) -> None:
        """Check that this is the segment of the named log which its directory says it is.

        Raises BlockFault with what differs.
        """
        check_name_tag(self.log_uuid, self._partition, self.row_bytes, identity)
        if self._own_number != self.number:
            detail = f"the segment in directory {self.number} is segment {self._own_number}"
            raise BlockFault(FaultKind.META, detail)

    def require_identity(self, identity: LogIdentity) -> None:
        """Check the same; raises ForeignLog."""
        try:
            self.check_identity(identity)
        except BlockFault as fault:
            raise ForeignLog(str(self.environment.path), fault.detail) from fault

    def tip(self) -> ChainTip:
        """Give the tip behind the last committed block."""
        with self.reading("the tip record"), self._begin() as txn:
            return self.meta.tip(txn)

    def epoch(self) -> int:
        """Give the epoch of the log's owner as this segment knows it."""
        with self.reading("the epoch record"), self._begin() as txn:
            return self.meta.epoch(txn)

    def block_at(self, offset: int) -> Block | None:
        """Give a copy of the block that holds `offset`, or of the control block before it, or None."""
        with self.reading(f"block with offset {offset}"), self._begin() as txn:
            cursor = txn.cursor(self.blocks)
            if not cursor.set_range(offset_key(offset)):
                self._require_end(txn, offset)
                return None
            block = Block.parse(cursor.value())
            check_holds(block.header, offset)
            return block

    def borrow(self, offset: int) -> Generator[Block]:
        """Give the blocks from `offset` on without copying them, inside one transaction.

        A block may be used until the next one is asked for or the iterator is closed.
        """
        with self.reading(f"blocks from offset {offset}"), self._begin(buffers=True) as txn:
            cursor = txn.cursor(self.blocks)
            found = cursor.set_range(offset_key(offset))
            while found:
                block = Block.parse(cursor.value())
                check_holds(block.header, offset)
                yield block
                offset = block.header.next_offset
                found = cursor.next()
            self._require_end(txn, offset)

    def _require_end(self, txn: Any, offset: int) -> None:
        """Check that no block with `offset` was committed; raises BlockFault (INDEX)."""
        tip = self.meta.tip(txn)
        if offset < tip.next_offset:
            detail = f"looking for offset {offset} finds nothing, and the log ends at {tip.next_offset}"
            raise BlockFault(FaultKind.INDEX, detail)

    def check_found(self, blocks: list[BlockHeader]) -> None:
        """Check that these blocks are found by their first and their last offset.

        Raises LogCorrupted from a BlockFault (INDEX).
        """
        with self.reading("its index"), self._begin() as txn:
            for header in blocks:
                for offset in (header.base_offset, max(header.base_offset, header.next_offset - 1)):
                    # A new cursor starts from the root, as a reader does; a used one may not.
                    cursor = txn.cursor(self.blocks)
                    if not cursor.set_range(offset_key(offset)) or cursor.key() != header.key:
                        detail = f"looking for offset {offset} does not find the block with key"
                        raise BlockFault(FaultKind.INDEX, f"{detail} {header.key.hex()}")

    def checked_once(self, key: bytes, data: memoryview) -> Block:
        """Give the block stored under `key`, its CRC checked unless this object has checked it before."""
        if key in self._checked:
            header, _ = unpack_header(data)
            return Block(header, data)
        if len(self._checked) >= CHECKED_BLOCKS_MAX:
            self._checked.clear()
        block = Block.parse(data)
        self._checked.add(key)
        return block

    def stored_from(self, key: bytes, *, bytes_max: int) -> tuple[list[StoredBlock], ChainTip]:
        """Give stored blocks from `key` on, about `bytes_max` of them, and the tip at the same instant."""
        taken: list[StoredBlock] = []
        with self.reading("a run of blocks"), self._begin() as txn, txn.cursor(self.blocks) as cursor:
            found = cursor.set_range(key)
            while found and bytes_max > 0:
                taken.append(StoredBlock(*cursor.item()))
                bytes_max -= len(taken[-1].data)
                found = cursor.next()
            return taken, self.meta.tip(txn)

    def stored_last(self, count: int) -> tuple[list[StoredBlock], ChainTip]:
        """Give the last `count` stored blocks, oldest first, and the tip at the same instant."""
        taken: list[StoredBlock] = []
        with self.reading("its last blocks"), self._begin() as txn, txn.cursor(self.blocks) as cursor:
            found = cursor.last()
            while found and len(taken) < count:
                taken.append(StoredBlock(*cursor.item()))
                found = cursor.prev()
            return taken[::-1], self.meta.tip(txn)

    @property
    def used_bytes(self) -> int:
        """Give the size of the data file."""
        return (self.environment.path / DATA_FILE).stat().st_size

    @contextmanager
    def cursor_on_map(self) -> Iterator[Any]:
        """Give a cursor over the blocks whose values are views of the map, gone when the context ends."""
        with self._begin(buffers=True) as txn, txn.cursor(self.blocks) as cursor:
            yield cursor

    @contextmanager
    def reading(self, place: str) -> Iterator[None]:
        """Turn whatever is wrong with stored bytes into LogCorrupted that names the log and the place."""
        try:
            yield
        except (BlockFault, lmdb.Error) as error:
            raise LogCorrupted(self.log, f"segment {self.number}, {place}", str(error)) from error
