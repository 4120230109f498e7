"""Where the demo's engine lies: the directory that was given, or a new one on a disk that goes when it is over."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import BadRequest, Unavailable
from storage.file_system import VOLATILE, file_system_type
from storage.manifest import MANIFEST_FILE


@contextmanager
def demo_directory(given: Path | None) -> Iterator[Path]:
    """The directory to use; a temporary one is removed at the end, whatever happens."""
    if given is not None:
        if (given / MANIFEST_FILE).exists():
            raise BadRequest(f"{given} holds an engine already: name a new directory for the demo")
        yield given
        return
    made = Path(tempfile.mkdtemp(prefix="orderfold-demo-", dir=_disk()))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _disk() -> Path:
    """The first usual place for temporary files that is a disk: in memory, nothing would be durable."""
    for place in (Path(tempfile.gettempdir()), Path("/var/tmp"), Path.cwd(), Path.home()):  # noqa: S108 - mkdtemp below
        if place.is_dir() and file_system_type(place) not in VOLATILE:
            return place
    raise Unavailable("no directory for temporary files lies on a disk: orderfold demo DIR, with DIR on one")
