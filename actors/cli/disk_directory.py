"""Directories of verbs: one with an engine, one without, and one that goes when the verb is done."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from actors.cli.failure import Failure
from engine.errors import BadRequest, Unavailable
from storage.file_system import VOLATILE, file_system_type, make_directory
from storage.manifest import Manifest, holds_engine, read_manifest


@contextmanager
def working_directory(given: Path | None, prefix: str) -> Iterator[Path]:
    """The directory that was given, made if it is new and kept; else a temporary one, which is removed."""
    if given is not None:
        make_directory(given)
        yield given
        return
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=_disk()))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def require_engine(directory: Path) -> None:
    """Raise Failure if no engine has ever run in a directory."""
    if not holds_engine(directory):
        raise Failure(
            f"{directory} holds no engine: correct the path, or make one with orderfold start {directory}"
        )


def engine_manifest(directory: Path) -> Manifest:
    """The manifest of an engine's directory; Failure if it is none."""
    require_engine(directory)
    return read_manifest(directory)


def require_no_engine(given: Path | None, what_for: str) -> None:
    """Raise BadRequest if an engine lies there already: its orders are not to be mixed with made ones."""
    if given is not None and holds_engine(given):
        raise BadRequest(f"{given} holds an engine already: name a new directory for {what_for}")


def _disk() -> Path:
    """The first usual place for temporary files that is a disk: in memory, nothing would be durable."""
    temporary = (Path(tempfile.gettempdir()), Path("/var/tmp"))  # noqa: S108 - mkdtemp makes its own there
    for place in (*temporary, Path.cwd(), Path.home()):
        if place.is_dir() and file_system_type(place) not in VOLATILE:
            return place
    raise Unavailable("no directory for temporary files lies on a disk: name a DIR that does")
