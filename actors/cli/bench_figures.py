"""What each figure of a benchmark's record says: a line below the help of its verb."""

_FIGURES = {
    "events_per_second": "durable and answered, end to end",
    "commands_per_second": "the same, counted by what was sent",
    "rows_per_command": "how many events a command makes",
    "ack_ms": "from sending a frame, or one order, to its durable answer",
    "in_process_ack_ms": "the same with the engine in the caller's process",
    "reads": "how many; one is due every millisecond",
    "read_us": "one exposure, read from shared memory",
    "read_late_us": "how late a read began, which is the machine's doing",
    "read_call_ms": "the same read through the projector's actor",
    "lag_ms": "how old the events were that a read did not show yet",
    "caught_up_ms": "from the last answer until reads show it too",
    "peak_memory_mib": "of the partition's process, and of the client's",
    "raw_limit_events_per_second": "equal rows hashed and flushed, nothing decided",
    "raw_limit_ratio": "events per second, divided by the raw limit",
    "stages_us": "a row in each stage, by itself in one process",
    "with_snapshot_s": "opening the partition: its newest snapshot, and the events behind that",
    "events_behind_snapshot": "how many of its events were folded all the same",
    "without_snapshot_s": "opening it with no snapshot: the whole log is folded",
    "folded_events_per_second": "how fast that was",
    "snapshot_mib": "size of the snapshot",
    "snapshot_write_s": "writing it, digests and reading back included",
    "fdatasync_ms": "one flush of 4 KiB to this disk",
    "batch_rows": "commands a frame",
}
_NAME_COLUMNS = max(map(len, _FIGURES)) + 2

# A backspace in a line of its own keeps the lines that follow as they are.
_KEEP_LINES = "\b\n"


def figures_help(*names: str) -> str:
    """What stands below the help of a verb that prints these figures, named as in its record."""
    lines = [f"{name.replace('_', ' '):{_NAME_COLUMNS}}{_FIGURES[name]}" for name in names]
    return _KEEP_LINES + "\n".join(["The figures:", *lines])
