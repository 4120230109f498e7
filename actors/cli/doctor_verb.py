# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold doctor`: can this machine and this directory keep what the engine promises?"""

from typing import TYPE_CHECKING

import typer

from actors.cli.failure import FAILURE, FINE
from actors.cli.options import ConfigFile, Directory, Json

if TYPE_CHECKING:
    from actors.cli.doctor_checks import Finding

MARKS = {"fine": ("✔", "green"), "warning": ("!", "yellow"), "fault": ("✘", "red")}


def doctor(directory: Directory, config: ConfigFile = None, as_json: Json = False) -> None:
    """Check what durability needs, with a fix for every finding.

    Times 100 flushes, and looks at the file system, free space, LMDB, shared memory, the token, the clock and
    Python. Exits with 1 if there is a fault; a warning is none.
    """
    from actors.cli.doctor_checks import examine
    from actors.config_file import load_config

    findings = examine(directory, load_config(config))
    is_sound = all(finding.level != "fault" for finding in findings)
    if as_json:
        from actors.cli.screen import print_json

        print_json({"ok": is_sound, "findings": [finding._asdict() for finding in findings]})
    else:
        _print(findings)
    raise typer.Exit(FINE if is_sound else FAILURE)


def _print(findings: "list[Finding]") -> None:
    from actors.cli.screen import console

    screen = console()
    for finding in findings:
        mark, colour = MARKS[finding.level]
        screen.print(f"{mark} {finding.check:14}", style=colour, end=" ")
        screen.print(finding.seen, soft_wrap=True)
        if finding.fix:
            screen.print(f"  {'':14} → {finding.fix}", style="bold", soft_wrap=True)
