"""The one place that imports Ray: its settings must be in the environment before its library is loaded."""

import os
import sys
from functools import partial
from typing import Any

INLINE_BYTES_MAX = 16 * 2**20

SETTINGS = {
    "RAY_AUTH_MODE": "token",
    # Ray replaces 127.0.0.1 by the machine's address, and listens everywhere, unless it believes that this
    # system can't form a cluster. Then it stays on loopback, which is where this engine wants it.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    # Ray runs workers at niceness 15 by default: beside a busy client the actors would starve.
    "RAY_worker_niceness": "0",
    "RAY_task_events_report_interval_ms": "0",
    "RAY_LOG_TO_DRIVER": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_start_python_gc_manager_thread": "0",
    # Ray ends every process that has not heard of its cluster for so long, a minute by default. A client must
    # outlive its engine: a year. The engine's own processes end with their host, which the system sees to.
    "RAY_gcs_rpc_server_reconnect_timeout_s": "31536000",
    # Every frame and answer travels inside its call; the largest that can be configured has 10 MiB. That is
    # faster than shared memory here, and Ray ends a client whose engine takes the shared memory along.
    "RAY_max_direct_call_object_size": str(INLINE_BYTES_MAX),
    "RAY_task_rpc_inlined_bytes_limit": str(INLINE_BYTES_MAX),
    "RAY_enable_metrics_collection": "0",
    "RAY_event_stats": "0",
    # Without it, whoever calls an actor after the end of his connection starts a Ray of his own.
    "RAY_ENABLE_AUTO_CONNECT": "0",
    "OMP_NUM_THREADS": "1",
    # A dozen of Ray's threads take frames apart; with a heap each, none could use what another has freed.
    "MALLOC_ARENA_MAX": "2",
}
"""Environment of every Ray process; the reasons are in docs/decisions/0003-actors-threads-and-ray.md."""

IS_TOO_LATE = "ray" in sys.modules
"""Whether somebody imported Ray before us; in an actor's process Ray did, with our settings inherited."""

os.environ.update(SETTINGS)

import ray  # noqa: E402 - after the settings, for the reason above
import ray._private.parameter  # noqa: E402
import ray._private.services  # noqa: E402
import ray._private.worker  # noqa: E402


def _keep_quiet(data: dict[str, Any], **_: Any) -> None:
    """Drop what Ray would print about a process that died: standard output is for results, our host tells."""


# No setting turns this off, `log_to_driver` does not either.
ray._private.worker.print_to_stdstream = _keep_quiet


def _no_dashboard(*_: Any, **__: Any) -> tuple[str, None]:
    """The address and the process of the dashboard's server: there are none."""
    return "", None


# Three of Ray's processes serve nobody here: the autoscaler's monitor, the one that carries logs to drivers,
# and the dashboard's server, which comes without a dashboard too. Five of the eleven seconds of processor
# time that Ray takes to start are theirs, and `ray.init` has no argument for them.
ray._private.parameter.RayParams = partial(
    ray._private.parameter.RayParams, no_monitor=True, include_log_monitor=False
)
ray._private.services.start_api_server = _no_dashboard


def stop_listening() -> None:
    """End Ray's thread that tells a client of others' errors: once the engine is gone it never rests."""
    ray._private.worker.global_worker.threads_stopped.set()


def dead_processes() -> list[str]:
    """The names of those of Ray's processes that this process started and that have ended by themselves."""
    node = ray._private.worker._global_node
    return [] if node is None else [str(name) for name, _ in node.dead_processes()]


__all__ = ["ray"]
