"""What storage can refuse or fail to do, one class for each thing a caller would do differently.

    StorageError
      + Fenced               a newer owner has claimed this log: stop, it is no longer yours
      + PositionConflict     the block does not continue the log: seal it again on the log's tip
      + LogPoisoned          a commit failed, its outcome is unknown: close, reopen, read the tail
      |   + DiskFull         the same, because there was no space: free some before reopening
      + AlreadyOpen          this process has it open already: use that object
      + LogNotFound          there is no log here: create it, or correct the path
      + NoAccess             this user may not open these files: run as the user who runs the engine
      + VerifyFailed         a log could not be verified: nothing is known of it, correct the cause and repeat
      + CopyFailed           a log could not be copied: correct the cause and repeat
      + OffsetNotFound       the log holds no event with this offset
      + DeadLetterLost       a dead letter could not be kept: count it and go on
      + ClosedOrdersLost     what left memory can't be kept or found: delete it, the next fold makes it anew
      + UnsafeFileSystem     this file system keeps no promise after a power cut: choose another
      + IntegrityFault       what is stored is not what was written: stop, keep the files, call for help
          + LogCorrupted     a block or a meta record is damaged; names the block and what is wrong
          + LogTruncated     a data file is shorter than what was committed to it
          + ForeignLog       a sound log, but of another engine, partition or row width
          + ManifestInvalid  the manifest of the directory is damaged or lost

Every class takes in `__init__` exactly what it passes to `super().__init__`, so it survives pickling.
"""


class StorageError(Exception):
    """Anything storage can't do; the subclass says what the caller should do about it."""


class Fenced(StorageError):
    """A newer owner has claimed the log: this one must stop; nothing was written."""

    def __init__(self, log: str, epoch: int, epoch_now: int) -> None:
        super().__init__(log, epoch, epoch_now)
        self.log, self.epoch, self.epoch_now = log, epoch, epoch_now

    def __str__(self) -> str:
        return f"log {self.log} is owned under epoch {self.epoch_now}, not {self.epoch}: this owner must stop"


class PositionConflict(StorageError):
    """The block does not continue the log as it is; nothing was written."""

    def __init__(self, log: str, detail: str) -> None:
        super().__init__(log, detail)
        self.log, self.detail = log, detail

    def __str__(self) -> str:
        return f"the block does not continue log {self.log}: {self.detail}; seal it again on the log's tip"


class LogPoisoned(StorageError):
    """A write failed with an unknown outcome: no further append is taken by this object."""

    def __init__(self, log: str, reason: str) -> None:
        super().__init__(log, reason)
        self.log, self.reason = log, reason

    def __str__(self) -> str:
        return f"log {self.log} takes no more appends: {self.reason}; close it, reopen it and read its tip"


class DiskFull(LogPoisoned):
    """A write failed for lack of space; the log takes no more appends until it is reopened."""

    def __str__(self) -> str:
        return f"no space left for log {self.log}: {self.reason}; free some space, then reopen the log"


class AlreadyOpen(StorageError):
    """This process has the environment open already; LMDB forbids opening it twice."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path} is already open in this process: use or close that object first"


class LogNotFound(StorageError):
    """There is no log at this path."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"there is no log at {self.path}: create it, or correct the path"


class NoAccess(StorageError):
    """The system does not let this user open a log's files; that says nothing about what is in them."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return (
            f"{self.path}: {self.reason}: run this as the user who runs the engine, or on a copy of your own"
        )


class VerifyFailed(StorageError):
    """A log could not be verified, for a reason that lies outside the log."""

    def __init__(self, log: str, reason: str) -> None:
        super().__init__(log, reason)
        self.log, self.reason = log, reason

    def __str__(self) -> str:
        return f"log {self.log} could not be verified, and may be sound: {self.reason}"


class CopyFailed(StorageError):
    """A segment could not be copied; nothing is left of the copy, and the log is as it was."""

    def __init__(self, segment: str, target: str, reason: str) -> None:
        super().__init__(segment, target, reason)
        self.segment, self.target, self.reason = segment, target, reason

    def __str__(self) -> str:
        return (
            f"{self.segment} could not be copied to {self.target}: {self.reason}; nothing is left of the copy"
        )


class OffsetNotFound(StorageError):
    """The log holds no event with this offset."""

    def __init__(self, log: str, offset: int) -> None:
        super().__init__(log, offset)
        self.log, self.offset = log, offset

    def __str__(self) -> str:
        return f"log {self.log} holds no event with offset {self.offset}: it was not committed, or is deleted"


class DeadLetterLost(StorageError):
    """A dead letter could not be kept or read; no log is harmed by it."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"dead letters at {self.path} can't be used: {self.reason}; count the letter and go on"


class ClosedOrdersLost(StorageError):
    """What has left memory can't be kept or found on disk; no log is harmed by it."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return (
            f"closed orders at {self.path} can't be used: {self.reason}; stop, delete this directory, start: "
            "it is made again from the log"
        )


class UnsafeFileSystem(StorageError):
    """The file system under a path can't keep what LMDB promises."""

    def __init__(self, path: str, file_system: str) -> None:
        super().__init__(path, file_system)
        self.path, self.file_system = path, file_system

    def __str__(self) -> str:
        return f"{self.path} is on {self.file_system}, which loses committed data: use a local disk"


class IntegrityFault(StorageError):
    """What is stored is not what was written: stop and keep the files as they are."""


class LogCorrupted(IntegrityFault):
    """A block or a meta record of a log is damaged."""

    def __init__(self, log: str, place: str, detail: str) -> None:
        super().__init__(log, place, detail)
        self.log, self.place, self.detail = log, place, detail

    def __str__(self) -> str:
        return f"log {self.log}, {self.place}: {self.detail}; keep the files and run `orderfold verify`"


class LogTruncated(IntegrityFault):
    """A data file is shorter than what was committed to it."""

    def __init__(self, path: str, bytes_found: int, bytes_needed: int) -> None:
        super().__init__(path, bytes_found, bytes_needed)
        self.path, self.bytes_found, self.bytes_needed = path, bytes_found, bytes_needed

    def __str__(self) -> str:
        return (
            f"{self.path} has {self.bytes_found} bytes, its last commit needs {self.bytes_needed}: it was cut"
        )


class ForeignLog(IntegrityFault):
    """A log of another engine, another partition or another row width."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(path, detail)
        self.path, self.detail = path, detail

    def __str__(self) -> str:
        return f"{self.path} is not the log that was asked for: {self.detail}"


class ManifestInvalid(IntegrityFault):
    """The manifest of an engine directory is damaged, lost, or of an unknown format."""

    def __init__(self, path: str, detail: str) -> None:
        super().__init__(path, detail)
        self.path, self.detail = path, detail

    def __str__(self) -> str:
        return f"{self.path} can't be used: {self.detail}; restore it from a copy"
