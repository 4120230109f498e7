# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold status`: how the actors of one engine are."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from actors.cli.failure import FAILURE, FINE
from actors.cli.options import Directory, Json

if TYPE_CHECKING:
    from actors.engine_record import EngineRecord
    from actors.ray_actors import Status

WITHIN_S = 2.0
"""How long the actors have to answer; one that hangs is shown as silent."""


def status(directory: Directory, as_json: Json = False) -> None:
    """Show the actors of a running engine. Exits with 1 if one can't work or is in doubt about its state."""
    from actors.engine_record import running_record

    record = running_record(directory)
    statuses = _ask(directory, record)
    is_sound = all(status.get("ready") and not status.get("doubt") for status in statuses)
    if as_json:
        from actors.cli.screen import print_json

        print_json({"ok": is_sound, "pid": record.pid, "partitions": record.partitions, "actors": statuses})
    else:
        _print(record, statuses)
    raise typer.Exit(FINE if is_sound else FAILURE)


def _ask(directory: Path, record: "EngineRecord") -> "list[Status]":
    """One record an actor; a silent one has only its name."""
    from actors.config_file import load_config
    from actors.ray_actors import Roll, find_actors
    from actors.ray_cluster import join_ray, leave_ray

    join_ray(directory, record, load_config())
    try:
        answers = Roll(find_actors(record.partitions)).call(WITHIN_S)
    finally:
        leave_ray()
    return [answer or {"actor": name, "ready": False} for name, answer in answers.items()]


def _print(record: "EngineRecord", statuses: "list[Status]") -> None:
    from actors.cli.screen import console, table

    screen = console()
    numbers = ("pid", "epoch", "next offset", "frames waiting", "events behind", "dead letters")
    actors = table("actor", *numbers, "state", right=numbers)
    for status in statuses:
        applied = status.get("applied_offset")
        reached = status.get("next_offset", None if applied is None else applied + 1)
        counts = (status.get("frames_waiting"), status.get("lag_events"), status.get("dead_letters_kept"))
        cells = (status.get("pid") or None, status.get("epoch"), reached, *counts)
        actors.add_row(status["actor"], *(_cell(value) for value in cells), _state(status))
    screen.print(actors)
    screen.print(f"the host is pid {record.pid}; --json has more")


def _cell(value: int | None) -> str:
    return "" if value is None else str(value)


def _state(status: "Status") -> str:
    failure = status.get("failure")
    if failure is not None:
        return f"✘ {failure['message']}"
    if not status.get("ready"):
        return _starting(status)
    if status.get("doubt"):
        return f"✘ in doubt: {status['doubt']}"
    if status.get("is_space_low"):
        return "! ready, low on space: new orders wait"
    if "snapshots" in status:
        return f"✔ ready{_newest_snapshots(status['snapshots'])}"
    crowded = status.get("crowded_tables")
    return f"! ready, nearly full: {', '.join(crowded)}" if crowded else "✔ ready"


def _newest_snapshots(logs: "Status") -> str:
    """Where the newest snapshot of each log is, if it has one: `, snapshot of p0000 at offset 7, 2 s old`."""
    return "".join(
        f", snapshot of {name} at offset {log['snapshot_offset']}, {log['snapshot_age_s']:.0f} s old"
        for name, log in logs.items()
        if log["snapshot_age_s"] is not None
    )


def _starting(status: "Status") -> str:
    if not status.get("pid"):
        return "! silent"
    if not status.get("recovery_end"):
        return "! starting"
    from actors.roles.recovery import folding

    return f"! {folding(status)}"
