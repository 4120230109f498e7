"""The segments of one log, each opened when it is first needed, and reading across them."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path

from storage.block import Block
from storage.errors import LogNotFound, OffsetNotFound
from storage.log_directory import segment_numbers
from storage.segment import Segment


class SegmentSet:
    """Reads blocks of a log wherever they lie; shared by the owner of a log and its readers.

    Segments stay open until `close`, because another thread may still be reading any of them.
    """

    def __init__(self, log: Path, open_segment: Callable[[int], Segment]) -> None:
        self.log = log
        self._open_segment = open_segment
        self._segments: dict[int, Segment] = {}

    def add(self, segment: Segment) -> None:
        """Take over a segment that the caller has opened."""
        self._segments[segment.number] = segment

    def get(self, number: int) -> Segment | None:
        """Give a segment by number, or None if there is none (yet)."""
        if number not in self._segments:
            try:
                self._segments[number] = self._open_segment(number)
            except LogNotFound:
                return None
        return self._segments[number]

    def newest(self) -> Segment:
        """Give the segment with the highest number; raises LogNotFound if there is none."""
        number = max(self._segments, default=None) or max(segment_numbers(self.log), default=0)
        segment = self.get(number)
        if segment is None:
            raise LogNotFound(str(self.log))
        while (following := self.get(segment.number + 1)) is not None:
            segment = following
        return segment

    def holding(self, offset: int) -> Segment:
        """Give the segment that holds `offset`, or will hold it once it is committed.

        Raises OffsetNotFound if that segment has been deleted.
        """
        segment: Segment | None = self.newest()
        while segment is not None and segment.origin.next_offset > offset:
            segment = self.get(segment.number - 1)
        if segment is None:
            raise OffsetNotFound(self.log.name, offset)
        return segment

    def block(self, offset: int) -> Block:
        """Give a copy of the block that holds `offset`; raises OffsetNotFound if there is none."""
        block = next(self.blocks(offset), None)
        if block is None:
            raise OffsetNotFound(self.log.name, offset)
        return block

    def blocks(self, from_offset: int, until: int | None = None) -> Iterator[Block]:
        """Give copies of the committed blocks that hold offsets from `from_offset` up to before `until`.

        The first block may begin before `from_offset`. Control blocks are followed, not given.
        """
        segment: Segment | None = self.holding(from_offset)
        while segment is not None and (until is None or from_offset < until):
            block = segment.block_at(from_offset)
            if block is None:
                return
            if block.header.is_control:
                segment = self.get(block.next_segment)
                continue
            yield block
            from_offset = block.header.next_offset

    def borrow(self, from_offset: int, until: int | None = None) -> Generator[Block]:
        """Give the same blocks as `blocks` without copying; each is valid until the next is asked for."""
        segment: Segment | None = self.holding(from_offset)
        while segment is not None:
            following = None
            with closing(segment.borrow(from_offset)) as blocks:
                for block in blocks:
                    if block.header.is_control:
                        following = block.next_segment
                        break
                    if until is not None and block.header.base_offset >= until:
                        return
                    yield block
                    from_offset = block.header.next_offset
            segment = None if following is None else self.get(following)

    def close(self) -> None:
        """Close all segments that were opened."""
        while self._segments:
            self._segments.popitem()[1].close()
