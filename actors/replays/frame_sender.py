"""Sends a draft's commands frame by frame, and knows the log's position after each command.

The engine's clock stands at the time of the frame's last message, and frames end where the rows of the file
put their ends. Both depend on the file alone: a run that was interrupted goes on in the same frames at the
same times.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from actors.replays.replay_report import ReplayReport
from engine.client.client import Client
from engine.client.transport import REFERENCE
from engine.errors import BadRequest
from engine.rows.answers import answer_rows
from engine.vocabulary import AnswerCode, CommandKind, Reason


class FileClock:
    """The engine's clock during a replay: UTC nanoseconds, set from the file, never going back."""

    def __init__(self, now_ns: int) -> None:
        self._now_ns = now_ns

    def __call__(self) -> int:
        """The time, UTC nanoseconds."""
        return self._now_ns

    def advance(self, now_ns: int) -> None:
        """Set the time of what is sent next."""
        self._now_ns = max(self._now_ns, now_ns)


class Sent(NamedTuple):
    """What became of a frame: the log's position before it and after each command, and who was accepted."""

    positions: np.ndarray
    is_accepted: np.ndarray


class FrameSender:
    """Sends rows and counts what was refused."""

    def __init__(self, client: Client, clock: FileClock, report: ReplayReport) -> None:
        self._client = client
        self._clock = clock
        self._report = report
        self._position = -1

    def send(self, rows: np.ndarray, time_ns: int) -> Sent:
        """Send COMMAND rows at the file's time `time_ns`; there is one position (int64) more than rows."""
        self._clock.advance(time_ns)
        answers = answer_rows(len(rows))
        for start, end in _pieces(rows):
            answers[start:end] = self._send_piece(rows[start:end])
        is_again = answers["code"] == AnswerCode.DUPLICATE
        is_accepted = np.where(is_again, answers["original_code"], answers["code"]) == AnswerCode.ACCEPTED
        self._report.commands += len(rows)
        self._report.duplicates += int(is_again.sum())
        self._blame(rows, answers, np.flatnonzero(~is_accepted))
        # A mark sent again is answered with the position of the latest mark: it says nothing about this row.
        offsets = np.where(rows["kind"] == CommandKind.SET_MARK, -1, answers["offset"])
        positions = np.maximum.accumulate(np.concatenate([[self._position], offsets]))
        self._position = int(positions[-1])
        return Sent(positions, is_accepted)

    def _send_piece(self, rows: np.ndarray) -> np.ndarray:
        """Send rows that go to one log; the reference log's offsets say nothing about the partition's."""
        if rows["kind"][0] != CommandKind.SET_TRADING_STATE:
            return self._client.send_rows(rows).rows
        answers, _ = self._client.connection.transport.deliver(REFERENCE, rows)
        answers["offset"] = -1
        return answers

    def _blame(self, rows: np.ndarray, answers: np.ndarray, refused: np.ndarray) -> None:
        """Count refusals, and stop where this directory holds other content under the same ids."""
        self._report.refusals += len(refused)
        for at in refused:
            code, reason = AnswerCode(answers["code"][at]), Reason(answers["reason"][at])
            kind, text = CommandKind(rows["kind"][at]).name, rows["text"][at].decode()
            row, what = (
                int(rows["correlation_hi"][at]) - 1,
                f"{kind} {text} was answered {code.name} {reason.name}",
            )
            if code in (AnswerCode.CONFLICT, AnswerCode.GAP, AnswerCode.STALE_TRADE_DATE):
                what += ": the directory holds a replay of other files; use one of its own"
                raise BadRequest(self._report.at(row, what))
            self._report.blame(row, what)


def _pieces(rows: np.ndarray) -> Iterator[tuple[int, int]]:
    """Where rows are cut, so that each piece goes to one log: trading states are the reference log's."""
    states = np.flatnonzero(rows["kind"] == CommandKind.SET_TRADING_STATE)
    cuts = sorted({0, len(rows), *states.tolist(), *(states + 1).tolist()})
    return pairwise(cuts)
