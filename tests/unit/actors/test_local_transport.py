"""An engine in this process: it opens wholly or not at all, and once closed or broken it says so."""

from pathlib import Path

import numpy as np
import pytest

from actors.local_transport import LocalTransport
from actors.warm_up import SMALL
from engine.client.transport import REFERENCE
from engine.errors import OutcomeUnknown, Unavailable
from engine.reads.questions import ReadStatus, encode_question
from engine.rows.commands import command_rows
from engine.vocabulary import CommandKind, Lane
from storage.errors import LogPoisoned, StorageError


def opened(directory: Path) -> LocalTransport:
    return LocalTransport(directory, SMALL, lambda: 1, allow_volatile=True)


def venue(name: bytes) -> np.ndarray:
    """A definition of a venue."""
    rows = command_rows(1)
    rows["kind"], rows["lane"], rows["text"] = CommandKind.SET_VENUE, Lane.OPERATOR, name
    rows["request_lo"] = int.from_bytes(name, "little")
    return rows


def test_what_could_not_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    directory = tmp_path / "engine"
    opened(directory).close()
    data = directory / "p0000" / "000001" / "data.mdb"
    whole = data.read_bytes()
    data.write_bytes(whole[:4_096])
    with pytest.raises(StorageError):
        opened(directory)
    data.write_bytes(whole)

    transport = opened(directory)

    transport.deliver(REFERENCE, venue(b"V"))
    transport.close()


def test_a_closed_engine_answers_nobody(tmp_path: Path) -> None:
    transport = opened(tmp_path / "engine")
    transport.close()

    with pytest.raises(Unavailable, match="this client is closed: connect again"):
        transport.deliver(REFERENCE, venue(b"V"))
    with pytest.raises(Unavailable, match="this client is closed: connect again"):
        transport.ask(0, encode_question(ReadStatus()))


def test_after_a_failed_commit_nothing_is_taken_and_the_next_opening_finds_the_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = opened(tmp_path / "engine")
    log = transport.partitions[REFERENCE].log

    def fail(_: object) -> None:
        raise LogPoisoned("reference", "the disk is gone")

    monkeypatch.setattr(log, "append", fail)
    with pytest.raises(OutcomeUnknown, match="the disk is gone"):
        transport.deliver(REFERENCE, venue(b"V"))
    with pytest.raises(Unavailable, match="connect again"):
        transport.deliver(REFERENCE, venue(b"V"))
    transport.close()
    again = opened(tmp_path / "engine")

    answers, _ = again.deliver(REFERENCE, venue(b"V"))

    assert answers["code"].tolist() == [1]
    again.close()
