"""Every verb, for people and for programs, with sound input and wrong: what it prints, and its exit code."""

import json
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from actors.cli.main import app
from tests.integration.cli.conftest import PROGRAM, Run

pytestmark = pytest.mark.cluster

NOBODYS_ORDER = "0000000000000000000000000000000a"
ORDER = ("--account", "ACC-1", "--strategy", "MEAN-REV", "--instrument", "AAPL", "--side", "buy")


class Case(NamedTuple):
    """A verb, what its human form shows, a key of its document and what that holds, and its exit code."""

    verb: str
    shows: str
    key: str
    holds: Callable[[Any], bool]
    code: int = 0


CASES = [
    Case("status DIR", "projector-p0000", "actors", lambda actors: len(actors) == 4),
    Case("doctor DIR", "fdatasync of 4 KiB", "findings", lambda findings: len(findings) == 10),
    Case("submit DIR @ORDER --qty 7 --price 190.50", "ACCEPTED order ", "code", "ACCEPTED".__eq__),
    Case(
        "submit DIR @ORDER --qty 7 --price 190.50 --cl-ord-id X", "", "order_id", lambda id_: len(id_) == 32
    ),
    Case("submit DIR @ORDER --qty 7 --price 190.50 --cl-ord-id X", "DUPLICATE", "code", "DUPLICATE".__eq__),
    Case("submit DIR @ORDER --qty 5000 --price 190.50", "5000 is above", "check", "ORDER_QTY".__eq__, 1),
    Case("orders DIR --account ACC-1", "PARTIALLY_FILLED", "rows", lambda rows: len(rows) >= 4),
    Case("orders DIR --open --limit 1", "there are more rows", "has_more", True.__eq__),
    Case("exposure DIR", "7,600.00", "rows", lambda rows: rows[0]["long"] == "7600.00000000"),
    Case("exposure DIR --by instrument --name AAPL", "7,600.00", "as_of", lambda as_of: as_of["0"] > 0),
    Case("positions DIR --instrument AAPL", "MEAN-REV", "rows", lambda rows: len(rows) == 1),
    Case("pnl DIR --by strategy", "MEAN-REV", "rows", lambda rows: "realized" in rows[0]),
    Case("pnl DIR --by firm", "FIRM", "rows", lambda rows: rows[0]["fees"] == "0.00000000"),
    Case("pnl DIR --by currency", "USD", "rows", lambda rows: "firm" not in rows[0]),
    Case(
        "exposure DIR --by firm --currency EUR", "without a mark or a rate: USD", "unpriced", ["USD"].__eq__
    ),
    Case("halts DIR", "", "rows", lambda rows: rows == []),
    Case("leases DIR", "", "rows", lambda rows: rows == []),
    Case(
        "cancel DIR --account ACC-1",
        "orders asked to cancel; they stay open",
        "acks",
        lambda acks: len(acks) == 1,
    ),
    Case("cancel DIR --all", "no order was asked to cancel", "orders_asked", lambda asked: asked == 0),
    Case("log show DIR --limit 9", "ORDER_SUBMITTED", "events", lambda events: len(events) == 9),
    Case("log show DIR --log reference", "ACCOUNT_DEFINED", "log", "reference".__eq__),
    Case("log tail DIR", "MASS_CANCEL_COMPLETED", "events", lambda events: len(events) == 20),
    Case("log export DIR -o FILE", "events of p0000 to", "events", lambda count: count > 20),
    Case("replay log DIR --from 1", "state digest at offset", "logs", lambda logs: len(logs) == 1),
    Case("replay compare DIR DIR", "they are equal", "equal", True.__eq__),
    Case("projection list DIR", "p0000-risk", "projections", lambda rows: rows[0]["next_offset"] > 0),
    Case("projection rebuild DIR p0000-risk", "took its place", "ok", True.__eq__),
    Case("verify DIR", "everything is what was written", "ok", True.__eq__),
    Case("dead-letters DIR", "1 kept", "letters", lambda letters: len(letters) == 1),
]


def words(case: str, directory: Path) -> list[str]:
    """The words of a verb, with this engine's directory, a file beside it, and the order's options put in."""
    put = {"DIR": [str(directory)], "FILE": [str(directory.parent / "events")], "@ORDER": list(ORDER)}
    return [part for word in case.split() for part in put.get(word, [word])]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.verb)
def test_a_verb_in_both_forms(run: Run, engine: Path, case: Case) -> None:
    human = run(*words(case.verb, engine))
    document = run(*words(case.verb, engine), "--json")

    assert (human.code, document.code) == (case.code, case.code), (human, document)
    assert case.shows in human.out
    assert case.holds(json.loads(document.out)[case.key]), document.out
    assert document.out.count("\n") == 1


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        ("submit DIR @ORDER --qty 1.5 --price 190.50", "qty=1.5 has more than 0 decimal places"),
        ("submit DIR @ORDER --qty 1 --price 190.505", "price=190.505 has more than 2 decimal places"),
        ("submit DIR @ORDER --qty 0 --price 190.50", "qty=0"),
        ("submit DIR @ORDER --qty 1 --price nan", 'write digits and at most one point, as "190.50"'),
        ("submit DIR @ORDER --qty 1 --price 1 --tif gtx", "not one of DAY, GTC, IOC"),
        (
            "submit DIR @ORDER --qty 1 --price 1 --account ACC-7",
            "unknown account 'ACC-7': did you mean ACC-1?",
        ),
        ("orders DIR zzz", "not an id of 32 hex digits"),
        ("exposure DIR --by strategy --name NOBODY", "unknown strategy 'NOBODY'"),
        (f"cancel DIR {NOBODYS_ORDER}", f"order {NOBODYS_ORDER} is not known"),
    ],
)
def test_what_could_never_be_right_is_usage_and_says_why(
    run: Run, engine: Path, verb: str, says: str
) -> None:
    done = run(*words(verb, engine), "--json")

    assert done.code == 2
    assert done.err.startswith("orderfold: ")
    assert says in done.error
    assert done.err.count("\n") == 1


def test_a_second_start_is_refused_and_names_the_first(run: Run, engine: Path) -> None:
    done = run("start", engine, "--json")

    assert done.code == 1
    assert "is in use by another engine (pid " in done.error


def test_every_verb_is_tried() -> None:
    verbs = {command.name for command in app.registered_commands} | {
        group.name for group in app.registered_groups
    }
    here = {case.verb.split()[0] for case in CASES} | {"start", "stop"}

    # What they need is made in files of their own: test_demo, test_bench_verbs, test_backup_verbs, replays.
    assert verbs - here == {"backup", "bench", "demo", "restore"}


def test_a_followed_log_shows_what_comes(run: Run, engine: Path) -> None:
    with subprocess.Popen(
        [PROGRAM, "log", "tail", engine, "-n", "1", "--follow"], stdout=subprocess.PIPE, text=True
    ) as following:
        assert following.stdout is not None
        heading, _ = following.stdout.readline(), following.stdout.readline()
        run("submit", engine, *ORDER, "--qty", 3, "--price", "190.10")
        come = following.stdout.readline()
        following.send_signal(signal.SIGINT)
        # To the end: a reader that leaves early is another way to end.
        following.stdout.read()

    assert heading.split()[:2] == ["offset", "time,"]
    assert "ORDER_SUBMITTED" in come
    assert "BUY 3 @ 190.10" in come
    assert following.returncode == 0


def test_exposure_that_is_watched_through_a_pipe_says_when_it_was_so(engine: Path) -> None:
    with subprocess.Popen(
        [PROGRAM, "exposure", engine, "--watch"], stdout=subprocess.PIPE, text=True
    ) as watching:
        assert watching.stdout is not None
        times = list(islice(watched_times(watching.stdout), 2))
        watching.send_signal(signal.SIGINT)
        watching.stdout.read()

    assert times == sorted(set(times))
    assert watching.returncode == 0


def watched_times(lines: Iterable[str]) -> Iterator[str]:
    """The lines that tell a time."""
    return (line for line in lines if line.endswith(" UTC\n"))


@pytest.fixture(scope="module")
def stopped(engine: Path) -> Path:
    """The engine's directory, once `orderfold stop` has ended it; the tests above need it running."""
    done = subprocess.run([PROGRAM, "stop", engine, "--json"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["stopped"] is True
    return engine


@pytest.mark.parametrize(
    "verb",
    [
        "status DIR",
        "submit DIR @ORDER --qty 1 --price 1",
        "orders DIR",
        "positions DIR",
        "exposure DIR",
        "pnl DIR",
        "cancel DIR --all",
    ],
)
def test_a_stopped_engine_is_named_with_the_way_to_start_it(run: Run, stopped: Path, verb: str) -> None:
    done = run(*words(verb, stopped))

    assert (done.code, done.out) == (1, "")
    assert done.err == f"orderfold: no engine runs in {stopped}: orderfold start {stopped}\n"


def test_what_does_not_run_can_not_be_stopped_and_need_not_be_started(run: Run, stopped: Path) -> None:
    done = run("stop", stopped)

    assert (done.code, done.out) == (1, "")
    assert done.err == f"orderfold: no engine runs in {stopped}: there is nothing to stop\n"


def test_a_stopped_engine_is_read_in_process_all_the_same(run: Run, stopped: Path) -> None:
    assert "PENDING_CANCEL" in run("orders", f"local:{stopped}", "--limit", 1_000).out
    assert run("verify", stopped).code == 0


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["human", "json"])
def test_a_damaged_log_exits_with_the_integrity_code(
    run: Run, stopped: Path, tmp_path: Path, form: tuple[str, ...]
) -> None:
    damaged = tmp_path / "engine"
    shutil.copytree(stopped, damaged)
    file = damaged / "p0000" / "000001" / "data.mdb"
    # Everywhere: pages that LMDB has written anew still lie in the file, and nobody reads those.
    file.write_bytes(file.read_bytes().replace(b"E-2", b"F-2"))

    done = run("verify", damaged, *form)

    assert done.code == 3
    assert "p0000" in done.out
