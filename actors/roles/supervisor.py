"""The supervisor: judges what the actors of an engine say, or don't say, and decides what to do about it.

Ray starts an actor again when its process dies. What is left to decide: a process that hangs is ended, so
that Ray starts another; one that can't open its log is tried again, ever more rarely; one whose log is
damaged is left as it is, because trying again changes nothing and only a person can help.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

SILENT_AFTER_S, SILENT_MOST_S = 10.0, 160.0
"""An actor that says nothing for so long hangs. A new one needs some seconds to import everything, many more
on a busy machine: so the patience doubles with each that was ended, until one is heard."""

RETRY_FIRST_S, RETRY_MOST_S = 1.0, 30.0
"""Pause before an actor that could not open its log is tried again; it doubles from the first to the last."""

Statuses = Mapping[str, Mapping[str, Any] | None]
"""What each actor says of itself, by its name; None where it has not answered."""


class Action(StrEnum):
    """What to do about an actor."""

    RESTART = "restart"
    REPORT = "report"


class Decision(NamedTuple):
    """What to do about which actor, and why, as a sentence for the operator."""

    actor: str
    action: Action
    reason: str


class _Watched:
    """What is remembered of one actor."""

    def __init__(self, now_s: float) -> None:
        self.heard_s = now_s
        self.patience_s = SILENT_AFTER_S
        self.pid = 0
        self.retry_s = RETRY_FIRST_S
        self.retry_at_s: float | None = None
        self.reported = ""


class Supervisor:
    """Judges one engine's actors, round by round; it calls nobody and reads no clock."""

    def __init__(self) -> None:
        self._watched: dict[str, _Watched] = {}

    def judge(self, now_s: float, statuses: Statuses) -> list[Decision]:
        """What is to be done after a round of asking; `now_s` is a steady time, seconds."""
        decisions: list[Decision] = []
        for actor, status in statuses.items():
            watched = self._watched.setdefault(actor, _Watched(now_s))
            if status is None:
                decisions += _judge_silence(actor, watched, now_s)
            else:
                decisions += _judge_status(actor, watched, now_s, status)
        return decisions


def _judge_silence(actor: str, watched: _Watched, now_s: float) -> list[Decision]:
    silent_s = now_s - watched.heard_s
    if silent_s < watched.patience_s:
        return []
    watched.heard_s = now_s
    watched.patience_s = min(2 * watched.patience_s, SILENT_MOST_S)
    return [Decision(actor, Action.RESTART, f"{actor} has not answered for {silent_s:.0f} s")]


def _judge_status(actor: str, watched: _Watched, now_s: float, status: Mapping[str, Any]) -> list[Decision]:
    watched.heard_s, watched.patience_s = now_s, SILENT_AFTER_S
    decisions = _judge_pid(actor, watched, status)
    failure = status.get("failure")
    if failure is not None:
        return [*decisions, *_judge_failure(actor, watched, now_s, failure)]
    doubt = status.get("doubt", "")
    if doubt and doubt != watched.reported:
        decisions.append(Decision(actor, Action.REPORT, doubt))
    if status["ready"]:
        watched.retry_s, watched.retry_at_s, watched.reported = RETRY_FIRST_S, None, doubt
    if status.get("silent_s", 0.0) > SILENT_AFTER_S:
        silent = f"{actor} answers, but its thread has done nothing for {status['silent_s']:.0f} s"
        return [*decisions, Decision(actor, Action.RESTART, silent)]
    return decisions


def _judge_pid(actor: str, watched: _Watched, status: Mapping[str, Any]) -> list[Decision]:
    before, watched.pid = watched.pid, int(status["pid"])
    if before in {0, watched.pid}:
        return []
    return [Decision(actor, Action.REPORT, f"{actor} was started again: pid {before}, now {watched.pid}")]


def _judge_failure(actor: str, watched: _Watched, now_s: float, failure: Mapping[str, Any]) -> list[Decision]:
    """A log that can't be opened or used: report it once, and try again unless something is damaged."""
    said = f"{actor} can't work: {failure['message']}"
    decisions = [] if watched.reported == said else [Decision(actor, Action.REPORT, said)]
    watched.reported = said
    if failure["is_integrity"]:
        return decisions
    if watched.retry_at_s is None:
        watched.retry_at_s = now_s + watched.retry_s
        watched.retry_s = min(2 * watched.retry_s, RETRY_MOST_S)
    elif now_s >= watched.retry_at_s:
        watched.retry_at_s = None
        decisions.append(Decision(actor, Action.RESTART, f"{actor} is tried again"))
    return decisions
