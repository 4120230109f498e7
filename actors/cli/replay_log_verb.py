# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold replay log`: what a stretch of the log did, and what state it left."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from actors.cli.options import ConfigFile, Directory, Json

if TYPE_CHECKING:
    from actors.folds.replay_document import ReplayDocument, Window
    from engine.config import Config
    from storage.manifest import Manifest

OneLog = Annotated[
    str, typer.Option("--log", metavar="NAME", help="p0000, p0001 … or reference. Default: all.")
]


class _Asked(NamedTuple):
    """The window as it was asked for, in words."""

    begin: str
    end: str
    accounts: tuple[str, ...]
    marks_every: int
    is_whole: bool


def log(
    directory: Directory,
    begin: Annotated[
        str, typer.Option("--from", metavar="OFFSET|TIME", help="First event, or the first since then.")
    ] = "0",
    end: Annotated[
        str | None,
        typer.Option("--to", metavar="OFFSET|TIME", help="Stop before this one. Default: the end."),
    ] = None,
    account: Annotated[
        list[str] | None,
        typer.Option(
            "--account", "--accounts", metavar="NAME", help="Only this account; may be given again."
        ),
    ] = None,
    one_log: OneLog = "",
    digest_every: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, show_default=False, help="A digest of the state after every N events as well."
        ),
    ] = 0,
    whole: Annotated[
        bool, typer.Option("--whole", help="Use no snapshot: fold from the beginning of the log.")
    ] = False,
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Fold the log up to --from and on to --to, and show what that did.

    Events by kind, orders, positions and profit before and after, and the digest of the state. Offsets are
    each partition's own; a time, as 2026-01-02T12:00:00Z, is of the same moment in all. Reads only, and the
    engine may run. What --json prints is what orderfold replay compare takes.
    """
    from actors.cli.screen import print_json
    from actors.config_file import load_config

    asked = _Asked(begin, end or "", tuple(account or ()), digest_every, whole)
    document = _replayed(directory, one_log, asked, load_config(config))
    if as_json:
        print_json(document)
    else:
        from actors.cli.replay_log_screen import print_window

        for window in document.logs:
            print_window(window)


def _replayed(directory: Path, one_log: str, asked: _Asked, config: "Config") -> "ReplayDocument":
    from actors.cli.disk_directory import engine_manifest
    from actors.cli.screen import progress
    from actors.folds.replay_document import FORMAT, VERSION, ReplayDocument
    from actors.folds.state_marks import layout_of_state
    from engine.kernel.jit import CODE_VERSION

    manifest = engine_manifest(directory)
    windows = []
    for name in _names(directory, manifest, one_log):
        with progress(f"folding {name}") as show:
            windows.append(_window(directory, manifest, name, asked, config, show))
    return ReplayDocument(
        FORMAT, VERSION, CODE_VERSION.hex(), layout_of_state(), list(asked.accounts), windows
    )


def _names(directory: Path, manifest: "Manifest", one_log: str) -> list[str]:
    """The log that was asked for, or those of all partitions; Failure names the logs there are."""
    from actors.cli.failure import Failure
    from storage.log_directory import log_name

    if one_log and one_log not in manifest.logs:
        raise Failure(f"{directory} has no log {one_log!r}: there are {', '.join(manifest.logs)}")
    return [one_log] if one_log else [log_name(number) for number in range(manifest.partitions)]


def _window(
    directory: Path,
    manifest: "Manifest",
    name: str,
    asked: _Asked,
    config: "Config",
    show: Callable[[float, float], None],
) -> "Window":
    from actors.folds.log_fold import LogFold
    from actors.folds.log_positions import position_of
    from actors.folds.windows import Stretch, replay_window
    from actors.roles.engine_files import capacity_of
    from actors.roles.snapshots import Found, Snapshots, snapshot_path
    from storage.log_reader import LogReader

    number = manifest.logs[name].partition
    with LogReader.open(directory / name) as reader:
        tip = reader.tip_offset()
        first = position_of(reader, asked.begin, tip)
        last = position_of(reader, asked.end, tip) if asked.end else tip
        if last < first:
            raise typer.BadParameter(f"offset {last:,} lies before --from, {first:,}", param_hint="--to")
        fold = LogFold(reader, number, capacity_of(config, number))
        fold.folded = lambda _: show(fold.position, last)
        found = Found(0, ())
        if not asked.is_whole:
            snapshots = Snapshots(snapshot_path(directory, number), reader)
            found = snapshots.fill_before(fold.kernel.tables, first)
        return replay_window(fold, name, Stretch(first, last, asked.accounts, asked.marks_every), found)
