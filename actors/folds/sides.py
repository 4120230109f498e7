"""What may be compared: an engine's directory or a copy of it, the newest snapshots in one, or a document."""

from pathlib import Path
from typing import NamedTuple

from actors.folds.findings import NotComparable
from actors.folds.replay_document import ReplayDocument, Window, read_document
from storage.log_directory import log_name
from storage.log_identity import REFERENCE_PARTITION
from storage.manifest import Manifest, holds_engine, read_manifest

AT_SNAPSHOT = "@snapshot"
"""What follows a directory whose newest snapshots are meant, and not its logs."""


class Directory(NamedTuple):
    """An engine's directory, its logs or its newest snapshots."""

    path: Path
    manifest: Manifest
    is_snapshot: bool

    def partitions(self) -> dict[str, int]:
        """The number of every log by its name, the reference log first."""
        numbers = (REFERENCE_PARTITION, *range(self.manifest.partitions))
        return {log_name(number): number for number in numbers}


class Document(NamedTuple):
    """What `orderfold replay log --json` has printed."""

    path: Path
    content: ReplayDocument

    def windows(self) -> dict[str, Window]:
        """What it says of each log, by the log's name."""
        return {window.log: window for window in self.content.logs}


Side = Directory | Document


def side_of(text: str) -> Side:
    """The side that a text names; NotComparable, or BadRequest, if it names none."""
    path = Path(text)
    if path.is_file():
        return Document(path, read_document(path))
    is_snapshot = text.endswith(AT_SNAPSHOT) and not path.exists()
    directory = Path(text.removesuffix(AT_SNAPSHOT)) if is_snapshot else path
    if not holds_engine(directory):
        raise NotComparable(
            f"{directory} holds no engine and is no document: name an engine's directory, DIR{AT_SNAPSHOT},"
            " or a file that orderfold replay log --json has printed"
        )
    return Directory(directory, read_manifest(directory), is_snapshot)
