"""What a verification found: frozen, printable, and convertible to JSON by msgspec."""

import msgspec

EXIT_FINE = 0
EXIT_INTEGRITY = 3


class Fault(msgspec.Struct, frozen=True):
    """The first thing that is wrong in a log.

    Attributes:
        kind: one of the words of `storage.faults.FaultKind`.
        segment: number of the segment, 0 if the fault is not in one.
        block: number of the block within the log, counted from 0.
        base_offset: offset at which that block begins, or should begin.
        detail: what was found, and what was expected.
    """

    kind: str
    segment: int
    block: int
    base_offset: int
    detail: str

    def __str__(self) -> str:
        place = f"segment {self.segment}, block {self.block} at offset {self.base_offset}"
        return f"{place}: {self.kind}: {self.detail}"


class LogReport(msgspec.Struct, frozen=True, tag="report"):
    """What one log holds, as far as it is sound.

    Attributes:
        log: name of the log.
        segments: segments walked.
        blocks: sound blocks, control blocks included.
        events: events in them.
        data_bytes: stored bytes of them.
        tip_hash: hash of the last sound block, 64 hex digits.
        tree_root: root of the tree over all sound blocks, 64 hex digits.
        fault: the first bad block and what is wrong with it, or None.
    """

    log: str
    segments: int
    blocks: int
    events: int
    data_bytes: int
    tip_hash: str
    tree_root: str
    fault: Fault | None = None


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """How far a verification has come in one log; `data_bytes` of about `data_bytes_total` are walked."""

    log: str
    segment: int
    blocks: int
    events: int
    data_bytes: int
    data_bytes_total: int


class WalkFailed(msgspec.Struct, frozen=True, tag="failed"):
    """Why a walk could not be made, which says nothing about the log."""

    reason: str


class VerifyReport(msgspec.Struct, frozen=True):
    """What is in an engine directory and whether it is what was written.

    Attributes:
        path: the directory.
        logs: one report a log, in the order of the manifest.
        fault: what is wrong with the directory itself, its manifest or a checkpoint, or None.
    """

    path: str
    logs: tuple[LogReport, ...]
    fault: Fault | None = None

    @property
    def blocks(self) -> int:
        """Give the number of sound blocks in all logs."""
        return sum(log.blocks for log in self.logs)

    @property
    def events(self) -> int:
        """Give the number of events in sound blocks of all logs."""
        return sum(log.events for log in self.logs)

    @property
    def first_fault(self) -> tuple[str, Fault] | None:
        """Give the name of the first damaged log and its first fault, or None if everything is sound.

        A fault of the directory itself comes last: beside damaged logs it is one of a checkpoint.
        """
        for log in self.logs:
            if log.fault is not None:
                return log.log, log.fault
        return None if self.fault is None else (self.path, self.fault)

    @property
    def ok(self) -> bool:
        """Say whether everything is what was written."""
        return self.first_fault is None

    @property
    def exit_code(self) -> int:
        """Give what a process that reports this should exit with: 0, or 3 for lost integrity."""
        return EXIT_FINE if self.ok else EXIT_INTEGRITY
