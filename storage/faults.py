"""What can be wrong with stored blocks: the words that `verify` prints."""

from enum import StrEnum


class FaultKind(StrEnum):
    """One kind of damage; the value is the word shown to operators and kept in reports."""

    MALFORMED = "malformed"
    CRC = "crc"
    BODY_HASH = "body hash"
    BLOCK_HASH = "block hash"
    TREE_ROOT = "tree root"
    CHAIN_LINK = "chain link"
    OFFSET_GAP = "gap in offsets"
    KEY = "key"
    INDEX = "index"
    FOREIGN_LOG = "foreign log uuid"
    WRONG_PARTITION = "wrong partition"
    ROW_WIDTH = "row width"
    TIME_GOES_BACK = "time goes back"
    EPOCH_GOES_BACK = "epoch goes back"
    AFTER_CONTROL = "block after a control block"
    FRONTIER = "frontier mismatch"
    META = "meta record"
    MISSING_SEGMENT = "missing segment"
    MISSING_LOG = "missing log"
    TRUNCATED = "truncated"
    UNREADABLE = "unreadable"
    MANIFEST = "manifest"
    ROLLED_BACK = "rolled back"
    CHECKPOINT = "checkpoint"


class BlockFault(Exception):
    """A block is not what was written; whoever knows the log turns this into a report or an error."""

    def __init__(self, kind: FaultKind, detail: str) -> None:
        super().__init__(kind, detail)
        self.kind, self.detail = kind, detail

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"
