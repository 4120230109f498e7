"""The session: numbers a client's frames and keeps each until it is answered."""

import numpy as np

from engine.codec.frames import FRAME_HEADER, encode_frame


class Session:
    """The outbox of one client towards one partition; no I/O, no threads, no clock.

    Frames are numbered from 1. A frame stays here, its command rows unchanged, from the moment before it is
    first sent until `settle`; only its header is renewed when it is sent again.
    """

    def __init__(self, session_id: tuple[int, int], partition: int) -> None:
        self._session_id = session_id
        self._partition = partition
        self._outbox: dict[int, np.ndarray] = {}
        self._last = 0
        self.principal = 0
        self.epoch = 0

    def put(self, commands: np.ndarray) -> int:
        """Put command rows in the outbox as the next frame; gives its number."""
        self._last += 1
        self._outbox[self._last] = commands
        return self._last

    def frame(self, number: int) -> np.ndarray:
        """The bytes of a frame of the outbox as they are sent now, uint8."""
        header = np.zeros(1, FRAME_HEADER)[0]
        header["session_hi"], header["session_lo"] = self._session_id
        header["number"] = number
        header["oldest"] = min(self._outbox)
        header["epoch"] = self.epoch
        header["principal"] = self.principal
        header["partition"] = self._partition
        return encode_frame(header, self._outbox[number])

    def settle(self, number: int) -> None:
        """Forget a frame: it is answered, or given up."""
        self._outbox.pop(number, None)

    def waiting(self) -> int:
        """How many frames are in the outbox."""
        return len(self._outbox)
