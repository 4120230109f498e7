"""A projection is folded anew under a running engine: readers notice nothing, and a wrong cell is caught."""

import json
import mmap
import shutil
import subprocess
import threading
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from actors.mapped_view import MappedView
from actors.roles.engine_files import capacity_of
from actors.roles.projection_checkpoint import checkpoint_path, rebuilt_path
from actors.roles.projector import Projector
from actors.view_layout import COPIED, HEADER, copies_of
from actors.view_writer import view_paths
from engine.kernel.kernel import used_rows
from engine.limits import NS_PER_SECOND
from storage.log_directory import log_name
from storage.log_reader import LogReader
from storage.manifest import read_manifest
from tests.cluster.engine_process import Desk, run_verb, wait_for

POLL_S = 0.001
PATIENCE_NS = 60 * NS_PER_SECOND
"""A projector that a busy machine holds up is no fault of a switch; one that has closed is noticed."""

ROWS = 256


class Reader(threading.Thread):
    """Reads the view a thousand times a second; keeps every position, with a digest of what it saw there."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self._view = MappedView.open(path, stale_after_ns=PATIENCE_NS)
        self._over = threading.Event()
        self.seen: list[tuple[int, bytes]] = []
        self.errors: list[Exception] = []

    def run(self) -> None:
        while not self._over.wait(POLL_S):
            try:
                table = self._view.exposure()
            except Exception as error:
                self.errors.append(error)
                continue
            self.seen.append((table.as_of[0], sha256(table.raw.tobytes()).digest()))

    def end(self) -> None:
        self._over.set()
        self.join()


class Traffic(threading.Thread):
    """Sends one frame after the other."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(daemon=True)
        self._desk = desk
        self._over = threading.Event()
        self.wrong = 0
        self.frames = 0

    def run(self) -> None:
        while not self._over.is_set():
            rows, codes = self._desk.flow.wave(ROWS)
            self.wrong += int((self._desk.deliver(rows)["code"] != codes).sum())
            self.frames += 1

    def end(self) -> None:
        self._over.set()
        self.join()


def rebuild(
    desk: Desk, name: str = "p0000-risk"
) -> tuple["subprocess.CompletedProcess[str]", dict[str, Any]]:
    """Run the verb; gives what became of it, and what it says of the projection."""
    done = run_verb("projection", "rebuild", desk.engine.directory, name, "--json")
    assert done.stdout, done.stderr
    return done, json.loads(done.stdout)["projections"][0]


def view_of(desk: Desk) -> Path:
    return view_paths(read_manifest(desk.engine.directory))[0]


def published(path: Path) -> dict[str, np.ndarray]:
    """The tables that readers see just now, to be read or written to."""
    with path.open("r+b") as file:
        memory = mmap.mmap(file.fileno(), 0)
    header = np.frombuffer(memory, HEADER, 1)[0]
    copies = copies_of(memoryview(memory), header["rows"].tolist())
    return copies[int(header["done"]) % 2].tables._asdict()


def wait_for_view(desk: Desk) -> int:
    """Wait until readers see the log's last event; gives the offset behind it."""
    with LogReader.open(desk.engine.directory / log_name(0)) as log:
        tip = log.tip_offset()
    view = MappedView.open(view_of(desk), stale_after_ns=PATIENCE_NS)
    wait_for("the view is at the log's end", lambda: view.as_of[0] == tip - 1)
    return tip


def test_readers_of_a_projection_that_is_rebuilt_notice_nothing(desk: Desk) -> None:
    directory, path = desk.engine.directory, view_of(desk)
    reader, traffic = Reader(path), Traffic(desk)
    reader.start()
    traffic.start()
    wait_for("there is something to read", lambda: traffic.frames > 2 and len(reader.seen) > 100)
    # The fold has nothing but the log to begin from.
    shutil.rmtree(directory / "snapshots", ignore_errors=True)
    shutil.rmtree(directory / "checkpoints", ignore_errors=True)
    before, pid = path.stat().st_ino, desk.status("projector-p0000")["pid"]

    done, row = rebuild(desk)
    reads_during, frames_during = len(reader.seen), traffic.frames
    wait_for("reads and orders go on", lambda: len(reader.seen) > reads_during + 100)
    wait_for("the new view follows", lambda: reader.seen[-1][0] > row["applied_offset"])
    wait_for("orders go on", lambda: traffic.frames > frames_during)
    traffic.end()
    reader.end()

    assert done.returncode == 0, done.stderr
    assert row["switched"]
    assert row["live_digest"] == row["rebuilt_digest"]
    assert path.stat().st_ino != before, "readers have another file now"
    assert desk.status("projector-p0000")["pid"] == pid, "of the same process"
    assert (reader.errors, traffic.wrong) == ([], 0)
    positions = [position for position, _ in reader.seen]
    assert positions == sorted(positions), "no reader's position goes back"
    assert len(set(reader.seen)) == len(set(positions)), "one position, one content"
    assert checkpoint_path(directory, 0).exists(), "what proved right is the checkpoint"
    assert not rebuilt_path(directory, 0).exists()
    assert_that_the_view_is_the_fold_of_the_log(desk)


def assert_that_the_view_is_the_fold_of_the_log(desk: Desk) -> None:
    tip = wait_for_view(desk)
    with LogReader.open(desk.engine.directory / log_name(0)) as log:
        projector = Projector(log, capacity_of(desk.engine.config, 0))
        projector.step(upto=tip - 1)
    shown = published(view_of(desk))
    for name in COPIED:
        rows = used_rows(projector.tables)[name]
        assert shown[name][: len(rows)].tobytes() == rows.tobytes(), name


def test_a_wrong_cell_in_the_live_view_is_caught_and_the_live_one_stays(desk: Desk) -> None:
    """The control: what is planted here must be found by the comparison, and by its name."""
    path = view_of(desk)
    desk.deliver(desk.flow.wave(ROWS)[0])
    wait_for_view(desk)
    tables, before = published(path), path.stat().st_ino
    tables["positions"].view(np.uint8)[tables["positions"].itemsize] ^= 1

    done, row = rebuild(desk, "risk")

    assert done.returncode == 3
    assert "p0000-risk differs from a second fold of its log" in done.stderr
    assert "view of positions" in done.stderr
    assert (row["switched"], row["differing"]) == (False, ["view of positions"])
    assert path.stat().st_ino == before, "the live one goes on"
    assert desk.is_ready("projector-p0000")
    shown = run_verb("status", desk.engine.directory)
    assert shown.returncode == 1
    assert "in doubt" in shown.stdout
    assert not checkpoint_path(desk.engine.directory, 0).exists(), "no checkpoint of it is trusted"
    wait_for("the host says so", lambda: "view of positions" in desk.engine.printed.read_text())

    tables["positions"].view(np.uint8)[tables["positions"].itemsize] ^= 1
    done, row = rebuild(desk)
    assert (done.returncode, row["switched"]) == (0, True)
    assert desk.status("projector-p0000")["doubt"] == ""


def test_the_list_names_what_can_be_rebuilt(desk: Desk) -> None:
    done = run_verb("projection", "list", desk.engine.directory, "--json")

    [row] = json.loads(done.stdout)["projections"]
    assert row["projection"] == "p0000-risk"
    assert row["next_offset"] == desk.status("projector-p0000")["applied_offset"] + 1
