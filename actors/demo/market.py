"""The demo's market: marks that wander a little, so that profit moves and every check has a price."""

import random
import threading
from decimal import Decimal

from actors.bench.flow import PRICE
from engine import Admin

MOVE_EVERY_S = 0.1
START = Decimal(PRICE) / 10**4
STEP = Decimal("0.05")
BAND = Decimal(2)
"""How far a mark may wander: within the collar of the flow's orders, which do not follow it."""


class Market:
    """Moves one mark after another until `halt`; the same seed makes the same walk."""

    def __init__(self, admin: Admin, seed: int) -> None:
        self._admin = admin
        self._chance = random.Random(seed)  # noqa: S311 - a made market, no secret
        self._marks = dict.fromkeys(sorted(admin.catalog.instruments), START)
        self._over = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="market", daemon=True)

    def start(self) -> None:
        """Begin to move."""
        self._thread.start()

    def halt(self) -> None:
        """Move no more."""
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def finish(self) -> None:
        """Move no more, and raise what has gone wrong."""
        self.halt()
        if self._failure is not None:
            raise self._failure

    def _run(self) -> None:
        try:
            while not self._over.wait(MOVE_EVERY_S):
                name = self._chance.choice(list(self._marks))
                moved = self._marks[name] + self._chance.randint(-4, 4) * STEP
                self._marks[name] = min(max(moved, START - BAND), START + BAND)
                self._admin.set_mark(name, self._marks[name])
        except BaseException as error:
            self._failure = error
