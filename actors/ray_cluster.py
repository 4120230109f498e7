"""Ray, the way this engine wants it: local, loopback, quiet, at normal priority, with its token on."""

import os
import secrets
from pathlib import Path
from typing import Any

from actors.ray_runtime import ray
from engine.config import Config
from engine.errors import Unavailable

NAMESPACE = "orderfold"
TOKEN_FILE = "ray-token"

def prepare_environment(directory: Path, config: Config) -> None:
    """Set what Ray reads from the environment, for this process and all it starts. Before `ray.init`."""
    os.environ["RAY_memory_usage_threshold"] = str(config.ray.memory_percent_max / 100)
    os.environ["RAY_AUTH_TOKEN_PATH"] = str(_token_file(directory))
    os.environ.pop("RAY_AUTH_TOKEN", None)


def _token_file(directory: Path) -> Path:
    """The engine's token, made on first use, readable by its owner only."""
    path = directory.resolve() / TOKEN_FILE
    if not path.exists():
        directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    return path


def start_ray(directory: Path, config: Config) -> str:
    """Start a Ray of our own on loopback; gives the address by which other processes join it."""
    prepare_environment(directory, config)
    context: Any = ray.init(
        address="local",
        num_cpus=os.cpu_count(),
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        namespace=NAMESPACE,
        object_store_memory=config.ray.object_store_mib * 2**20,
        _node_ip_address="127.0.0.1",
    )
    return str(context.address_info["address"])


def join_ray(directory: Path, address: str, config: Config) -> None:
    """Join a running Ray by its address; Unavailable if it does not answer or refuses our token."""
    prepare_environment(directory, config)
    try:
        ray.init(address=address, namespace=NAMESPACE, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise Unavailable(f"the engine of {directory} does not answer at {address}: {error}") from error


def leave_ray() -> None:
    """Leave Ray, or end the one that this process started."""
    ray.shutdown()
