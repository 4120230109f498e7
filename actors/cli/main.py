"""`orderfold`: every verb, and what becomes of an error.

Exit codes: 0 fine, 1 failure, 2 usage, 3 integrity, 130 interrupted. An error of ours is one line on
standard error that says what to do; a traceback is a fault of the engine and worth reporting.
"""

import sys
from typing import Annotated, NoReturn

import typer
from typer.exceptions import TyperException

from actors.cli import (
    backup_verbs,
    bench_verbs,
    cancel_verb,
    dead_letters_verb,
    demo_verb,
    doctor_verb,
    exposure_verb,
    halts_verb,
    leases_verb,
    log_verbs,
    orders_verb,
    pnl_verb,
    positions_verb,
    projection_verbs,
    replay_verbs,
    start_verb,
    status_verb,
    stop_verb,
    submit_verb,
    verify_verb,
)
from actors.cli.failure import FAILURE, INTERRUPTED, exit_code_of, say


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version  # noqa: PLC0415 - loading it takes longer than most verbs

        print(f"orderfold {version('orderfold')}")
        raise typer.Exit


app = typer.Typer(
    no_args_is_help=True,
    # Plain help takes 0.1 s, the boxed one with its Markdown reader half a second.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Every verb takes --help and --json. Exit codes: 0 fine, 1 failure, 2 usage, 3 integrity, "
    "130 interrupted.",
)
app.command("start")(start_verb.start)
app.command("stop")(stop_verb.stop)
app.command("status")(status_verb.status)
app.command("doctor")(doctor_verb.doctor)
app.command("submit")(submit_verb.submit)
app.command("cancel")(cancel_verb.cancel)
app.command("orders")(orders_verb.orders)
app.command("positions")(positions_verb.positions)
app.command("exposure")(exposure_verb.exposure)
app.command("pnl")(pnl_verb.pnl)
app.command("leases")(leases_verb.leases)
app.command("halts")(halts_verb.halts)
app.command("verify")(verify_verb.verify)
app.command("backup")(backup_verbs.backup)
app.command("restore")(backup_verbs.restore)
app.command("dead-letters")(dead_letters_verb.dead_letters)
app.command("demo")(demo_verb.demo)
app.add_typer(log_verbs.app, name="log")
app.add_typer(replay_verbs.app, name="replay")
app.add_typer(projection_verbs.app, name="projection")
app.add_typer(bench_verbs.app, name="bench")


@app.callback()
def orderfold(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Say which version this is."),
    ] = False,
) -> None:
    """An actor-based, event-sourced, in-memory trading engine: an order is a fold over its events."""


def main() -> None:
    """Run one verb and exit with its code; with --json a failure is a document as well."""
    if sys.flags.optimize:
        say("orderfold: asserts guard what the engine promises: run it without -O and PYTHONOPTIMIZE")
        sys.exit(FAILURE)
    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        _leave_usage(error)
    except Exception as error:
        code = exit_code_of(error)
        if code is None:
            raise
        _leave(code, _sentence(error))
    if code == INTERRUPTED:
        _leave(INTERRUPTED, "interrupted")
    sys.exit(code)


def _leave(code: int, sentence: str) -> NoReturn:
    """Say what went wrong, to programs too, and exit."""
    say(f"orderfold: {sentence}")
    _print_failure(sentence)
    sys.exit(code)


def _leave_usage(error: TyperException) -> NoReturn:
    """Say what was wrong with the words of a command line, and how it is used."""
    assert hasattr(error, "show"), "an error of usage shows itself, with the usage of its verb"
    error.message = error.message.removeprefix("Value error, ")
    error.show()
    _print_failure(error.format_message())
    sys.exit(error.exit_code)


def _print_failure(sentence: str) -> None:
    """Print the document that a program waits for, where it has asked for one."""
    if "--json" in sys.argv:
        from actors.cli.screen import print_json  # noqa: PLC0415 - loading it takes longer than most verbs

        print_json({"ok": False, "error": sentence})


def _sentence(error: Exception) -> str:
    """What an error says; the system's own errors open with a number that helps nobody."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


if __name__ == "__main__":
    main()
