"""Every setting of an engine: its default, its unit, the values it may take, and why.

The defaults here are the embedded configuration: an empty file is a valid one, and a file holds differences
only. `actors/config_file.py` reads files and names the faulty key; nothing here touches a disk.

A configuration made in code is checked against the same bounds by `checked(config)`.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from engine.errors import ConfigInvalid

MIB = 2**20
GIB = 2**30


def _at_most(key: str, found: int, bound: str, limit: int) -> None:
    """Raise `ValueError` where the value of one key contradicts another."""
    if found > limit:
        raise ValueError(f"{key}: expected at most {bound} ({limit}), found {found}")


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table of the configuration file: frozen, and closed to keys it does not name."""


class EngineConfig(Section, frozen=True, kw_only=True):
    """How many partitions there are, and how much each one keeps in memory.

    Tables are reserved at start, page by page as they fill, and never grow: growing would stop every order
    for seconds. A full table refuses new orders; see `PartitionConfig.refuse_percent`.
    """

    # One partition is one writing process; on two cores a second one gains little. Accounts move between
    # partitions by a logged manifest, so this number is fixed when the log is made.
    partitions: Annotated[int, Meta(ge=1, le=64)] = 1
    # Orders of one partition, open and closed, in all of its log. A restart with a larger figure goes on.
    orders_max: Annotated[int, Meta(ge=1, le=100_000_000)] = 1_000_000
    # Triples of account, strategy and instrument with a position or a working order.
    positions_max: Annotated[int, Meta(ge=1, le=16_777_216)] = 262_144
    accounts_max: Annotated[int, Meta(ge=1, le=1_048_576)] = 4_096
    instruments_max: Annotated[int, Meta(ge=1, le=1_048_576)] = 4_096
    # Strategies over all accounts: some four an account at the defaults.
    strategies_max: Annotated[int, Meta(ge=1, le=4_194_304)] = 16_384
    # Execution ids that are remembered, so that a report sent twice counts once: three an order.
    executions_max: Annotated[int, Meta(ge=1, le=300_000_000)] = 3_000_000
    # Operators' and administrators' request ids that are remembered for the same reason.
    requests_max: Annotated[int, Meta(ge=1, le=16_777_216)] = 65_536
    # Sets of risk limits: one an account, and one for each instrument that an account limits by itself.
    limits_max: Annotated[int, Meta(ge=1, le=16_777_216)] = 65_536
    venues_max: Annotated[int, Meta(ge=1, le=4_096)] = 256
    # Who may be named as the author of a command: people and programs.
    principals_max: Annotated[int, Meta(ge=1, le=1_048_576)] = 4_096
    # Reports held at once because nobody has submitted their order yet; further ones are kept and not held.
    orphans_max: Annotated[int, Meta(ge=1, le=16_777_216)] = 65_536


class LogConfig(Section, frozen=True, kw_only=True):
    """How the event log lies on disk."""

    # Address space of one segment; the file itself grows as blocks are written. It is never resized.
    map_size_gib: Annotated[int, Meta(ge=1, le=4_096)] = 64
    # A segment is closed and the next begun past this size. Half the map leaves room for the last blocks.
    segment_bytes_max: Annotated[int, Meta(ge=MIB, le=4_096 * GIB)] = 32 * GIB
    # Rows of one block, which is one commit: 16,384 rows are some 3 MiB, hashed in about 2 ms.
    block_rows_max: Annotated[int, Meta(ge=64, le=262_144)] = 16_384
    # Below this much free space new orders are refused as LOW_SPACE, while cancels and fills still fit.
    free_space_min_mib: Annotated[int, Meta(ge=16, le=1_048_576)] = 1_024

    def __post_init__(self) -> None:
        """Refuse a segment that could fill its map before it is closed."""
        _at_most(
            "segment_bytes_max",
            self.segment_bytes_max,
            "nine tenths of map_size_gib",
            self.map_size_gib * GIB // 10 * 9,
        )


class PartitionConfig(Section, frozen=True, kw_only=True):
    """How one partition takes frames of commands, and when it says no."""

    # Bytes of frames that wait, over all callers; beyond, `Overloaded`. A second's worth at full speed.
    queue_bytes_max: Annotated[int, Meta(ge=MIB, le=8 * GIB)] = 64 * MIB
    # Command rows of one frame. Larger frames gain little and make everyone behind them wait.
    frame_rows_max: Annotated[int, Meta(ge=1, le=65_536)] = 8_192
    # Decide the next frame while the last one is being made durable, if one waits.
    pipeline: bool = True
    # How full a table may be before it is reported, and before new orders are refused.
    alarm_percent: Annotated[int, Meta(ge=1, le=99)] = 80
    refuse_percent: Annotated[int, Meta(ge=2, le=100)] = 95
    # Calendar days after which a closed order that has left memory is forgotten on disk as well: a bust or a
    # resend is then one of an order that nobody knows.
    bust_window_days: Annotated[int, Meta(ge=1, le=3_650)] = 30
    # Malformed commands kept for inspection; the oldest give way.
    dead_letters_max: Annotated[int, Meta(ge=0, le=1_000_000)] = 10_000

    def __post_init__(self) -> None:
        """Refuse an alarm that would sound only after orders are refused."""
        _at_most("alarm_percent", self.alarm_percent, "one below refuse_percent", self.refuse_percent - 1)


class ProjectionConfig(Section, frozen=True, kw_only=True):
    """How read tables are published."""

    # How often an idle projector shows that it is alive.
    heartbeat_ms: Annotated[int, Meta(ge=1, le=60_000)] = 200
    # A view whose heartbeat is older answers `StaleView`: ten missed beats.
    stale_after_ms: Annotated[int, Meta(ge=2, le=600_000)] = 2_000

    def __post_init__(self) -> None:
        """Refuse a limit that one late heartbeat would break."""
        _at_most("heartbeat_ms", self.heartbeat_ms, "half of stale_after_ms", self.stale_after_ms // 2)


class SnapshotConfig(Section, frozen=True, kw_only=True):
    """How often the state of a partition is written down, so that a successor need not fold its whole log."""

    # Events between two snapshots: at most so many are left to fold after a crash, about a second's work.
    events: Annotated[int, Meta(ge=1, le=1_000_000_000)] = 2_000_000
    # One snapshot in so many is proved: its events are folded a second time, from the snapshot before it.
    verify_every: Annotated[int, Meta(ge=1, le=1_000)] = 8


class ClientConfig(Section, frozen=True, kw_only=True):
    """How a client sends, and how long it tries."""

    # How long the same bytes are sent again after an unclear outcome, before `OutcomeUnknown` is raised.
    deadline_ms: Annotated[int, Meta(ge=1, le=3_600_000)] = 30_000
    # Frames of one client that are under way at once; the partition puts them in order within this window.
    window_frames: Annotated[int, Meta(ge=1, le=1_024)] = 16
    # Command rows gathered into one frame: past some 4,000 a call costs less than its rows.
    frame_rows_max: Annotated[int, Meta(ge=1, le=65_536)] = 4_000


class MarksConfig(Section, frozen=True, kw_only=True):
    """How often a mark, the price that checks and profit are measured against, enters the log."""

    # At most one mark an instrument in this time: the latest one. Raw ticks never enter the log.
    interval_ms: Annotated[int, Meta(ge=1, le=60_000)] = 100
    # Smaller moves than this, in parts per million of the last logged mark, are not logged at all.
    band_ppm: Annotated[int, Meta(ge=0, le=1_000_000)] = 100


class LeasesConfig(Section, frozen=True, kw_only=True):
    """How a partition comes by its share of the firm's limits, where there are any, and gives it back."""

    # Part of each limit that is the partitions' for good, shared out evenly; the rest goes to who asks.
    share_percent: Annotated[int, Meta(ge=0, le=100)] = 50
    # How much of a limit is asked for and given back at once. A partition keeps one to three slices free, so
    # an order that needs more than that is refused although there may be room elsewhere.
    slice_percent: Annotated[int, Meta(ge=1, le=100)] = 10
    # How long a lease lasts; renewed when half of that has passed. A shorter one sooner stops a partition
    # that cannot reach the reference log, a longer one bridges a restart.
    ttl_ms: Annotated[int, Meta(ge=1_000, le=86_400_000)] = 30_000


class RayConfig(Section, frozen=True, kw_only=True):
    """What is given to Ray, which runs the actors as processes."""

    # Shared memory that Ray wants at its start; frames and answers travel inside their calls. Ray refuses
    # less than 75 MiB or so.
    object_store_mib: Annotated[int, Meta(ge=80, le=1_048_576)] = 80
    # Ray ends processes when the machine's memory is fuller than this.
    memory_percent_max: Annotated[int, Meta(ge=10, le=99)] = 90


class Config(Section, frozen=True, kw_only=True):
    """All settings of one engine, section by section."""

    engine: EngineConfig = EngineConfig()
    log: LogConfig = LogConfig()
    partition: PartitionConfig = PartitionConfig()
    projection: ProjectionConfig = ProjectionConfig()
    snapshot: SnapshotConfig = SnapshotConfig()
    client: ClientConfig = ClientConfig()
    marks: MarksConfig = MarksConfig()
    leases: LeasesConfig = LeasesConfig()
    ray: RayConfig = RayConfig()

    def __post_init__(self) -> None:
        """Refuse sections that contradict one another."""
        taken = self.partition.frame_rows_max
        _at_most("[client] frame_rows_max", self.client.frame_rows_max, "[partition] frame_rows_max", taken)
        _at_most("[partition] frame_rows_max", taken, "[log] block_rows_max", self.log.block_rows_max)


def checked(config: Config) -> Config:
    """The same configuration, or `ConfigInvalid` where a value lies outside what its key may take."""
    try:
        return msgspec.convert(msgspec.to_builtins(config), Config)
    except msgspec.ValidationError as error:
        raise ConfigInvalid(f"configuration made in code: {error}") from error
