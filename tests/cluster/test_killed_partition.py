"""A partition's process is killed while clients send: it comes back, nothing is lost, nothing is doubled."""

import pytest

from engine.rows.layout import joined
from engine.vocabulary import AnswerCode
from tests.cluster.engine_process import Desk, wait_for
from tests.cluster.frames import call, frame_of
from tests.cluster.log_census import doubled, events_of, lost
from tests.cluster.sender import Sender

pytestmark = pytest.mark.faults


def test_a_partition_killed_under_load_comes_back_with_every_acknowledged_order_once(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:
    epoch = desk.status()["epoch"]
    sender = Sender(desk)
    wait_for("frames are acknowledged", lambda: len(sender.answers) >= 3)

    pid = desk.kill()
    status = desk.wait_for_successor(pid)
    answered = len(sender.answers)
    wait_for("frames are acknowledged by the successor", lambda: len(sender.answers) >= answered + 3)
    commands, answers = sender.finish()

    assert sender.trouble is None
    assert sender.is_right
    events = events_of(desk.engine.directory)
    assert lost(events, commands, answers["offset"]) == 0
    assert doubled(events) == 0
    assert status["epoch"] == epoch + 1
    told = f"p0000 was started again: pid {pid}, now {status['pid']}"
    wait_for("the host tells", lambda: told in desk.engine.printed.read_text())
    # What Ray has to say about it would stand in the middle of a result.
    assert capfd.readouterr().out == ""
    # Controls: the comparison sees an answer that is off by one, and an event that is there twice.
    assert lost(events, commands, answers["offset"] + 1) == len(commands)
    assert doubled(joined([events, events[-5:]])) == 5

    stale = call(desk, frame_of(desk.flow.wave(1)[0], epoch=epoch))
    assert (stale.header["code"], stale.header["epoch"]) == (AnswerCode.FENCED, epoch + 1)
    assert desk.status()["next_offset"] == len(events), "nothing of a stale frame happens"


@pytest.mark.parametrize("actor", ["projector-p0000", "reference", "snapshotter"])
def test_every_other_actor_comes_back_too(desk: Desk, actor: str) -> None:
    rows, codes = desk.flow.wave(10)

    pid = desk.kill(actor)
    answers = desk.deliver(rows)
    status = desk.wait_for_successor(pid, actor)

    assert (answers["code"] == codes).all(), "orders don't wait for it"
    assert status["ready"]
    again = desk.deliver(rows)
    assert (again["code"] == AnswerCode.DUPLICATE).all()
    assert again["offset"].tolist() == answers["offset"].tolist()
