"""Arguments and options that many verbs share, so that they are called the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="The engine's directory.", show_default=False)]
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
