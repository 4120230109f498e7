"""Ray, the way this engine wants it: local, loopback, quiet, at normal priority, with its token on.

One process can be connected to one Ray. Its clients share that connection, and the last one to leave ends it.
"""

import os
import shutil
import tempfile
import threading
from hashlib import sha256
from pathlib import Path
from typing import Any

from actors.engine_record import EngineRecord, make_token, token_digest, token_path
from actors.ray_runtime import IS_TOO_LATE, ray, stop_listening
from engine.config import Config
from engine.errors import Unavailable

NAMESPACE = "orderfold"

MEMORY_THRESHOLD = "RAY_memory_usage_threshold"
"""Ray reads its settings from variables in mixed case."""

PATH_BYTES_MAX = 38
"""Ray puts sockets some 60 bytes below its temporary directory, and a socket's path has 107 bytes at most."""


class _Connection:
    """This process's one connection to Ray: to which address, and how many use it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.address = ""
        self.users = 0


_connection = _Connection()


def start_ray(directory: Path, config: Config) -> str:
    """Start a Ray of our own on loopback; gives the address by which others join it."""
    _require_settings()
    with _connection.lock:
        if _connection.users:
            raise Unavailable(
                f"this process is connected to {_connection.address}: it can't host an engine too"
            )
        make_token(directory)
        _prepare_environment(directory, config)
        _connection.address, _connection.users = _start(directory, config), 1
        return _connection.address


def _start(directory: Path, config: Config) -> str:
    """Start Ray's processes; gives their address."""
    place = _make_temporary(directory)
    try:
        context: Any = ray.init(
            address="local",
            num_cpus=os.cpu_count(),
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
            namespace=NAMESPACE,
            object_store_memory=config.ray.object_store_mib * 2**20,
            _node_ip_address="127.0.0.1",
            _temp_dir=place,
        )
    except Exception as error:
        # Ray raises this very class when its own processes need more than half a minute.
        raise Unavailable(f"Ray did not start, perhaps because the machine is busy: {error}") from error
    return str(context.address_info["address"])


def join_ray(directory: Path, record: EngineRecord, config: Config) -> None:
    """Join the running Ray of an engine; Unavailable if it does not answer or does not know our token."""
    if token_digest(directory) != record.token_sha256:
        raise Unavailable(
            f"wrong token: {token_path(directory)} is not the one that the running engine was started with: "
            "put it back, or restart the engine"
        )
    with _connection.lock:
        if _connection.users and _connection.address != record.address:
            raise Unavailable(
                f"this process is connected to the engine at {_connection.address}: close its clients first, "
                "or use another process"
            )
        if not _connection.users:
            _connect(directory, record.address, config)
        _connection.users += 1


def _require_settings() -> None:
    if IS_TOO_LATE:
        raise Unavailable(
            "this program imported ray before it used an engine, and Ray reads its settings at its import: "
            "connect first, or put `import actors.ray_runtime` above `import ray`"
        )


def _connect(directory: Path, address: str, config: Config) -> None:
    _require_settings()
    _prepare_environment(directory, config)
    try:
        ray.init(address=address, namespace=NAMESPACE, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise Unavailable(f"the engine of {directory} does not answer at {address}: {error}") from error
    stop_listening()
    _connection.address = address


def leave_ray() -> None:
    """Give up one use of the connection; the last one closes it, and ends a Ray that this process started."""
    with _connection.lock:
        _connection.users = max(0, _connection.users - 1)
        if _connection.users == 0:
            ray.shutdown()


def end_ray() -> None:
    """End the Ray that this process started, whoever still uses it."""
    with _connection.lock:
        _connection.users = 0
        ray.shutdown()


def temporary_path(directory: Path) -> Path:
    """Where the Ray of this engine has its sockets and logs: one place an engine, so that little remains.

    Ray opens its own directory to everybody, so this one around it is closed to all but its owner.
    """
    parent = tempfile.gettempdir()
    place = sha256(str(directory.resolve()).encode()).hexdigest()[:12]
    return Path(parent if len(parent) <= PATH_BYTES_MAX else "/tmp") / f"orderfold-{place}"  # noqa: S108


def _make_temporary(directory: Path) -> str:
    """Make the temporary directory anew, without what a host that was killed has left there."""
    path = temporary_path(directory)
    remove_temporary(directory)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError as error:
        raise Unavailable(f"{path} can't be emptied: it belongs to somebody else; remove it") from error
    return str(path / "r")


def remove_temporary(directory: Path) -> None:
    """Remove the temporary files of this engine's Ray."""
    shutil.rmtree(temporary_path(directory), ignore_errors=True)


def _prepare_environment(directory: Path, config: Config) -> None:
    """Set what Ray reads from the environment when it starts or joins, and let it forget an earlier token."""
    os.environ[MEMORY_THRESHOLD] = str(config.ray.memory_percent_max / 100)
    os.environ["RAY_AUTH_TOKEN_PATH"] = str(token_path(directory))
    os.environ.pop("RAY_AUTH_TOKEN", None)
    ray._raylet.AuthenticationTokenLoader.instance().reset_cache()
