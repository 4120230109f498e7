"""The durable log of one partition: blocks appended by its owner, one synced commit each, and read back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lmdb
import numpy as np
from numpy.typing import ArrayLike, NDArray

from storage.block import Block
from storage.chain_check import advance
from storage.chain_tip import ChainTip
from storage.errors import Fenced, LogCorrupted, LogNotFound, LogPoisoned, PositionConflict
from storage.faults import BlockFault
from storage.file_system import free_bytes, make_directory
from storage.limits import MAP_BYTES_DEFAULT, SEGMENT_BYTES_MAX_DEFAULT
from storage.log_directory import FIRST_SEGMENT, segment_numbers
from storage.log_identity import LogIdentity
from storage.row_gather import gather_rows
from storage.seal import seal_rotation
from storage.segment import Segment
from storage.segment_set import SegmentSet
from storage.segment_writer import append_block, claim_segment, create_segment, explain_failure
from storage.tail_check import check_tail


class EventLog:
    """An append-only, hash-chained log with one owner; what `append` has returned for survives a power cut.

    Made by `EventLog.open`, before readers of the same process open it; then `claim` it once before the first
    append. One thread appends; any thread may read meanwhile. Appending:

        block, tip = seal(log.tip, rows, {}, identity=…, epoch=epoch, …)
        log.append(block)

    Attributes:
        tip: tip behind the last committed block.
        epoch: what `claim` gave, 0 before.
    """

    def __init__(
        self,
        path: Path,
        identity: LogIdentity,
        *,
        map_size_bytes: int,
        segment_bytes_max: int,
        allow_volatile: bool,
    ) -> None:
        self._path = path
        self._identity = identity
        self._map_size_bytes = map_size_bytes
        self._segment_bytes_max = segment_bytes_max
        self._allow_volatile = allow_volatile
        self._segments = SegmentSet(path, lambda number: Segment.open(path, number))
        self._poison: str | None = None
        self.epoch = 0
        self.tip = ChainTip()

    @classmethod
    def open(
        cls,
        path: Path,
        identity: LogIdentity,
        *,
        map_size_bytes: int = MAP_BYTES_DEFAULT,
        create: bool,
        segment_bytes_max: int = SEGMENT_BYTES_MAX_DEFAULT,
        allow_volatile: bool = False,
    ) -> "EventLog":
        """Open a log for appending and verify its last blocks: CRC, hashes, chain and frontier.

        Args:
            path: directory of the log, for example `DIR/p0000`.
            identity: which log this must be; new blocks are stamped with it.
            map_size_bytes: address space of one segment; above `segment_bytes_max` by a few blocks.
            create: whether to create the log if there is none.
            segment_bytes_max: size of a segment from which on `rotation_due` is true.
            allow_volatile: accept a memory file system; for unit tests only.

        Raises LogNotFound, AlreadyOpen, UnsafeFileSystem, LogTruncated, LogCorrupted or ForeignLog;
        LogPoisoned or DiskFull if a segment could not be created.
        """
        log = cls(
            Path(path),
            identity,
            map_size_bytes=map_size_bytes,
            segment_bytes_max=segment_bytes_max,
            allow_volatile=allow_volatile,
        )
        try:
            log._open_newest(create=create)
        except BaseException:
            log.close()
            raise
        return log

    def claim(self) -> int:
        """Become the owner: raise the log's epoch, durably, and give it; every older owner is fenced.

        Blocks that an older owner committed since `open` are verified, and `tip` is moved behind them.
        """
        self._assert_usable()
        epoch = None
        while epoch is None:
            with self._poisoned_by_failure(block_bytes=0):
                epoch = claim_segment(self._segment)
            self._follow_tail()
        self.epoch = epoch
        return epoch

    def append(self, block: Block) -> None:
        """Commit one block, synced: once this returns, it survives a power cut, and readers see it.

        A control block closes the segment and opens the next one.

        Raises Fenced if a newer owner has claimed the log, and PositionConflict if the block does not
        continue it; nothing was written. Raises LogPoisoned or DiskFull if the commit fails: the outcome is
        unknown, and this object takes no further append.
        """
        self._assert_usable()
        assert self.epoch > 0, "claim the log before appending to it"
        after = self._tip_after(block)
        with self._poisoned_by_failure(block_bytes=len(block.data)):
            append_block(self._segment, block, before=self.tip, after=after)
        self.tip = after
        if block.header.is_control:
            self._enter_next(block.next_segment)

    def rotate(self, append_ts_ns: int) -> ChainTip:
        """Close the segment and open the next one; give the tip that the next block must be sealed on.

        Only with no block sealed ahead. A pipeline seals the control block itself, with `seal_rotation`.
        """
        block, _ = seal_rotation(
            self.tip,
            identity=self._identity,
            epoch=self.epoch,
            append_ts_ns=append_ts_ns,
            next_segment=self.segment_number + 1,
        )
        self.append(block)
        return self.tip

    @property
    def segment_number(self) -> int:
        """Give the number of the segment that takes appends."""
        return self._segment.number

    @property
    def rotation_due(self) -> bool:
        """Say whether the segment has passed its size; the owner then appends a control block."""
        return self._segment.used_bytes >= self._segment_bytes_max

    def free_bytes(self) -> int:
        """Give the bytes left on the log's disk; the owner refuses new orders below its floor."""
        return free_bytes(self._path)

    @property
    def log_uuid(self) -> bytes:
        """Give the uuid of the log, 16 bytes."""
        return self._identity.log_uuid

    def read_block(self, offset: int) -> Block:
        """Give a copy of the block that holds `offset`; raises OffsetNotFound or LogCorrupted."""
        return self._segments.block(offset)

    def blocks(self, from_offset: int) -> Iterator[Block]:
        """Give copies of the committed blocks from the one that holds `from_offset`, over all segments."""
        return self._segments.blocks(from_offset)

    def rows_at(self, offsets: ArrayLike) -> NDArray[np.uint8]:
        """Give the rows with these offsets, in their order: uint8 of shape (n, row_bytes).

        Fast where offsets lie near each other; raises OffsetNotFound for one that is not committed.
        """
        return gather_rows(self._segments, offsets, self._identity.row_bytes)

    def close(self) -> None:
        """Close every segment this object has opened; appending and reading end here."""
        self._segments.close()

    def __enter__(self) -> "EventLog":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open_newest(self, *, create: bool) -> None:
        numbers = segment_numbers(self._path)
        if not numbers and not create:
            raise LogNotFound(str(self._path))
        self._enter(self._open(numbers[-1]) if numbers else self._create(FIRST_SEGMENT, epoch=0))

    def _open(self, number: int) -> Segment:
        return Segment.open(
            self._path,
            number,
            writer=True,
            map_size_bytes=self._map_size_bytes,
            allow_volatile=self._allow_volatile,
        )

    def _create(self, number: int, *, epoch: int) -> Segment:
        with self._poisoned_by_failure(block_bytes=0):
            make_directory(self._path)
            return create_segment(
                self._path,
                number,
                identity=self._identity,
                origin=self.tip,
                epoch=epoch,
                map_size_bytes=self._map_size_bytes,
                allow_volatile=self._allow_volatile,
            )

    def _enter_next(self, number: int) -> None:
        """Create the segment that follows a closed one; raises Fenced if a newer owner was there first."""
        with self._poisoned_by_failure(block_bytes=0):
            self._enter(self._create(number, epoch=self.epoch))
        epoch_now = self._segment.epoch()
        if epoch_now != self.epoch:
            raise Fenced(self._path.name, self.epoch, epoch_now)

    def _enter(self, segment: Segment) -> None:
        """Make `segment` the one that takes appends."""
        self._segments.add(segment)
        self._segment = segment
        segment.require_identity(self._identity)
        self._follow_tail()

    def _follow_tail(self) -> None:
        """Verify the end of the segment and move `tip` there, into the next segment if this one is closed."""
        self.tip, following = check_tail(self._segment, self._identity)
        if following is None:
            return
        exists = following in segment_numbers(self._path)
        epoch = self._segment.epoch()
        self._enter(self._open(following) if exists else self._create(following, epoch=epoch))

    def _tip_after(self, block: Block) -> ChainTip:
        """Give the tip behind `block`; raises PositionConflict if it does not continue this log."""
        try:
            if block.header.is_control and block.next_segment != self.segment_number + 1:
                raise PositionConflict(
                    self._path.name, f"the block names segment {block.next_segment} as next"
                )
            return advance(self.tip, block)
        except BlockFault as fault:
            raise PositionConflict(self._path.name, str(fault)) from fault

    def _assert_usable(self) -> None:
        if self._poison is not None:
            raise LogPoisoned(self._path.name, self._poison)

    @contextmanager
    def _poisoned_by_failure(self, *, block_bytes: int) -> Iterator[None]:
        """Turn an error of LMDB or the disk into the exception for it, and take no append from then on."""
        try:
            yield
        except (lmdb.Error, OSError) as error:
            self._poison = str(error)
            raise explain_failure(error, self._path, block_bytes) from error
        except BlockFault as fault:
            self._poison = str(fault)
            raise LogCorrupted(self._path.name, f"segment {self._segment.number}", str(fault)) from fault
