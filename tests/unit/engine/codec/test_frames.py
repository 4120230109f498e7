"""Frames have golden bytes, come back as they went, and are refused where they are not whole.

`frames.golden` has one frame of each kind: a name, and its bytes, 32 a line.
"""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from crc32c import crc32c

from engine.codec.frames import (
    ANSWER_HEADER,
    BRIEF,
    DETAIL,
    FRAME_HEADER,
    decode_answers,
    decode_frame,
    encode_answers,
    encode_frame,
)
from engine.errors import BadRequest
from engine.rows.answers import answer_rows
from engine.rows.commands import COMMAND, command_rows
from engine.vocabulary import AnswerCode, CommandKind, Lane, OrdStatus, Reason

GOLDEN = (Path(__file__).parent / "frames.golden").read_text()
ROWS_MAX = 4

Decode = Callable[[bytes], object]


def made_header(layout: np.dtype[np.void]) -> np.void:
    """A header whose fields are told apart by their values: 1, 2, 3 … by name."""
    header: np.void = np.zeros(1, layout)[0]
    for number, name in enumerate(sorted(layout.names or ()), 1):
        if name not in {"magic", "version", "crc", "count", "details", "spare"}:
            header[name] = number
    return header


def made_commands(count: int) -> np.ndarray:
    """Orders that differ in their ClOrdID."""
    rows = command_rows(count)
    rows["kind"], rows["lane"], rows["seq"] = CommandKind.SUBMIT_ORDER, Lane.OWNER, 1
    rows["price"], rows["qty"] = 1_000_000, 100
    rows["text"] = [b"C-%d" % number for number in range(count)]
    return rows


def made_answers() -> np.ndarray:
    """An acceptance, which a BRIEF row says whole, and a refusal, which it does not."""
    rows = answer_rows(2)
    rows["code"] = AnswerCode.ACCEPTED, AnswerCode.REJECTED
    rows["offset"], rows["version"], rows["leaves_qty"] = (7, 8), 1, (100, 0)
    rows["status"] = OrdStatus.PENDING_NEW, OrdStatus.REJECTED
    rows["reason"][1], rows["limit"][1], rows["observed"][1] = Reason.ORDER_QTY_EXCEEDED, 50, 100
    return rows


def command_frame(count: int = 2) -> bytes:
    return encode_frame(made_header(FRAME_HEADER), made_commands(count)).tobytes()


def answer_frame() -> bytes:
    return encode_answers(made_header(ANSWER_HEADER), made_answers())


def read_commands(data: bytes) -> object:
    return decode_frame(data, ROWS_MAX)


FRAMES: dict[str, tuple[Callable[[], bytes], Decode]] = {
    "command frame": (command_frame, read_commands),
    "answer frame": (answer_frame, decode_answers),
}
BOTH = pytest.mark.parametrize(("make", "decode"), FRAMES.values(), ids=FRAMES)


def golden_of(name: str) -> bytes:
    """The bytes of a golden frame."""
    found = re.search(rf"^{name}\n((?:  [0-9a-f]+\n)+)", GOLDEN, re.MULTILINE)
    assert found is not None
    return bytes.fromhex(found[1].replace("\n", ""))


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_has_the_golden_bytes(name: str) -> None:
    made = FRAMES[name][0]()

    assert made.hex(" ", 4) == golden_of(name).hex(" ", 4)


def test_the_parts_of_frames_have_their_sizes() -> None:
    parts = (FRAME_HEADER, COMMAND, ANSWER_HEADER, BRIEF, DETAIL)

    assert [part.itemsize for part in parts] == [80, 160, 64, 32, 80]


def test_commands_come_back_as_they_went_in_rows_of_their_own() -> None:
    sent = command_frame()
    frame = decode_frame(sent, ROWS_MAX)

    assert frame.commands.tobytes() == made_commands(2).tobytes()
    for name in ("session_hi", "session_lo", "number", "oldest", "epoch", "principal", "partition"):
        assert frame.header[name] == made_header(FRAME_HEADER)[name]
    frame.commands["principal"] = 9
    assert sent == command_frame()


def test_answers_come_back_as_they_went_and_only_refusals_are_detailed() -> None:
    frame = decode_answers(answer_frame())

    assert frame.answers.tobytes() == made_answers().tobytes()
    assert frame.header["details"] == 1
    assert len(answer_frame()) == 64 + 2 * 32 + 80


def test_an_acceptance_that_hands_out_a_handle_is_detailed() -> None:
    rows = made_answers()[:1]
    rows["handle"] = 12
    frame = decode_answers(encode_answers(made_header(ANSWER_HEADER), rows))

    assert frame.header["details"] == 1
    assert frame.answers["handle"] == 12


def test_an_answer_frame_may_be_empty_and_a_command_frame_may_not() -> None:
    assert len(decode_answers(encode_answers(made_header(ANSWER_HEADER), answer_rows(0))).answers) == 0
    with pytest.raises(BadRequest, match="a frame of 0 commands: send 1 to 4"):
        read_commands(command_frame(0))


def resealed(data: bytes, at: int, value: int) -> bytes:
    """A frame that says something else in the four bytes at `at`, with the CRC that fits."""
    said = data[:at] + value.to_bytes(4, "little") + data[at + 4 :]
    return said[:8] + crc32c(said[12:], crc32c(said[:8])).to_bytes(4, "little") + said[12:]


def flipped(data: bytes, place: int) -> bytes:
    """The bytes with one bit turned over."""
    return data[: place // 8] + bytes([data[place // 8] ^ 1 << place % 8]) + data[place // 8 + 1 :]


DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda data: b"", "a frame of 0 bytes is shorter than its header"),
    "half a header": (lambda data: data[:40], "a frame of 40 bytes is shorter than its header"),
    "noise": (lambda data: bytes(range(256)), "a frame begins with 03020100, expected"),
    "text": (lambda data: b"GET / HTTP/1.1\r\n" * 10, "a frame begins with 20544547, expected"),
    "truncated": (lambda data: data[:-1], r"body has \d+ bytes, its header says \d+"),
    "oversized": (lambda data: data + b"\0", r"body has \d+ bytes, its header says \d+"),
    "another version": (
        lambda data: data[:4] + b"\2\0" + data[6:],
        "frame version 2 is not 1: use the same release",
    ),
    "a flipped bit": (
        lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
        "CRC32C does not match its bytes",
    ),
    "a bad CRC": (lambda data: data[:8] + bytes(4) + data[12:], "CRC32C does not match its bytes"),
}


@BOTH
@pytest.mark.parametrize(("damage", "complaint"), DAMAGE.values(), ids=DAMAGE)
def test_a_frame_that_is_not_whole_is_refused(
    make: Callable[[], bytes], decode: Decode, damage: Callable[[bytes], bytes], complaint: str
) -> None:
    with pytest.raises(BadRequest, match=complaint):
        decode(damage(make()))


@BOTH
def test_no_flipped_bit_passes_unnoticed(make: Callable[[], bytes], decode: Decode) -> None:
    whole = make()
    decode(whole)
    for place in range(len(whole) * 8):
        with pytest.raises(BadRequest):
            decode(flipped(whole, place))


@BOTH
def test_no_length_but_the_right_one_is_taken(make: Callable[[], bytes], decode: Decode) -> None:
    whole = make()
    for kept in range(len(whole)):
        with pytest.raises(BadRequest):
            decode(whole[:kept])


def test_a_frame_of_the_other_kind_is_refused() -> None:
    with pytest.raises(BadRequest, match="begins with 4641464f, expected 4643464f"):
        read_commands(answer_frame())
    with pytest.raises(BadRequest, match="begins with 4643464f, expected 4641464f"):
        decode_answers(command_frame())


def test_more_commands_than_a_frame_may_have_are_refused_before_they_are_copied() -> None:
    assert len(decode_frame(command_frame(ROWS_MAX), ROWS_MAX).commands) == ROWS_MAX
    with pytest.raises(BadRequest, match="a frame of 5 commands: send 1 to 4"):
        read_commands(command_frame(ROWS_MAX + 1))
    with pytest.raises(BadRequest, match="a frame of 4294967295 commands"):
        read_commands(resealed(command_frame(), 12, 2**32 - 1))


def test_a_detail_of_a_command_that_is_not_there_is_refused() -> None:
    whole = answer_frame()

    with pytest.raises(BadRequest, match="details a command beyond the 2 that it answers"):
        decode_answers(resealed(whole, len(whole) - 8, 2))
