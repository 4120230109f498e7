"""An engine's directory: which files lie where, and how they are made the first time."""

from collections.abc import Callable
from pathlib import Path

from actors.roles.log_identity import identity_of
from engine.config import Config, EngineConfig
from engine.errors import ConfigInvalid
from engine.kernel.tables import Capacity
from engine.rows.events import EVENT_BYTES
from engine.rows.schema import schema_set_digest
from storage.errors import LogNotFound
from storage.event_log import EventLog
from storage.log_directory import log_name
from storage.log_identity import REFERENCE_PARTITION
from storage.manifest import Manifest, new_manifest, read_manifest, write_manifest


def open_manifest(directory: Path, partitions: int, new_uuid: Callable[[], bytes]) -> Manifest:
    """The directory's manifest, made on first use; `new_uuid` gives 16 fresh bytes a call.

    Raises ConfigInvalid if `partitions` is neither the default nor what the engine was made with.
    """
    try:
        manifest = read_manifest(directory)
    except LogNotFound:
        manifest = new_manifest(
            engine_uuid=new_uuid(),
            log_uuids={number: new_uuid() for number in [*range(partitions), REFERENCE_PARTITION]},
            row_bytes=EVENT_BYTES,
            schema_digest=schema_set_digest(),
        )
        write_manifest(directory, manifest)
    if partitions not in (manifest.partitions, EngineConfig().partitions):
        raise ConfigInvalid(
            f"the configuration says partitions={partitions}, but the engine in {directory} was made with "
            f"{manifest.partitions}: correct the configuration, or name a new directory"
        )
    return manifest


def open_log(
    directory: Path, manifest: Manifest, partition: int, config: Config, *, allow_volatile: bool = False
) -> EventLog:
    """Open (or make) and claim the log of a partition, or of the reference data."""
    log = EventLog.open(
        directory / log_name(partition),
        identity_of(manifest, partition),
        map_size_bytes=config.log.map_size_gib * 2**30,
        segment_bytes_max=config.log.segment_bytes_max,
        create=True,
        allow_volatile=allow_volatile,
    )
    log.claim()
    return log


NO_ORDERS = 64
"""Rows of a table that the reference log never writes to: none would be an array without memory."""


def capacity_of(config: Config, partition: int) -> Capacity:
    """The capacities that a configuration gives each table of a partition, or of the reference log.

    The reference log has definitions and no orders: room for those would be most of its memory.
    """
    section = config.engine
    capacity = Capacity(
        orders=section.orders_max,
        executions=section.executions_max,
        requests=section.requests_max,
        positions=section.positions_max,
        limits=section.limits_max,
        accounts=section.accounts_max,
        strategies=section.strategies_max,
        instruments=section.instruments_max,
        venues=section.venues_max,
        principals=section.principals_max,
        orphans=section.orphans_max,
        refuse_percent=config.partition.refuse_percent,
    )
    if partition == REFERENCE_PARTITION:
        return capacity._replace(
            orders=NO_ORDERS, executions=NO_ORDERS, positions=NO_ORDERS, orphans=NO_ORDERS
        )
    return capacity
