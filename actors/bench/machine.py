"""What a benchmark ran on: every result carries this, since a figure without it says nothing."""

import os
import platform
import resource
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from actors.bench.raw_limit import flush_latency_ms
from engine.errors import BadRequest
from engine.kernel.jit import CODE_VERSION
from storage.file_system import VOLATILE, file_system_type

FLUSHES = 100


def machine_record(directory: Path) -> dict[str, Any]:
    """Commit, code, processor, file system and the disk's flush latency; tmpfs is refused."""
    kind = file_system_type(directory)
    if kind in VOLATILE:
        raise BadRequest(f"{directory} lies on {kind}, where nothing is durable: name a directory on a disk")
    return {
        "commit": _commit(),
        "code_version": CODE_VERSION.hex()[:16],
        "version": version("orderfold"),
        "python": platform.python_version(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "file_system": kind,
        "fdatasync_ms": round(flush_latency_ms(directory, times=FLUSHES), 3),
    }


def _commit() -> str:
    """The commit of the sources that run, with a mark if they were changed since; "unknown" without git."""
    here = Path(__file__).parent
    try:
        commit = _git(here, "rev-parse", "--short=12", "HEAD")
        return commit + ("+changed" if _git(here, "status", "--porcelain") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(here: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=here, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def peak_memory_mib() -> float:
    """The largest resident memory of this process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def resident_mib(pid: int) -> float:
    """The largest resident memory of another process so far, MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0.0
