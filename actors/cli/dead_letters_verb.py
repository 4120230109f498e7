# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold dead-letters`: input that no handler could take, kept for study."""

from typing import TYPE_CHECKING, Annotated

import typer

from actors.cli.options import Directory, Json

if TYPE_CHECKING:
    from storage.dead_letters import DeadLetter

SHOWN_BYTES = 24
"""Bytes of a letter that are shown in the table: the magic, the version and the numbers that follow."""


def dead_letters(
    directory: Directory,
    count: Annotated[
        int, typer.Option("--limit", "-n", metavar="N", min=1, help="Show at most so many.")
    ] = 20,
    as_json: Json = False,
) -> None:
    """Show malformed input that was kept, newest first."""
    from actors.cli.disk_directory import engine_manifest
    from actors.roles.dead_letter_tray import LETTERS_DIRECTORY
    from storage.dead_letters import DeadLetters
    from storage.errors import LogNotFound

    engine_manifest(directory)
    try:
        with DeadLetters.open(directory / LETTERS_DIRECTORY, writer=False) as letters:
            newest, kept, dropped = letters.newest(count), letters.kept, letters.dropped
    except LogNotFound:
        newest, kept, dropped = [], 0, 0
    if as_json:
        _print_document(newest, kept, dropped)
    else:
        _print_table(newest, kept, dropped)


def _print_document(newest: "list[DeadLetter]", kept: int, dropped: int) -> None:
    import msgspec

    from actors.cli.screen import print_json

    letters = [{**msgspec.structs.asdict(letter), "raw": letter.raw.hex()} for letter in newest]
    print_json({"kept": kept, "dropped": dropped, "letters": letters})


def _print_table(newest: "list[DeadLetter]", kept: int, dropped: int) -> None:
    from actors.cli.event_lines import clock_time
    from actors.cli.screen import console, table

    screen = console()
    if not kept:
        screen.print("no dead letters: everything that came could be read")
        return
    letters = table("number", "time, UTC", "bytes", "begins with", "reason", right=("number", "bytes"))
    for letter in newest:
        begins = letter.raw[:SHOWN_BYTES].hex(" ", 4)
        letters.add_row(
            str(letter.number), clock_time(letter.at_ns), f"{letter.raw_bytes_total:,}", begins, letter.reason
        )
    screen.print(letters)
    screen.print(f"{kept:,} kept, {dropped:,} made room for newer ones; --json shows all bytes")
