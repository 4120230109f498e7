"""Turns a rule into native code, or leaves it plain Python where `NUMBA_DISABLE_JIT=1` says so.

Numba's cache looks only at the file of the cached function, not at the files of what it calls. The cache
folder is therefore named by a digest of every source of `engine` and of the tools that compile it: edit any
and the next process compiles again.
"""

import hashlib
import platform
import sys
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, ParamSpec, TypeVar

import llvmlite
import numba
import numpy as np

from engine.kernel.rule_compiler import RuleCompiler

P = ParamSpec("P")
R = TypeVar("R")

IS_NATIVE = not numba.config.DISABLE_JIT
"""False where the rules run as plain Python."""


def _sources(folder: Traversable) -> list[Traversable]:
    """Every Python source below a package folder, in the order of its name."""
    found: list[Traversable] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and entry.name != "__pycache__":
            found += _sources(entry)
        elif entry.name.endswith(".py"):
            found.append(entry)
    return found


def code_digest() -> bytes:
    """SHA-256 over every source of `engine` and over the versions that compile it: 32 bytes."""
    digest = hashlib.sha256()
    versions = (numba.__version__, llvmlite.__version__, np.__version__, sys.version, platform.machine())
    digest.update(repr((versions, numba.config.CPU_NAME, numba.config.CPU_FEATURES)).encode())
    for source in _sources(files("engine")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.digest()


CODE_VERSION = code_digest()
"""Which code decides, 32 bytes: written into each block's header and into the name of the cache folder."""


def _cache_folder() -> str:
    """Where compiled rules are kept: below NUMBA_CACHE_DIR if that is set, else beside the sources."""
    root = numba.config.CACHE_DIR or str(files("engine").joinpath("__pycache__"))
    return f"{root}/orderfold-{CODE_VERSION.hex()[:20]}"


numba.config.CACHE_DIR = _cache_folder()


def rule(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that only rules call; it becomes native code as part of the entry that needs it."""
    compiled: Callable[P, R] = numba.njit(
        nogil=True,
        error_model="numpy",
        _nrt=False,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        pipeline_class=RuleCompiler,
    )(function)
    return compiled


def entry(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function that Python calls, and keep it on disk. It runs without the interpreter's lock."""
    if not IS_NATIVE:
        return _plain(function)
    compiled: Callable[P, R] = numba.njit(nogil=True, cache=True, error_model="numpy", _nrt=False)(function)
    return compiled


def bound(function: Callable[..., R], *given: object, rest: tuple[object, ...]) -> Callable[..., R]:
    """Fix an entry's first arguments; a call with the others goes straight to the native code.

    Finding the code by the types of nine arguments takes longer than a small fold. `rest` are examples of the
    arguments that each call brings: they must be of these very types, for nobody looks at them again.
    """
    if not IS_NATIVE:
        return partial(function, *given)
    compiled: Any = function
    types = tuple(map(numba.typeof, (*given, *rest)))
    compiled.compile(types)
    return partial(compiled.overloads[types].entry_point, *given)


def _plain(function: Callable[P, R]) -> Callable[P, R]:
    """Run plain Python with the wrap-around of machine words that hashes rely on."""

    def quietly(*args: P.args, **kwargs: P.kwargs) -> R:
        with np.errstate(over="ignore"):
            return function(*args, **kwargs)

    return quietly
