# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold replay compare`: are two logs, a snapshot and its log, or two releases' states the same?"""

from typing import TYPE_CHECKING, Annotated

import typer

from actors.cli.failure import FAILURE, FINE, exit_code_of
from actors.cli.options import ConfigFile, Json
from actors.cli.replay_log_verb import OneLog

if TYPE_CHECKING:
    from actors.folds.findings import Finding
    from actors.folds.sides import Side
    from engine.config import Config

SideText = Annotated[
    str,
    typer.Argument(
        help="An engine's directory or a backup, DIR@snapshot, or a file that replay log --json printed.",
        show_default=False,
    ),
]


def compare(
    a: SideText,
    b: SideText,
    to: Annotated[
        int | None,
        typer.Option("--to", metavar="OFFSET", min=0, help="Stop before this one. Default: the end."),
    ] = None,
    one_log: OneLog = "",
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Prove A and B equal, or name the first event where they differ.

    Two logs: their events, then the states that they fold to. Of an engine and its backup every byte counts,
    and one may go on. Of two runs of the same commands, times, drawn ids and fingerprints do not count.
    DIR@snapshot is the newest snapshot of each log in DIR. A file has the digests of another release, another
    machine or another day.

    Exits with 0 if they are equal, 1 if they differ, 2 if they can't be compared, 3 if one is damaged.
    """
    from actors.config_file import load_config
    from actors.folds.findings import NotComparable
    from actors.folds.sides import side_of

    try:
        sides = (side_of(a), side_of(b))
        findings = _compared(sides, one_log, to, load_config(config))
    except Exception as error:
        if exit_code_of(error) != FAILURE:
            raise
        # 1 says that they differ, which nobody knows.
        raise NotComparable(str(error)) from error
    _print(sides, findings, as_json=as_json)
    raise typer.Exit(FINE if all(finding.difference is None for finding in findings) else FAILURE)


def _compared(sides: "tuple[Side, Side]", one_log: str, to: int | None, config: "Config") -> "list[Finding]":
    from actors.cli.screen import progress
    from actors.folds.comparison import Asked, compare, events_to_fold

    with progress("folding both") as show:
        done = total = 0

        def folded(events: int) -> None:
            nonlocal done
            done += events
            show(done, max(total, done))

        total = events_to_fold(*sides, one_log)
        return compare(*sides, Asked(one_log, to, config, folded))


def _print(sides: "tuple[Side, Side]", findings: "list[Finding]", *, as_json: bool) -> None:
    import msgspec

    from actors.cli.screen import console, print_json

    if as_json:
        is_equal = all(finding.difference is None for finding in findings)
        logs = [{**msgspec.to_builtins(finding), "equal": finding.difference is None} for finding in findings]
        print_json({"equal": is_equal, "a": str(sides[0].path), "b": str(sides[1].path), "logs": logs})
        return
    for finding in findings:
        _print_finding(finding)
    if all(finding.difference is None for finding in findings):
        console().print("✔ they are equal", style="green")


def _print_finding(finding: "Finding") -> None:
    from actors.cli.screen import console, table

    screen = console()
    if finding.difference is None:
        told = f"; {finding.told}" if finding.told else ""
        screen.print(f"{finding.log}: equal up to offset {finding.end:,}{told}", soft_wrap=True)
        screen.print(f"  compared: {finding.compared}", soft_wrap=True)
        screen.print(f"  state digest: {' and '.join(dict.fromkeys(finding.state))}", soft_wrap=True)
        return
    screen.print(f"✘ {finding.log}: {finding.difference.says}", style="red", soft_wrap=True)
    screen.print(f"  compared: {finding.compared}", soft_wrap=True)
    if finding.difference.cells:
        cells = table("table", "row", "column", "A", "B", right=("row",))
        for cell in finding.difference.cells:
            cells.add_row(cell.table, str(cell.row), cell.column, cell.a, cell.b)
        screen.print(cells)
