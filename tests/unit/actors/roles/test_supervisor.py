"""The supervisor ends what hangs, tries again what may heal, leaves alone what is damaged."""

from itertools import pairwise

from actors.roles.supervisor import (
    RETRY_FIRST_S,
    RETRY_MOST_S,
    SILENT_AFTER_S,
    SILENT_MOST_S,
    Action,
    Supervisor,
)

READY: dict[str, object] = {"pid": 7, "ready": True}


def failed(message: str, *, is_integrity: bool = False) -> dict[str, object]:
    return {"pid": 7, "ready": False, "failure": {"message": message, "is_integrity": is_integrity}}


def actions(supervisor: Supervisor, now_s: float, status: dict[str, object] | None) -> list[Action]:
    return [decision.action for decision in supervisor.judge(now_s, {"p0000": status})]


def test_a_ready_actor_is_left_alone() -> None:
    supervisor = Supervisor()

    assert [actions(supervisor, now_s, READY) for now_s in range(100)] == [[]] * 100


def test_an_actor_that_does_not_answer_is_ended_once_and_given_time_again() -> None:
    supervisor = Supervisor()
    actions(supervisor, 0.0, READY)

    assert actions(supervisor, SILENT_AFTER_S - 0.1, None) == []
    assert actions(supervisor, SILENT_AFTER_S, None) == [Action.RESTART]
    assert actions(supervisor, SILENT_AFTER_S + 1, None) == []


def test_a_successor_on_a_busy_machine_is_given_twice_the_time_until_one_is_heard() -> None:
    supervisor = Supervisor()
    actions(supervisor, 0.0, READY)
    ended = [now_s for now_s in range(1, 1_000) if Action.RESTART in actions(supervisor, float(now_s), None)]

    assert ended[:4] == [10, 30, 70, 150]
    assert ended[-1] - ended[-2] == SILENT_MOST_S
    actions(supervisor, 1_000.0, READY)
    assert actions(supervisor, 1_000.0 + SILENT_AFTER_S, None) == [Action.RESTART]


def test_an_actor_whose_thread_hangs_is_ended_though_it_answers() -> None:
    assert actions(Supervisor(), 0.0, {**READY, "silent_s": SILENT_AFTER_S + 1}) == [Action.RESTART]


def test_a_new_process_is_reported_with_both_pids() -> None:
    supervisor = Supervisor()
    supervisor.judge(0.0, {"p0000": READY})

    [decision] = supervisor.judge(1.0, {"p0000": {**READY, "pid": 8}})

    assert (decision.action, decision.reason) == (Action.REPORT, "p0000 was started again: pid 7, now 8")


def test_a_log_that_can_not_be_opened_is_reported_once_and_tried_ever_more_rarely() -> None:
    supervisor = Supervisor()
    assert actions(supervisor, 0.0, failed("no space")) == [Action.REPORT]
    restarts = [
        now_s
        for now_s in range(1, 400)
        if Action.RESTART in actions(supervisor, float(now_s), failed("no space"))
    ]
    pauses = [later - earlier for earlier, later in pairwise(restarts)]

    assert restarts[0] <= RETRY_FIRST_S + 1
    assert pauses == sorted(pauses)
    assert RETRY_MOST_S <= pauses[-1] <= RETRY_MOST_S + 2


def test_a_damaged_log_is_reported_and_never_tried_again() -> None:
    supervisor = Supervisor()
    damaged = failed("block 3 is not what was written", is_integrity=True)

    seen = [actions(supervisor, float(now_s), damaged) for now_s in range(200)]

    assert seen == [[Action.REPORT]] + [[]] * 199


def test_a_doubt_is_reported_once_and_ends_nobody() -> None:
    supervisor = Supervisor()
    doubtful = {**READY, "doubt": "projection p0000-risk differs from a second fold of its log"}

    [decision] = supervisor.judge(0.0, {"projector-p0000": doubtful})

    assert (decision.action, decision.reason) == (Action.REPORT, doubtful["doubt"])
    assert supervisor.judge(1.0, {"projector-p0000": doubtful}) == []
    assert supervisor.judge(2.0, {"projector-p0000": {**READY, "doubt": ""}}) == []
    assert len(supervisor.judge(3.0, {"projector-p0000": doubtful})) == 1
