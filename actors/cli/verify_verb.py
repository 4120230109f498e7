# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold verify`: is everything what was written?"""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from actors.cli.options import Directory, Json

if TYPE_CHECKING:
    from storage.verify_report import VerifyReport


def verify(directory: Directory, as_json: Json = False) -> None:
    """Walk every log and name the first bad block.

    A bad block is one that is not what was written; then it exits with 3. It changes nothing, and the engine
    may run meanwhile.
    """
    began = time.monotonic()
    report = _walk(directory)
    seconds = time.monotonic() - began
    if as_json:
        _print_document(report, seconds)
    else:
        _print_report(report, seconds)
    raise typer.Exit(report.exit_code)


def _walk(directory: Path) -> "VerifyReport":
    from actors.cli.disk_directory import require_engine
    from actors.cli.screen import progress
    from storage.verifier import verify_directory

    require_engine(directory)
    with progress(f"verifying {directory}") as show:
        return verify_directory(directory, progress=lambda at: show(at.data_bytes, at.data_bytes_total))


def _print_document(report: "VerifyReport", seconds: float) -> None:
    import msgspec

    from actors.cli.screen import print_json

    totals = {"ok": report.ok, "blocks": report.blocks, "events": report.events, "seconds": round(seconds, 3)}
    print_json({**msgspec.to_builtins(report), **totals})


def _print_report(report: "VerifyReport", seconds: float) -> None:
    from actors.cli.screen import console, table
    from storage.faults import FaultKind

    screen = console()
    logs = table(
        "log",
        "segments",
        "blocks",
        "events",
        "MiB",
        "tree root",
        right=("segments", "blocks", "events", "MiB"),
    )
    for log in report.logs:
        counts = (f"{log.segments:,}", f"{log.blocks:,}", f"{log.events:,}", f"{log.data_bytes / 2**20:,.1f}")
        logs.add_row(log.log, *counts, log.tree_root)
    if report.logs:
        screen.print(logs)
    if report.first_fault is None:
        screen.print(f"✔ everything is what was written ({seconds:.1f} s)", style="green")
        return
    name, fault = report.first_fault
    screen.print(f"✘ {name}, {fault}", style="red", soft_wrap=True)
    if fault.kind == FaultKind.CHECKPOINT:
        screen.print("  The logs are what was written. Find out what else on this disk is not.")
        return
    screen.print(
        "  Keep the files as they are, stop the engine, and restore the log from a copy that verifies."
    )
