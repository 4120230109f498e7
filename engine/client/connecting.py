"""From a target to a transport: the scheme is looked up among the installed ones, so engine imports none."""

from importlib.metadata import entry_points

from engine.client.transport import Clock, Transport
from engine.config import Config
from engine.errors import BadRequest

TRANSPORTS = "orderfold.transports"
"""The entry-point group; an entry is a function (place, config=, clock=) that gives a Transport."""


def open_transport(target: str, *, config: Config | None = None, clock: Clock | None = None) -> Transport:
    """The transport of a target as `local:DIR`; BadRequest names the known schemes if it has another."""
    scheme, separator, place = target.partition(":")
    known = {entry.name: entry for entry in entry_points(group=TRANSPORTS)}
    if not separator or not place or scheme not in known:
        forms = (
            " or ".join(f"{name}:DIR" for name in sorted(known)) or "nothing, for no transport is installed"
        )
        raise BadRequest(f"target {target!r} is not understood; expected {forms}")
    transport: Transport = known[scheme].load()(place, config=config, clock=clock)
    return transport
