"""Arguments and options that many verbs share, so that they are called the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer


def _plain_directory(given: Path) -> Path:
    """A directory as it is; BadParameter for local:DIR, which only verbs that talk to an engine take."""
    scheme, colon, place = str(given).partition(":")
    if scheme in ("local", "ray") and colon and not given.exists():
        raise typer.BadParameter(f"this verb takes a directory as it is: name {place} itself")
    return given


Directory = Annotated[
    Path,
    typer.Argument(
        metavar="DIR", help="The engine's directory.", show_default=False, callback=_plain_directory
    ),
]
Target = Annotated[
    str,
    typer.Argument(
        metavar="DIR",
        help="The running engine's directory; local:DIR works on a stopped one, in this process.",
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings that differ from the defaults, as TOML."),
]
Principal = Annotated[
    str,
    typer.Option("--as", metavar="NAME", help="Who asks; recorded on every event. Default: your login name."),
]
