"""`orderfold`: every verb, and what becomes of an error.

Exit codes: 0 fine, 1 failure, 2 usage, 3 integrity. An error of ours is one line on standard error that says
what to do; a traceback is a fault of the engine and worth reporting.
"""

import sys

import typer

from actors.cli import (
    bench_verbs,
    cancel_verb,
    dead_letters_verb,
    demo_verb,
    doctor_verb,
    exposure_verb,
    log_verbs,
    orders_verb,
    replay_verbs,
    start_verb,
    status_verb,
    stop_verb,
    submit_verb,
    verify_verb,
)
from actors.cli.failure import FAILURE, exit_code_of, say

app = typer.Typer(
    no_args_is_help=True,
    # Plain help takes 0.1 s, the boxed one with its Markdown reader half a second.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="An actor-based, event-sourced, in-memory trading engine: an order is a fold over its events.",
    epilog="Every verb takes --help and --json. Exit codes: 0 fine, 1 failure, 2 usage, 3 integrity.",
)
app.command("start")(start_verb.start)
app.command("stop")(stop_verb.stop)
app.command("status")(status_verb.status)
app.command("doctor")(doctor_verb.doctor)
app.command("submit")(submit_verb.submit)
app.command("cancel")(cancel_verb.cancel)
app.command("orders")(orders_verb.orders)
app.command("exposure")(exposure_verb.exposure)
app.command("verify")(verify_verb.verify)
app.command("dead-letters")(dead_letters_verb.dead_letters)
app.command("demo")(demo_verb.demo)
app.add_typer(log_verbs.app, name="log")
app.add_typer(replay_verbs.app, name="replay")
app.add_typer(bench_verbs.app, name="bench")


def main() -> None:
    """Run one verb and exit with its code."""
    if sys.flags.optimize:
        say("orderfold: asserts guard what the engine promises: run it without -O and PYTHONOPTIMIZE")
        sys.exit(FAILURE)
    try:
        app()
    except Exception as error:
        code = exit_code_of(error)
        if code is None:
            raise
        say(f"orderfold: {_sentence(error)}")
        sys.exit(code)


def _sentence(error: Exception) -> str:
    """What an error says; the system's own errors open with a number that helps nobody."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


if __name__ == "__main__":
    main()
