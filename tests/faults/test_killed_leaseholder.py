"""Two processes trade on leases of one limit and one is killed: together they never use more than that."""

import os
import selectors
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest

from actors.roles.engine_files import open_manifest
from engine.limits import NS_PER_SECOND
from engine.rows.commands import COMMAND
from engine.rows.events import HEAD
from engine.rows.layout import joined
from engine.vocabulary import AnswerCode, CommandKind, EventKind, Reason
from storage.log_directory import log_name
from storage.log_reader import LogReader
from tests.faults.leasing_child import Owner
from tests.model.words import Side
from tests.properties.lease_checks import PARTITIONS, REFERENCE, check, lease_of
from tests.properties.leased_firm import DEFINITIONS, LIMIT, order_of

ROOT = Path(__file__).resolve().parents[2]
ASKED_BEFORE, ASKED_BEHIND = 16, 10
"""Frames that the reference log gets of both, and of the one that lives on."""
HOUR_NS = 3_600 * NS_PER_SECOND


class Committed:
    """What a log holds on disk."""

    def __init__(self, directory: Path, partition: int) -> None:
        self.partition = partition
        with LogReader.open(directory / log_name(partition)) as reader:
            self.blocks = [
                (block.rows(HEAD).copy(), block.header.append_ts_last_ns)
                for block in reader.blocks(0)
                if block.header.count
            ]
        self.log = joined([rows for rows, _ in self.blocks])


@contextmanager
def children_of(directory: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """One process a partition; killed in the end, whatever they are doing."""
    with ExitStack() as stack:
        children = []
        for number in PARTITIONS:
            child = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.faults.leasing_child",
                    str(directory),
                    str(number),
                    str(number),
                ],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                bufsize=0,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            )
            stack.enter_context(child)
            stack.callback(child.kill)
            children.append(child)
        yield children


def serve(reference: Owner, children: list[subprocess.Popen[bytes]], frames: int) -> None:
    """Let the reference log decide so many frames, whichever comes first, and one of each child at least.

    Who has asked has begun its trading day. It goes on until something was granted and something returned:
    how many frames that takes depends on how fast the children are.
    """
    unheard = {child.stdout for child in children}
    lacking = {CommandKind.GRANT_LEASE, CommandKind.RETURN_LEASE}
    with selectors.DefaultSelector() as selector:
        for child in children:
            assert child.stdout is not None
            selector.register(child.stdout, selectors.EVENT_READ)
        while frames > 0 or unheard or lacking:
            for key, _ in selector.select():
                line = key.fileobj.readline()  # type: ignore[union-attr]
                assert line, "a child ended by itself"
                commands = np.frombuffer(bytes.fromhex(line.decode()), COMMAND).copy()
                reference.deliver(commands)
                lacking -= set(map(CommandKind, commands["kind"]))
                unheard.discard(key.fileobj)
                frames -= 1


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    open_manifest(tmp_path, len(PARTITIONS), lambda: uuid.uuid4().bytes)
    return tmp_path


def test_a_killed_partition_keeps_its_lease_and_nobody_exceeds_the_limit(directory: Path) -> None:
    reference = Owner(directory, REFERENCE, time.time_ns)
    assert (reference.tell(*DEFINITIONS)["code"] == AnswerCode.ACCEPTED).all()
    with children_of(directory) as children:
        serve(reference, children, ASKED_BEFORE)
        os.kill(children[0].pid, signal.SIGKILL)
        serve(reference, children[1:], ASKED_BEHIND)

    logs = {number: Committed(directory, number) for number in (REFERENCE, *PARTITIONS)}
    check(logs)
    granted = int(reference.partition.kernel.tables.budgets["granted"][1])
    assert 0 < granted <= LIMIT
    assert {EventKind.LEASE_GRANTED, EventKind.LEASE_RETURNED} <= set(logs[REFERENCE].log["kind"])

    back_in_an_hour(directory, reference)
    reference.partition.log.close()


def back_in_an_hour(directory: Path, reference: Owner) -> None:
    """The killed partition is started again: what it held has ended, until it is renewed."""
    owner = Owner(directory, 0, lambda: time.time_ns() + HOUR_NS)
    with LogReader.open(directory / log_name(REFERENCE)) as log:
        # It may have been killed between asking and hearing what it was granted.
        owner.follow(log)
        first = owner.tell(order_of(0, b"LATE", side=Side.BUY, qty=1, price=100))[0]
        for _ in range(4):
            owner.follow(log)
            wanted = owner.keep()
            if len(wanted):
                reference.deliver(wanted)
    lease = lease_of(owner.partition.kernel.tables)
    owner.partition.log.close()

    assert Reason(first["reason"]) == Reason.LEASE_EXPIRED
    assert lease["returning"] == 0
    check({number: Committed(directory, number) for number in (REFERENCE, *PARTITIONS)})
