"""From DIR on a command line to a connected client, admin or feed."""

import getpass
from pathlib import Path
from typing import TypeVar

from actors.cli.disk_directory import require_engine
from actors.config_file import load_config
from engine.client.client import BlockingFace
from engine.limits import NAME_BYTES_MAX

Face = TypeVar("Face", bound=BlockingFace)

DEFAULT_SCHEME = "ray"


def connect(face: type[Face], target: str, principal: str = "", config: Path | None = None) -> Face:
    """A face of the engine in directory `target`, or of `local:DIR`; principal "" is the login name."""
    scheme, colon, place = target.partition(":")
    where = target if colon and place and scheme.isalpha() else f"{DEFAULT_SCHEME}:{target}"
    if where.startswith("local:"):
        # A client would make the engine; on a command line that is a slip of the finger.
        require_engine(Path(place))
    return face.connect(where, principal=principal or _login_name(), config=load_config(config))


def _login_name() -> str:
    """Whose terminal this is, in the characters that a principal's name may have."""
    name = getpass.getuser().encode("ascii", "replace")[:NAME_BYTES_MAX]
    return name.decode("ascii") or "nobody"
