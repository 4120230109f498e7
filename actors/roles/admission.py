"""Admission: what a partition checks and stamps on a frame before it may wait in the queue."""

import numpy as np

from engine.codec.frames import FRAME_HEADER, FRAME_MAGIC, Frame, decode_frame
from engine.errors import BadRequest
from engine.vocabulary import AuthMethod, CommandKind, Lane
from storage.log_identity import REFERENCE_PARTITION

DEFINITIONS = (
    CommandKind.SET_VENUE,
    CommandKind.SET_INSTRUMENT,
    CommandKind.SET_ACCOUNT,
    CommandKind.SET_STRATEGY,
    CommandKind.SET_PRINCIPAL,
    CommandKind.SET_LIMITS,
    CommandKind.SET_EXPOSURE_LIMITS,
    CommandKind.SET_THROTTLES,
    CommandKind.SET_TRADING_STATE,
    CommandKind.SET_FX,
    CommandKind.SET_FIRM_LIMIT,
    CommandKind.GRANT_LEASE,
)
"""Kinds that the reference log decides; a partition takes only its copies of their events."""

IS_DEFINITION = np.isin(np.arange(256), DEFINITIONS)
"""The same as bool, by kind: looked up for each row."""


def header_of(data: bytes | np.ndarray) -> np.void:
    """The FRAME_HEADER row that a frame begins with, nothing behind it looked at; zeros where it has none."""
    buffer = np.frombuffer(data, np.uint8)
    if len(buffer) >= FRAME_HEADER.itemsize:
        header: np.void = buffer[: FRAME_HEADER.itemsize].copy().view(FRAME_HEADER)[0]
        if header["magic"] == FRAME_MAGIC:
            return header
    nothing: np.void = np.zeros(1, FRAME_HEADER)[0]
    return nothing


def admit(data: bytes | np.ndarray, rows_max: int, partition: int) -> Frame:
    """Read a frame for a partition and stamp who sent it; BadRequest says what is wrong with it.

    A frame for another partition is refused whole: its accounts would have two writers. A command that this
    log does not decide loses its lane, so that it is answered INVALID by itself.
    """
    frame = decode_frame(data, rows_max)
    if frame.header["partition"] != partition:
        raise BadRequest(f"a frame for partition {frame.header['partition']} came to partition {partition}")
    commands = frame.commands
    commands["principal"] = frame.header["principal"]
    commands["auth_method"] = AuthMethod.DECLARED
    is_foreign = IS_DEFINITION[commands["kind"]] != (partition == REFERENCE_PARTITION)
    is_foreign &= commands["kind"] != CommandKind.RETURN_LEASE
    if is_foreign.any():
        commands["lane"][is_foreign] = 0
    commands["lane"][commands["lane"] == Lane.REFERENCE] = 0
    return frame
