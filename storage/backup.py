"""Copies an engine's logs, running or not, into a directory of their own: backup, and the way back from one.

A copy is what the log was at one instant of each of its segments, so it is a beginning of the log, whole and
chained. Partitions come first and the reference log last: a partition never has more of that than its copy.
Snapshots, checkpoints and closed orders are caches of the log and stay behind: a start makes them anew.
"""

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import lmdb

from storage.data_file import DATA_FILE
from storage.errors import CopyFailed
from storage.file_system import make_directory, sync_directory
from storage.lmdb_environment import open_environment
from storage.log_directory import FIRST_SEGMENT, REFERENCE_LOG, segment_numbers, segment_path
from storage.manifest import Manifest, read_manifest, write_manifest
from storage.verifier import verify_directory
from storage.verify_report import VerifyReport

_DRAFT = ".new"

Told = Callable[[int], None]
"""Is told the bytes of each segment that was copied."""


def copy_engine(source: Path, target: Path, told: Told = lambda _: None) -> VerifyReport:
    """Copy every log of the engine in `source` to `target`, verify the copy, and give its report.

    `target` appears whole or not at all, and only if the copy is sound: else nothing is left of it, and the
    report says what is wrong. It must not exist, or be an empty directory.

    Raises LogNotFound or ManifestInvalid if `source` holds no engine, CopyFailed if a log can't be copied,
    OSError if `target` is taken.
    """
    manifest = read_manifest(source)
    draft = target.with_name(f"{target.name}{_DRAFT}{os.getpid()}")
    try:
        _copy(source, draft, manifest, told)
        report = verify_directory(draft)
        if report.ok:
            draft.rename(target)
            sync_directory(target.parent)
        return report
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _copy(source: Path, draft: Path, manifest: Manifest, told: Told) -> None:
    for name in sorted(manifest.logs, key=lambda name: name == REFERENCE_LOG):
        _copy_log(source / name, draft / name, told)
    # Last, as an engine's directory gets it first: what has no manifest is nobody's engine.
    write_manifest(draft, manifest)


def _copy_log(log: Path, target: Path, told: Told) -> None:
    """Copy the segments that there are, and those that are begun meanwhile."""
    number = FIRST_SEGMENT
    while number in segment_numbers(log):
        told(_copy_segment(segment_path(log, number), segment_path(target, number)))
        number += 1
    sync_directory(target)


def _copy_segment(segment: Path, target: Path) -> int:
    """Copy one segment as of now, under a transaction of its own; gives its bytes."""
    make_directory(target)
    try:
        with closing(open_environment(segment, writer=False)) as environment:
            environment.handle.copy(str(target))
    except (lmdb.Error, OSError) as error:
        raise CopyFailed(str(segment), str(target), str(error)) from error
    file = target / DATA_FILE
    file.chmod(0o600)
    with file.open("rb") as copied:
        os.fsync(copied.fileno())
    sync_directory(target)
    return file.stat().st_size
