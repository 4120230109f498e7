"""Frames: the bytes that carry commands to a partition, and its answers back.

Each is one structured header row and then rows of fixed width, so that NumPy reads both in place:

    command frame   FRAME_HEADER (80 bytes), COMMAND rows (160 bytes each)
    answer frame    ANSWER_HEADER (64 bytes), BRIEF rows (32 bytes, one a command), DETAIL rows (80 bytes)

A DETAIL row is there only for an answer that says more than a BRIEF row can: a refusal, a repetition, a gap.
The CRC32C in each header covers all of the frame before it and behind it.
"""

from typing import NamedTuple

import numpy as np
from crc32c import crc32c

from engine.errors import BadRequest
from engine.rows.answers import ANSWER, ANSWER_FIELDS
from engine.rows.commands import COMMAND
from engine.rows.layout import Field, row_dtype
from engine.vocabulary import AnswerCode

FRAME_VERSION = 1
FRAME_MAGIC = 0x4643464F
ANSWER_MAGIC = 0x4641464F

_CRC = slice(8, 12)
"""Where the CRC lies in both headers."""

FRAME_HEADER = row_dtype(
    [
        Field("magic", "<u4", 0),
        Field("version", "<u2", 4),
        Field("auth_method", "u1", 6),
        Field("crc", "<u4", 8),
        Field("count", "<u4", 12),
        Field("session_hi", "<u8", 16),
        Field("session_lo", "<u8", 24),
        Field("number", "<u8", 32),
        Field("oldest", "<u8", 40),
        Field("epoch", "<u8", 48),
        Field("principal", "<u4", 56),
        Field("partition", "<u4", 60),
        Field("spare", "S16", 64),
    ],
    80,
)
"""`number` counts a session's frames 1, 2, 3 …; `oldest` is the first the client still waits for.

`epoch` is the owner the client believes in, 0 if it doesn't know one yet.
"""

ANSWER_HEADER = row_dtype(
    [
        Field("magic", "<u4", 0),
        Field("version", "<u2", 4),
        Field("code", "u1", 6),
        Field("crc", "<u4", 8),
        Field("count", "<u4", 12),
        Field("details", "<u4", 16),
        Field("retry_after_ms", "<u4", 20),
        Field("number", "<u8", 24),
        Field("epoch", "<u8", 32),
        Field("tip", "<i8", 40),
        Field("now_ns", "<i8", 48),
        Field("partition", "<u4", 56),
        Field("spare", "S4", 60),
    ],
    64,
)
"""`code` is ACCEPTED where every command has its own answer, else what became of the whole frame.

`tip` is the next offset of the log on which the answers stand, and `now_ns` the time of the decision.
"""

_BRIEF_FIELDS = [
    Field("offset", "<i8", 0),
    Field("cum_qty", "<i8", 8),
    Field("leaves_qty", "<i8", 16),
    Field("version", "<u4", 24),
    Field("reason", "<u2", 28),
    Field("code", "u1", 30),
    Field("status", "u1", 31),
]
BRIEF = row_dtype(_BRIEF_FIELDS, 32)
BRIEF_NAMES = [field.name for field in _BRIEF_FIELDS]

DETAIL = row_dtype([*ANSWER_FIELDS, Field("index", "<u4", 72)], 80)
"""A whole answer and the index of its command in the frame."""


class Frame(NamedTuple):
    """A command frame as a partition sees it: the header row, and its own writable copy of the rows."""

    header: np.void
    commands: np.ndarray


class AnswerFrame(NamedTuple):
    """An answer frame as a client sees it: the header row and one ANSWER row a command."""

    header: np.void
    answers: np.ndarray


def encode_frame(header: np.void, commands: np.ndarray) -> np.ndarray:
    """The bytes of a command frame, uint8; `header` is a FRAME_HEADER row without magic, count and CRC."""
    frame = np.empty(FRAME_HEADER.itemsize + commands.nbytes, np.uint8)
    frame[FRAME_HEADER.itemsize :] = commands.view(np.uint8).reshape(-1)
    return _seal_header(frame, header, FRAME_MAGIC, len(commands))


def _seal_header(frame: np.ndarray, header: np.void, magic: int, count: int) -> np.ndarray:
    header["magic"] = magic
    header["version"] = FRAME_VERSION
    header["count"] = count
    frame[: header.nbytes] = np.frombuffer(header.tobytes(), np.uint8)
    frame[_CRC].view("<u4")[0] = _crc_of(frame)
    return frame


def decode_frame(data: bytes | np.ndarray, rows_max: int) -> Frame:
    """Read a command frame; BadRequest says what is wrong with one that is not whole.

    The rows are copied: the buffer may be shared and read-only, and the partition stamps what it knows.
    """
    buffer = np.frombuffer(data, np.uint8)
    header = _checked_header(buffer, FRAME_HEADER, FRAME_MAGIC)
    count = int(header["count"])
    if count == 0 or count > rows_max:
        raise BadRequest(f"a frame of {count} commands: send 1 to {rows_max}")
    body = _checked_body(buffer, header, count * COMMAND.itemsize)
    return Frame(header, np.frombuffer(body.tobytes(), COMMAND).copy())


def _checked_header(buffer: np.ndarray, layout: np.dtype[np.void], magic: int) -> np.void:
    if len(buffer) < layout.itemsize:
        raise BadRequest(f"a frame of {len(buffer)} bytes is shorter than its header of {layout.itemsize}")
    header: np.void = buffer[: layout.itemsize].copy().view(layout)[0]
    if header["magic"] != magic:
        raise BadRequest(f"a frame begins with {int(header['magic']):08x}, expected {magic:08x}")
    if header["version"] != FRAME_VERSION:
        raise BadRequest(f"frame version {header['version']} is not {FRAME_VERSION}: use the same release")
    return header


def _checked_body(buffer: np.ndarray, header: np.void, size: int) -> np.ndarray:
    body = buffer[header.nbytes :]
    if len(body) != size:
        raise BadRequest(f"a frame's body has {len(body)} bytes, its header says {size}")
    if _crc_of(buffer) != header["crc"]:
        raise BadRequest("a frame's CRC32C does not match its bytes: it was damaged on the way")
    return body


def _crc_of(frame: np.ndarray) -> int:
    """The CRC32C of a whole frame but for the CRC itself."""
    return int(crc32c(frame[_CRC.stop :].data, crc32c(frame[: _CRC.start].data)))


def encode_answers(header: np.void, answers: np.ndarray) -> bytes:
    """The bytes of an answer frame; `header` is an ANSWER_HEADER row without magic, counts and CRC."""
    detailed = np.flatnonzero(answers["code"] != AnswerCode.ACCEPTED)
    has_handle = np.flatnonzero((answers["handle"] != 0) & (answers["code"] == AnswerCode.ACCEPTED))
    if len(has_handle):
        detailed = np.union1d(detailed, has_handle)
    brief = np.empty(len(answers), BRIEF)
    for name in BRIEF_NAMES:
        brief[name] = answers[name]
    detail = np.zeros(len(detailed), DETAIL)
    for name in ANSWER.names or ():
        detail[name] = answers[name][detailed]
    detail["index"] = detailed
    header["details"] = len(detailed)
    frame = np.empty(ANSWER_HEADER.itemsize + brief.nbytes + detail.nbytes, np.uint8)
    frame[ANSWER_HEADER.itemsize : ANSWER_HEADER.itemsize + brief.nbytes] = brief.view(np.uint8)
    frame[ANSWER_HEADER.itemsize + brief.nbytes :] = detail.view(np.uint8)
    return _seal_header(frame, header, ANSWER_MAGIC, len(answers)).tobytes()


def decode_answers(data: bytes | np.ndarray) -> AnswerFrame:
    """Read an answer frame; BadRequest says what is wrong with one that is not whole."""
    buffer = np.frombuffer(data, np.uint8)
    header = _checked_header(buffer, ANSWER_HEADER, ANSWER_MAGIC)
    split = int(header["count"]) * BRIEF.itemsize
    body = _checked_body(buffer, header, split + int(header["details"]) * DETAIL.itemsize)
    brief = np.frombuffer(body[:split].tobytes(), BRIEF)
    detail = np.frombuffer(body[split:].tobytes(), DETAIL)
    if (detail["index"] >= len(brief)).any():
        raise BadRequest(f"an answer frame details a command beyond the {len(brief)} that it answers")
    answers = np.zeros(len(brief), ANSWER)
    for name in BRIEF_NAMES:
        answers[name] = brief[name]
    for name in ANSWER.names or ():
        answers[name][detail["index"]] = detail[name]
    return AnswerFrame(header, answers)
