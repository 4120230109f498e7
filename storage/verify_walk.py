"""Walks one log from its first block to its last and stops at the first fault; run as a child process.

A data file that was cut kills whoever touches the missing part, and damaged tree pages may crash LMDB itself.
So the walk has a process of its own, which tells its parent on standard output how far it has come: one JSON
object a line, `Progress` again and again, then one `LogReport`, or `WalkFailed` if it can't say.

    python -m storage.verify_walk LOG_DIRECTORY LOG_UUID_HEX PARTITION ROW_BYTES [OFFSET:BLOCK_HASH:FILE …]

The last name what checkpoints have seen of the log (see `sightings`).
"""

import errno
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from storage.block_header import BlockHeader, offset_key
from storage.chain_check import advance, read_block
from storage.chain_tip import ChainTip
from storage.errors import LogCorrupted, LogNotFound, LogTruncated, NoAccess
from storage.faults import BlockFault, FaultKind
from storage.limits import VERIFY_STEP_BYTES
from storage.log_directory import FIRST_SEGMENT, segment_numbers
from storage.log_identity import DIGEST_BYTES, LogIdentity
from storage.merkle import frontier_root
from storage.segment import Segment, StoredBlock
from storage.sightings import Sighting, Witnesses
from storage.verify_report import Fault, LogReport, Progress, WalkFailed


class LogWalk:
    """One walk over one log: where it is, what it has counted, and the checks on the way."""

    def __init__(
        self,
        log: Path,
        identity: LogIdentity,
        tell: Callable[[Progress], None],
        seen: Iterable[Sighting] = (),
    ) -> None:
        self._log = log
        self._identity = identity
        self._tell = tell
        self._witnesses = Witnesses(seen)
        self._tip = ChainTip()
        self._closed = True
        self._segment = 0
        self._segments = 0
        self._data_bytes = 0

    def run(self) -> LogReport:
        """Walk to the end or to the first fault, and report.

        Raises NoAccess, or OSError for what the system refuses; a medium that can't be read is a fault.
        """
        self._tell(self._progress())
        try:
            self._walk()
        except BlockFault as fault:
            return self._report(fault)
        except LogTruncated as error:
            return self._report(BlockFault(FaultKind.TRUNCATED, str(error)))
        except LogNotFound as error:
            return self._report(BlockFault(FaultKind.MISSING_SEGMENT, str(error)))
        except LogCorrupted as error:
            return self._report(_fault_of(error))
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return self._report(BlockFault(FaultKind.UNREADABLE, str(error)))
        return self._report(None)

    def _walk(self) -> None:
        numbers = segment_numbers(self._log)
        if not numbers:
            raise BlockFault(FaultKind.MISSING_LOG, f"{self._log} holds no segment")
        if FIRST_SEGMENT not in numbers:
            self._segment = FIRST_SEGMENT
            raise BlockFault(FaultKind.MISSING_SEGMENT, f"{self._log} has lost its beginning")
        for number in range(FIRST_SEGMENT, numbers[-1] + 1):
            self._segment = number
            # Told before the segment is opened: that alone may kill this process if its pages are damaged.
            self._tell(self._progress())
            segment = Segment.open(self._log, number)
            try:
                self._enter(segment)
                self._walk_segment(segment)
            finally:
                segment.close()
            if not self._closed and number < numbers[-1]:
                raise BlockFault(FaultKind.META, "the segment has a successor but is not closed")
            self._segments += 1
        self._witnesses.require_all_met(self._tip.next_offset)

    def _enter(self, segment: Segment) -> None:
        """Check that a segment is this log's and begins where the one before ended."""
        segment.check_identity(self._identity)
        if segment.origin != self._tip:
            raise BlockFault(FaultKind.META, "the segment does not begin where the one before ended")
        self._closed = False

    def _walk_segment(self, segment: Segment) -> None:
        key = offset_key(self._tip.next_offset)
        while True:
            run, tip = segment.stored_from(key, bytes_max=VERIFY_STEP_BYTES)
            segment.check_found([self._check(stored) for stored in run])
            self._tell(self._progress())
            if not run:
                break
            key = (int.from_bytes(run[-1].key, "big") + 1).to_bytes(8, "big")
        self._check_end(tip, segment.epoch())

    def _check(self, stored: StoredBlock) -> BlockHeader:
        if self._closed:
            raise BlockFault(FaultKind.AFTER_CONTROL, "the segment was closed by the block before")
        block = read_block(stored.data, key=stored.key, identity=self._identity)
        self._tip = advance(self._tip, block)
        self._data_bytes += len(stored.data)
        self._closed = block.header.is_control
        if not self._closed:
            self._witnesses.meet(self._tip.next_offset, self._tip.block_hash)
        if self._closed and block.next_segment != self._segment + 1:
            raise BlockFault(FaultKind.MALFORMED, f"the control block names segment {block.next_segment}")
        return block.header

    def _check_end(self, tip: ChainTip, epoch: int) -> None:
        """Check that the records of the segment agree with its blocks."""
        if (tip.next_offset, tip.blocks, tip.block_hash) != (
            self._tip.next_offset,
            self._tip.blocks,
            self._tip.block_hash,
        ):
            detail = (
                f"the tip record names offset {tip.next_offset}, the blocks end at {self._tip.next_offset}"
            )
            raise BlockFault(FaultKind.META, detail)
        if tip.frontier != self._tip.frontier:
            raise BlockFault(FaultKind.FRONTIER, "the frontier in the tip record is not that of the blocks")
        if tip != self._tip:
            raise BlockFault(FaultKind.META, "the tip record has another time or epoch than the last block")
        if epoch < self._tip.epoch:
            detail = f"the log's epoch is {epoch}, its last block was written under {self._tip.epoch}"
            raise BlockFault(FaultKind.EPOCH_GOES_BACK, detail)

    def _progress(self) -> Progress:
        return Progress(
            log=self._log.name,
            segment=self._segment,
            blocks=self._tip.blocks,
            events=self._tip.next_offset,
            data_bytes=self._data_bytes,
            data_bytes_total=0,
        )

    def _report(self, fault: BlockFault | None) -> LogReport:
        tip = self._tip
        found = None
        if fault is not None:
            found = Fault(fault.kind, self._segment, tip.blocks, tip.next_offset, fault.detail)
        return LogReport(
            log=self._log.name,
            segments=self._segments,
            blocks=tip.blocks,
            events=tip.next_offset,
            data_bytes=self._data_bytes,
            tip_hash=tip.block_hash.hex(),
            tree_root=frontier_root(tip.frontier).hex(),
            fault=found,
        )


def _fault_of(error: LogCorrupted) -> BlockFault:
    """Give the fault behind an error: the block's own, or that LMDB could not read its pages."""
    cause = error.__cause__
    return cause if isinstance(cause, BlockFault) else BlockFault(FaultKind.UNREADABLE, error.detail)


def main(arguments: list[str]) -> None:
    """Walk the log that the arguments name and write what is found to standard output."""
    # Whoever listens may go away: then there is nothing left to do, and nobody to complain to.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    log, log_uuid, partition, row_bytes, *words = arguments
    identity = LogIdentity(
        log_uuid=bytes.fromhex(log_uuid),
        partition=int(partition),
        row_bytes=int(row_bytes),
        schema_digest=bytes(DIGEST_BYTES),
        code_version=bytes(DIGEST_BYTES),
    )
    seen = [Sighting.of_argument(Path(log).name, word) for word in words]
    walk = LogWalk(Path(log), identity, _tell, seen)
    try:
        _tell(walk.run())
    except (NoAccess, OSError) as error:
        _tell(WalkFailed(str(error)))


def _tell(message: Progress | LogReport | WalkFailed) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(message) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
