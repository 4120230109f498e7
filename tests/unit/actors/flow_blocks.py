"""A made flow as sealed blocks, and a log in memory that gives them to a projector."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np

from actors.roles.projector import Projector
from engine.rows.events import EVENT_BYTES, HEAD
from storage.block import Block
from storage.chain_tip import ChainTip
from storage.log_identity import LogIdentity
from storage.seal import seal
from tests.unit.engine.projections.made_flow import SMALL, MadeBlock, MadeFlow

IDENTITY = LogIdentity(
    log_uuid=b"f" * 16, partition=0, row_bytes=EVENT_BYTES, schema_digest=b"s" * 32, code_version=b"c" * 32
)


def sealed(
    blocks: Iterable[MadeBlock], tip: ChainTip | None = None, identity: LogIdentity = IDENTITY
) -> list[Block]:
    """The made blocks, sealed one on the other."""
    tip = tip or ChainTip()
    chain = []
    for made in blocks:
        block, tip = seal(
            tip,
            made.rows,
            {},
            identity=identity,
            epoch=1,
            append_ts_first_ns=made.now_ns,
            append_ts_last_ns=made.now_ns,
        )
        chain.append(block)
    return chain


class MemoryLog:
    """Sealed blocks in a list; `visible` of them are committed."""

    log_uuid = IDENTITY.log_uuid

    def __init__(self, blocks: list[Block], visible: int | None = None) -> None:
        self.chain = blocks
        self.visible = len(blocks) if visible is None else visible

    def tip_offset(self) -> int:
        committed = self.chain[: self.visible]
        return committed[-1].header.next_offset if committed else 0

    @contextmanager
    def borrow(self, from_offset: int, until: int | None = None) -> Iterator[Iterator[Block]]:
        yield (
            block
            for block in self.chain[: self.visible]
            if block.header.next_offset > from_offset and (until is None or block.header.base_offset < until)
        )

    def rows_at(self, offsets: np.ndarray) -> np.ndarray:
        rows = np.concatenate([block.rows() for block in self.chain[: self.visible]])
        picked: np.ndarray = rows[offsets]
        return picked

    def events(self) -> np.ndarray:
        return np.concatenate([block.rows(HEAD) for block in self.chain])


def flow_log(seed: int, frames: int) -> tuple[MadeFlow, MemoryLog]:
    """A made flow, and the log that holds it."""
    flow = MadeFlow(seed).run(frames)
    return flow, MemoryLog(sealed(flow.blocks))


def state_of(projector: Projector) -> tuple[str, str, int]:
    """All that a projector has folded, as digests, and how far."""
    return projector.digest(), projector.books_digest(), projector.applied_offset


def small_projector(log: MemoryLog, **settings: object) -> Projector:
    """A projector with small tables."""
    return Projector(log, SMALL, **settings)  # type: ignore[arg-type]
