"""A client that sends orders until it is told to finish, or finds nobody there, and keeps every answer."""

import threading

import numpy as np

from engine.errors import OrderfoldError
from engine.rows.layout import joined
from engine.vocabulary import AnswerCode
from tests.cluster.engine_process import Desk

FRAME_ORDERS = 500


class Sender:
    """Sends frame after frame on a thread of its own; what raises ends it and is kept in `trouble`."""

    def __init__(self, desk: Desk, frame_orders: int = FRAME_ORDERS) -> None:
        self._desk = desk
        self._frame_orders = frame_orders
        self._over = threading.Event()
        self.sent: list[np.ndarray] = []
        self.answers: list[np.ndarray] = []
        self.trouble: OrderfoldError | None = None
        self.is_right = True
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def _send(self) -> None:
        while not self._over.is_set():
            rows, codes = self._desk.flow.wave(self._frame_orders)
            try:
                answers = self._desk.deliver(rows)
            except OrderfoldError as error:
                self.trouble = error
                return
            is_again = answers["code"] == AnswerCode.DUPLICATE
            outcomes = np.where(is_again, answers["original_code"], answers["code"])
            self.is_right &= bool((outcomes == codes).all())
            self.sent.append(rows)
            self.answers.append(answers)

    def finish(self) -> tuple[np.ndarray, np.ndarray]:
        """Wait until everything is answered: (commands, answers)."""
        self._over.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "a frame was never answered"
        return joined(self.sent), np.concatenate(self.answers)
