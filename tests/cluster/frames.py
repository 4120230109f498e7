"""Frames as a test makes them: any number, session and epoch, sent straight to the actor."""

import numpy as np

from actors.ray_runtime import ray
from engine.codec.frames import FRAME_HEADER, AnswerFrame, decode_answers, encode_frame
from tests.cluster.engine_process import Desk

UNORDERED = 0
"""The number of a frame that waits for no other."""


def frame_of(
    rows: np.ndarray, *, session: int = 0, number: int = UNORDERED, oldest: int = 1, epoch: int = 0
) -> bytes:
    """The bytes of a command frame."""
    header = np.zeros(1, FRAME_HEADER)[0]
    header["session_lo"], header["number"], header["oldest"] = session, number, oldest
    header["epoch"] = epoch
    return encode_frame(header, rows).tobytes()


def begin_call(desk: Desk, frame: bytes, actor: str = "p0000") -> "ray.ObjectRef[bytes]":
    """Send a frame and don't wait."""
    return desk.actors[actor].submit.remote(frame)


def call(desk: Desk, frame: bytes, actor: str = "p0000") -> AnswerFrame:
    """Send a frame once, without any resending, and wait for what comes back."""
    return decode_answers(ray.get(begin_call(desk, frame, actor), timeout=30))
