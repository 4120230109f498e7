"""Names by handle, read from an engine's reference log: rows carry handles, people read names."""

from pathlib import Path

from engine.refusals import Scales
from engine.rows.events import HEAD, INSTRUMENT_EVENT, NAME_EVENT
from engine.values import unscaled
from engine.vocabulary import EventKind
from storage.block import Block
from storage.log_directory import REFERENCE_LOG
from storage.log_reader import LogReader

_NAMED = {
    EventKind.VENUE_DEFINED: "venue",
    EventKind.ACCOUNT_DEFINED: "account",
    EventKind.STRATEGY_DEFINED: "strategy",
    EventKind.PRINCIPAL_DEFINED: "principal",
}

UNSCALED = Scales(0, 0)
"""For instruments that nobody defined: numbers are shown in units."""


class HandleNames:
    """What each handle is called, and how the numbers of each instrument are scaled.

    `names` maps a field of the rows (account, strategy, instrument, venue, principal) to names by handle.
    """

    def __init__(self) -> None:
        self.names: dict[str, dict[int, str]] = {what: {} for what in (*_NAMED.values(), "instrument")}
        self._scales: dict[int, Scales] = {}

    @classmethod
    def read(cls, directory: Path) -> "HandleNames":
        """All definitions in an engine's directory; LogNotFound if it is none."""
        names = cls()
        with LogReader.open(directory / REFERENCE_LOG) as reader:
            for block in reader.blocks(0):
                names._learn(block)
        return names

    def _learn(self, block: Block) -> None:
        rows = block.rows(HEAD)
        for kind, what in _NAMED.items():
            for row in rows[rows["kind"] == kind].view(NAME_EVENT):
                self.names[what][int(row["handle"])] = row["name"].decode("ascii")
        for row in rows[rows["kind"] == EventKind.INSTRUMENT_DEFINED].view(INSTRUMENT_EVENT):
            handle = int(row["instrument"])
            self.names["instrument"][handle] = row["name"].decode("ascii")
            self._scales[handle] = Scales(int(row["price_scale"]), int(row["qty_scale"]))

    def name(self, what: str, handle: int) -> str:
        """What a handle is called: an empty text for 0, which means none."""
        return self.names[what].get(handle, f"{what} {handle}") if handle else ""

    def scales(self, instrument: int) -> Scales:
        """The decimal places of an instrument's prices and quantities."""
        return self._scales.get(instrument, UNSCALED)

    def price(self, instrument: int, units: int) -> str:
        """A price as people write it."""
        return f"{unscaled(units, self.scales(instrument).price):f}"

    def qty(self, instrument: int, units: int) -> str:
        """A quantity as people write it."""
        return f"{unscaled(units, self.scales(instrument).qty):f}"
