"""The configuration of a simulated engine: all is small, so that what is rare in earnest is common."""

from random import Random

from engine.config import (
    ClientConfig,
    Config,
    EngineConfig,
    LeasesConfig,
    LogConfig,
    PartitionConfig,
    ProjectionConfig,
    SnapshotConfig,
)
from tests.properties.side_by_side import ROOMY


def config_of(random: Random) -> Config:
    """Small blocks, segments, frames, queues and deadlines, drawn anew for each history.

    Some lie below what a configuration file may say; the bounds there are for speed, not for being right.
    """
    block_rows = random.choice([8, 16, 64])
    return Config(
        engine=EngineConfig(
            partitions=2,
            orders_max=ROOMY.orders,
            executions_max=ROOMY.executions,
            requests_max=ROOMY.requests,
            positions_max=ROOMY.positions,
            limits_max=ROOMY.limits,
            accounts_max=ROOMY.accounts,
            strategies_max=ROOMY.strategies,
            instruments_max=ROOMY.instruments,
            venues_max=ROOMY.venues,
            principals_max=ROOMY.principals,
            orphans_max=ROOMY.orphans,
        ),
        log=LogConfig(
            map_size_gib=1,
            segment_bytes_max=random.choice([2**17, 2**18, 2**29]),
            block_rows_max=block_rows,
            free_space_min_mib=16,
        ),
        partition=PartitionConfig(
            queue_bytes_max=random.choice([2_000, 2**20]),
            frame_rows_max=8,
            pipeline=random.random() < 0.8,
        ),
        projection=ProjectionConfig(heartbeat_ms=50),
        snapshot=SnapshotConfig(events=random.choice([20, 60, 200]), verify_every=2),
        client=ClientConfig(deadline_ms=400, window_frames=random.choice([2, 8]), frame_rows_max=4),
        leases=LeasesConfig(share_percent=20, slice_percent=10, ttl_ms=3_000),
    )
