# ruff: noqa: PLC0415 - a verb imports what it needs when it runs, so that --help is fast
"""`orderfold replay`: real order flow through an engine, compared with the files, and logs folded again."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from actors.cli.failure import FAILURE, Failure, say
from actors.cli.options import ConfigFile, Json
from actors.cli.replay_compare_verb import compare
from actors.cli.replay_log_verb import log

if TYPE_CHECKING:
    from actors.replays.replay_report import ReplayReport

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Send real order flow through an engine and check its answers, or fold its log again and compare.",
)
app.command("log")(log)
app.command("compare")(compare)

Data = Annotated[
    Path,
    typer.Option(
        "--data", metavar="DIR", help="The engine's directory, made if it is new.", show_default=False
    ),
]
Symbol = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The instrument. Default: what the file's name begins with."),
]
TradeDate = Annotated[
    datetime | None,
    typer.Option(
        "--date", formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Trade date. Default: as in the name."
    ),
]
VenueName = Annotated[str, typer.Option(metavar="NAME", help="The venue; default: the format's own.")]


@app.command()
def lobster(
    messages: Annotated[
        Path,
        typer.Argument(
            metavar="MESSAGES.csv",
            exists=True,
            dir_okay=False,
            help="LOBSTER's messages, plain or .gz.",
            show_default=False,
        ),
    ],
    data: Data,
    orderbook: Annotated[
        Path | None,
        typer.Option(
            metavar="BOOK.csv",
            exists=True,
            dir_okay=False,
            help="The book after each message, plain or .gz: it is checked.",
        ),
    ] = None,
    symbol: Symbol = None,
    trade_date: TradeDate = None,
    venue: VenueName = "",
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Replay a LOBSTER message file, and check each row of its orderbook file.

    Neither file has a heading. Columns of a message: time in seconds after midnight, type 1 to 7, order id,
    size, price in 10^-4 USD, direction of the resting order (1 bid, -1 ask). Columns of a book, a level: ask
    price, ask size, bid price, bid size.

    Interrupted and run again, it recognises what was applied. Exits with 1 at a row that can't be read, and
    where an answer of the engine is not what the files say.
    """

    def replay(show: Callable[[int, int], None]) -> "ReplayReport":
        from actors.config_file import load_config
        from actors.replays.replay import replay_lobster

        day = None if trade_date is None else trade_date.date()
        return replay_lobster(
            messages,
            orderbook,
            data,
            progress=show,
            symbol=symbol,
            trade_date=day,
            venue=venue,
            config=load_config(config),
        )

    _judge(_watched(messages, replay), as_json=as_json)


@app.command()
def mbo(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="Rows, market by order: .csv or .csv.gz.",
            show_default=False,
        ),
    ],
    data: Data,
    symbol: Symbol = None,
    trade_date: TradeDate = None,
    venue: VenueName = "",
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Replay a market-by-order file, and check that each cancel names what is left of its order.

    The first line names the columns, in any order: ts_recv and ts_event in UTC nanoseconds, action (A, M, C,
    F, T, R or N), side (B, A or N), price in 10^-9 of the currency, size, order_id; instrument_id or symbol
    where there are several. Other columns are left alone.

    Interrupted and run again, it recognises what was applied. Exits with 1 at a row that can't be read, and
    where an answer of the engine is not what the file says.
    """

    def replay(show: Callable[[int, int], None]) -> "ReplayReport":
        from actors.config_file import load_config
        from actors.replays.replay import replay_mbo

        day = None if trade_date is None else trade_date.date()
        return replay_mbo(
            file,
            data,
            progress=show,
            symbol=symbol,
            trade_date=day,
            venue=venue,
            config=load_config(config),
        )

    _judge(_watched(file, replay), as_json=as_json)


def _watched(file: Path, replay: Callable[[Callable[[int, int], None]], "ReplayReport"]) -> "ReplayReport":
    """Run a replay under a progress bar; Failure where a row can't be read or somebody interrupts."""
    from actors.cli.screen import progress
    from actors.replays.source_file import MalformedRow

    checked = "no"
    with progress(f"replaying {file.name}") as show:

        def shown(done: int, total: int) -> None:
            nonlocal checked
            checked = f"{done:,} of {total:,}"
            show(done, total)

        try:
            return replay(shown)
        except MalformedRow as error:
            raise Failure(str(error)) from error
        except KeyboardInterrupt as error:
            raise Failure(
                f"interrupted; {checked} messages are checked: run the same command again to go on"
            ) from error


def _judge(report: "ReplayReport", *, as_json: bool) -> None:
    """Print what was found; leave with a sentence that begins with file and line if it was wrong."""
    from actors.cli.screen import console, print_json

    if report.assumed:
        console(stderr=True).print(report.assumed, soft_wrap=True)
    if as_json:
        print_json(report.as_json())
    else:
        _print_report(report)
    if not report.is_exact:
        # No Failure: with --json that would be a second document.
        say(f"orderfold: {report.first_problem}")
        raise typer.Exit(FAILURE)


def _print_report(report: "ReplayReport") -> None:
    from actors.cli.screen import console, table

    found = table("what", "of it", "wrong", right=("wrong",))
    again = f", {report.duplicates:,} of them applied before" if report.duplicates else ""
    found.add_row("messages", f"{report.messages:,} in {report.seconds:.1f} s", "")
    found.add_row("commands", f"{report.commands:,}{again}", f"{report.refusals:,}")
    found.add_row("executed", f"{report.executed_visible:,} visible, {report.executed_hidden:,} hidden", "")
    if report.r1_rows:
        levels = (
            f"{report.r1_cells:,} levels, {report.r1_revealed:,} came into sight, {report.slid_out:,} left it"
        )
        found.add_row("rows of the book", f"{report.r1_rows:,}: {levels}", f"{report.r1_rows_bad:,}")
    if report.r2_checked:
        deletes = f"{report.r2_deletes:,} of them deletions"
        found.add_row("changes of orders", f"{report.r2_checked:,}, {deletes}", f"{report.r2_bad:,}")
    if report.cancels_checked:
        found.add_row("cancels", f"{report.cancels_checked:,}", f"{report.cancels_bad:,}")
    found.add_row("state digest", report.state_digest, "")
    screen = console()
    screen.print(found)
    if report.is_exact:
        screen.print("✔ every answer of the engine is what the file says", style="green")
