"""Whether the rules are compiled already, so that an engine need not start a process to find out.

Numba compiles a rule again whose file has another date or size than before. A stamp in the cache
folder therefore says for which files, dates and sizes everything was compiled to the end.
"""

import hashlib
from pathlib import Path

import numba

import engine

# Its import names the cache folder by the rules' digest.
from engine.kernel.jit import CODE_VERSION

SOURCES = Path(str(engine.__file__)).parent
"""Where the rules are."""

_STAMP = "complete"
"""The stamp's name; there is none while compiling goes on, or after it was interrupted."""


def are_rules_compiled(sources: Path = SOURCES) -> bool:
    """Whether `note_rules_compiled` was called for these very files."""
    try:
        return _stamp().read_text() == _state_of(sources)
    except OSError:
        return False


def note_rules_compiled(sources: Path = SOURCES) -> None:
    """Remember that every rule is compiled. Where the folder can't be written, nothing is remembered."""
    try:
        _stamp().write_text(_state_of(sources))
    except OSError:
        return


def _stamp() -> Path:
    return Path(numba.config.CACHE_DIR) / _STAMP


def _state_of(sources: Path) -> str:
    """A digest of what Numba looks at: every source's path, date and size."""
    states = [(str(path), path.stat()) for path in sorted(sources.rglob("*.py"))]
    text = repr([(path, state.st_mtime_ns, state.st_size) for path, state in states])
    return hashlib.sha256(CODE_VERSION + text.encode()).hexdigest()
