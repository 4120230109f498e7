"""What the engine answers as of any position, by a projector that takes the log in small steps.

It is the role that answers every read, on the same log. Only its steps are smaller, so that books and orders
can be read between one message and the next, in the part of the log that an earlier run wrote as well.
"""

import numpy as np

from actors.replays.block_by_block import BlockByBlock
from actors.replays.command_draft import OrderRef
from actors.replays.lobster_file import Level
from actors.roles.engine_files import capacity_of
from actors.roles.projector import Projector
from engine.config import Config
from engine.reads.questions import ReadBook, ReadOrders
from engine.reads.rows import LEVEL_ROW, ORDER_ROW
from engine.vocabulary import Side
from storage.log_reader import LogReader


class ProjectedView:
    """Reads books and orders at positions that only go forward."""

    def __init__(self, log: LogReader, config: Config) -> None:
        self._log = BlockByBlock(log)
        self._projector = Projector(self._log, capacity_of(config, 0))

    def book(
        self, position: int, instrument: int, levels: int
    ) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
        """The best asks and bids after the event at `position`: (price, quantity), best first."""
        self._step(position)
        answer = self._projector.answer(ReadBook(instrument=instrument, levels=levels))
        rows = np.frombuffer(answer.rows, LEVEL_ROW)
        priced = list(zip(rows["price"].tolist(), rows["qty"].tolist(), strict=True))
        bids = int((rows["side"] == Side.BUY).sum())
        return tuple(priced[bids:]), tuple(priced[:bids])

    def order(self, position: int, order: OrderRef) -> tuple[Side, int, int]:
        """An order's side, price and leaves after the event at `position`."""
        self._step(position)
        key = order.id_hi.to_bytes(8, "big") + order.id_lo.to_bytes(8, "big")
        rows = np.frombuffer(self._projector.answer(ReadOrders(order_ids=key)).rows, ORDER_ROW)
        assert len(rows) == 1, f"order {key.hex()} was accepted, and is not known at position {position}"
        return Side(rows["side"][0]), int(rows["price"][0]), int(rows["leaves_qty"][0])

    def digest_at(self, position: int) -> str:
        """The digest of the state after the event at `position`."""
        self._step(position)
        return self._projector.digest()

    def _step(self, position: int) -> None:
        if position >= self._log.tip_offset():
            self._log.renew()
        reached = self._projector.step(upto=position)
        assert reached == position, f"asked for position {position}, the projection stands at {reached}"
