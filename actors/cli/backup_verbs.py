# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold backup` and `orderfold restore`: a verified copy of the logs, and an engine out of one."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actors.cli.failure import Failure
from actors.cli.options import Directory, Json

if TYPE_CHECKING:
    from storage.verify_report import VerifyReport

Place = Annotated[
    Path, typer.Argument(metavar="TARGET", help="A directory that is new, or empty.", show_default=False)
]


def backup(directory: Directory, target: Place, as_json: Json = False) -> None:
    """Copy every log, running or not, and verify the copy.

    TARGET appears whole, or not at all. It holds all that an engine needs: what else lies in DIR is made anew
    from the logs. A later backup is a later beginning of the same logs.
    """
    _copy(directory, target, "backup", as_json=as_json)


def restore(source: Directory, target: Place, as_json: Json = False) -> None:
    """Make an engine's directory out of a backup, and verify it.

    Never let the engine that the backup is of run on beside it: both would write the same offsets.
    """
    _copy(source, target, "restored engine", as_json=as_json)


def _copy(source: Path, target: Path, what: str, *, as_json: bool) -> None:
    from actors.cli.disk_directory import require_engine
    from actors.cli.screen import progress
    from storage.backup import copy_engine
    from storage.verify_report import VerifyReport

    require_engine(source)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Failure(f"{target} holds something already: name a new directory for the {what}")
    total, copied = _size(source), 0
    began = time.monotonic()
    with progress(f"copying {source}") as show:

        def told(size: int) -> None:
            nonlocal copied
            copied += size
            show(copied, max(total, copied))

        report = copy_engine(source, target, told)
    # The report names the draft that was verified; the copy has its place now.
    report = VerifyReport(str(target), report.logs, report.fault)
    _print(report, what, copied, time.monotonic() - began, as_json=as_json)
    raise typer.Exit(report.exit_code)


def _size(source: Path) -> int:
    """About how many bytes there are to copy: what the files have on disk."""
    return sum(file.stat().st_blocks * 512 for file in source.glob("*/*/data.mdb"))


def _print(report: "VerifyReport", what: str, copied: int, seconds: float, *, as_json: bool) -> None:
    import msgspec

    from actors.cli.screen import console, print_json

    if as_json:
        totals = {"ok": report.ok, "events": report.events, "bytes": copied, "seconds": round(seconds, 3)}
        print_json({**msgspec.to_builtins(report), **totals})
        return
    screen = console()
    if report.first_fault is not None:
        name, fault = report.first_fault
        screen.print(f"✘ {name}, {fault}", style="red", soft_wrap=True)
        screen.print(f"  Nothing is left of the {what}: run orderfold verify on what was copied.")
        return
    for log in report.logs:
        screen.print(f"  {log.log}: {log.events:,} events, {log.data_bytes / 2**20:,.1f} MiB")
    screen.print(f"✔ the {what} {report.path} is what was written ({seconds:.1f} s)", style="green")
