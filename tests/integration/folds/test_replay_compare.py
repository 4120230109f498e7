"""`orderfold replay compare`: what is equal is proved so; what is planted is found, at the right event."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.kernel.kernel import Kernel
from engine.kernel.tables import Tables
from engine.rows.events import ORDER_EVENT, REPORT_EVENT
from engine.vocabulary import EventKind
from storage.backup import copy_engine
from storage.checkpoints import decode_checkpoint
from storage.log_reader import LogReader
from storage.snapshots import SnapshotFiles
from tests.integration.folds.conftest import (
    SECOND_NS,
    Run,
    document_of,
    leave_snapshot,
    make_engine,
    rewritten,
    rows_of,
)
from tests.unit.actors.cli.conftest import NOON_NS


@pytest.fixture(scope="module")
def second_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An engine that got the same commands an hour later, with other ids drawn."""
    return make_engine(tmp_path_factory.mktemp("second") / "engine", NOON_NS + 3_600 * SECOND_NS, 10**6)


@pytest.fixture
def copy(engine: Path, tmp_path: Path) -> Path:
    """A copy of the made engine, to be changed."""
    return Path(shutil.copytree(engine, tmp_path / "copy"))


def found(run: Run, *sides: object, code: int = 1) -> dict[str, Any]:
    """What a comparison says of the partition's log."""
    done = run("replay", "compare", *sides, "--json")
    assert done.code == code, done
    document = json.loads(done.out)
    assert document["equal"] is (code == 0)
    finding: dict[str, Any] = next(log for log in document["logs"] if log["log"] == "p0000")
    return finding


def offset_of(directory: Path, kind: EventKind, number: int) -> int:
    """Where the event number so many of a kind lies."""
    return int(np.flatnonzero(rows_of(directory)["kind"] == kind)[number])


def changed_at(offset: int, change: Callable[[np.void], None], dtype: np.dtype[np.void]) -> Any:
    """A change of one event."""

    def changed(base: int, rows: np.ndarray) -> np.ndarray:
        if base <= offset < base + len(rows):
            change(rows.view(dtype)[offset - base])
        return rows

    return changed


def column(name: str, by: int) -> Callable[[np.void], None]:
    """A change of one column."""

    def changed(row: np.void) -> None:
        row[name] += by

    return changed


def id_of(directory: Path, offset: int) -> str:
    """The order that an event is about."""
    row = rows_of(directory)[offset]
    return f"{row['order_id_hi']:016x}{row['order_id_lo']:016x}"


def test_an_engine_and_its_backup_are_equal(run: Run, engine: Path, tmp_path: Path) -> None:
    copy_engine(engine, tmp_path / "saved")

    finding = found(run, engine, tmp_path / "saved", code=0)

    assert finding["end"] == len(rows_of(engine))
    assert finding["state"][0] == finding["state"][1] != ""
    assert "every byte" in finding["compared"]


def test_a_copy_that_ends_earlier_is_a_beginning_of_the_other(run: Run, engine: Path, tmp_path: Path) -> None:
    begun = rewritten(engine, tmp_path / "begun", lambda _, rows: rows)
    make_shorter(engine, tmp_path / "short")

    assert found(run, engine, begun, code=0)["told"] == ""
    finding = found(run, engine, tmp_path / "short", code=0)

    assert finding["told"] == f"A goes on to {len(rows_of(engine)):,}"
    assert finding["end"] == len(rows_of(tmp_path / "short"))


def make_shorter(engine: Path, target: Path) -> Path:
    """A copy without the events of the last block."""
    end = len(rows_of(engine))
    return rewritten(engine, target, lambda base, rows: rows[: 0 if base + len(rows) == end else None])


def test_two_runs_of_the_same_commands_are_equal_but_for_their_times(
    run: Run, engine: Path, second_run: Path
) -> None:
    finding = found(run, engine, second_run, code=0)

    assert "two runs" in finding["compared"]
    assert finding["state"][0] != finding["state"][1], "digests have the times in them"


def test_a_run_with_fewer_events_is_another_run(
    run: Run, engine: Path, second_run: Path, tmp_path: Path
) -> None:
    short = make_shorter(second_run, tmp_path / "short")

    difference = found(run, engine, short)["difference"]

    assert (difference["of"], difference["offset"]) == ("end", len(rows_of(short)))
    assert difference["says"].startswith("only A goes on")


@pytest.mark.parametrize("other", ["copy", "run"])
def test_one_changed_event_is_the_one_that_is_named(
    run: Run, engine: Path, second_run: Path, tmp_path: Path, other: str
) -> None:
    source = engine if other == "copy" else second_run
    offset = offset_of(source, EventKind.TRADE_EXECUTED, 17)
    changed = rewritten(source, tmp_path / "changed", changed_at(offset, column("last_px", 1), REPORT_EVENT))

    difference = found(run, engine, changed)["difference"]

    assert (difference["of"], difference["offset"], difference["is_exact"]) == ("events", offset, True)
    assert (difference["kind"], difference["order_id"]) == ("TRADE_EXECUTED", id_of(engine, offset))
    ((cell),) = difference["cells"]
    assert cell["column"] == "last_px"
    assert int(cell["b"]) == int(cell["a"]) + 1
    assert difference["order_id"] in run("replay", "compare", engine, changed).out


def test_up_to_an_offset_before_it_they_are_equal(run: Run, engine: Path, tmp_path: Path) -> None:
    offset = offset_of(engine, EventKind.ORDER_SUBMITTED, 20)
    changed = rewritten(engine, tmp_path / "changed", changed_at(offset, column("price", 1), ORDER_EVENT))

    assert run("replay", "compare", engine, changed, "--log", "p0000", "--to", offset).code == 0
    assert run("replay", "compare", engine, changed, "--log", "p0000", "--to", offset + 1).code == 1


def test_in_a_copy_times_count_and_between_runs_they_do_not(
    run: Run, engine: Path, second_run: Path, tmp_path: Path
) -> None:
    """The control of what is left out: nothing is, where two logs are one history."""
    offset = offset_of(engine, EventKind.ORDER_SUBMITTED, 5)
    later = changed_at(offset, column("ts_event", 1), ORDER_EVENT)

    difference = found(run, engine, rewritten(engine, tmp_path / "copy", later))["difference"]

    assert (difference["offset"], difference["cells"][0]["column"]) == (offset, "ts_event")
    found(run, engine, rewritten(second_run, tmp_path / "run", later), code=0)


def plant_from(monkeypatch: pytest.MonkeyPatch, offset: int, is_planted: Callable[[Kernel], bool]) -> None:
    """From the event at this offset on, some kernels count one too much for the first order."""
    sound = Kernel.fold

    def fold(kernel: Kernel, rows: np.ndarray, now_ns: int, keep: Any = None) -> None:
        before = kernel.next_offset
        sound(kernel, rows, now_ns, keep)
        if before <= offset < kernel.next_offset and is_planted(kernel):
            kernel.tables.orders["cum_qty"][1] += 1

    monkeypatch.setattr(Kernel, "fold", fold)


def test_two_folds_of_equal_logs_that_differ_are_found_at_their_first_event(
    run: Run, engine: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offset = offset_of(engine, EventKind.ORDER_CANCELED, 1)
    made: list[Kernel] = []

    def is_second(kernel: Kernel) -> bool:
        if not any(kernel is known for known in made):
            made.append(kernel)
        return len(made) % 2 == 0 and made[-1] is kernel

    plant_from(monkeypatch, offset, is_second)

    difference = found(run, engine, copy, "--log", "p0000")["difference"]

    assert (difference["of"], difference["offset"], difference["is_exact"]) == ("state", offset, True)
    assert (difference["kind"], difference["order_id"]) == ("ORDER_CANCELED", id_of(engine, offset))
    assert [(cell["table"], cell["row"], cell["column"]) for cell in difference["cells"]] == [
        ("orders", 1, "cum_qty")
    ]


def printed(run: Run, path: Path, *arguments: object) -> Path:
    """A document, in a file."""
    path.write_text(json.dumps(document_of(run, "log", *arguments)))
    return path


def test_what_this_code_printed_is_what_this_code_folds(run: Run, engine: Path, tmp_path: Path) -> None:
    document = printed(run, tmp_path / "all.json", engine, "--digest-every", 40)

    assert found(run, document, engine, code=0)["end"] == len(rows_of(engine))
    assert found(run, engine, document, code=0)["state"][0] != ""
    assert found(run, document, document, code=0)["end"] == len(rows_of(engine))


def test_a_kernel_with_a_mistake_is_found_by_what_a_sound_one_printed(
    run: Run, engine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the stretch, then, as the message says, the event."""
    offset = offset_of(engine, EventKind.TRADE_EXECUTED, 30)
    coarse = printed(run, tmp_path / "coarse.json", engine, "--digest-every", 40)
    begin, end = offset // 40 * 40, offset // 40 * 40 + 40
    fine = printed(run, tmp_path / "fine.json", engine, "--from", begin, "--to", end, "--digest-every", 1)
    plant_from(monkeypatch, offset, lambda _: True)

    stretch = found(run, coarse, engine)["difference"]
    event = found(run, fine, engine)["difference"]

    assert (stretch["of"], stretch["offset"], stretch["is_exact"]) == ("state", begin, False)
    assert f"--log p0000 --from {begin} --to {end} --digest-every 1" in stretch["says"]
    assert stretch["tables"] == event["tables"] == ["orders"]
    assert (event["offset"], event["is_exact"]) == (offset, True)
    assert (event["kind"], event["order_id"]) == ("TRADE_EXECUTED", id_of(engine, offset))


def test_a_document_of_other_events_says_that_the_events_differ(
    run: Run, engine: Path, tmp_path: Path
) -> None:
    offset = offset_of(engine, EventKind.TRADE_EXECUTED, 3)
    changed = rewritten(engine, tmp_path / "changed", changed_at(offset, column("last_px", 1), REPORT_EVENT))
    document = printed(run, tmp_path / "all.json", changed, "--digest-every", 1)

    difference = found(run, document, engine)["difference"]

    # The hash of a block says nothing about which of its events differs.
    assert (difference["of"], difference["is_exact"]) == ("events", False)
    assert difference["offset"] <= offset
    assert "compare the logs themselves" in difference["says"]


def end_of_block(directory: Path, number: int) -> int:
    """Where a block of the partition ends."""
    with LogReader.open(directory / "p0000") as reader:
        return [block.header.next_offset for block in reader.blocks(0)][number]


def test_a_snapshot_is_the_state_of_its_log(run: Run, copy: Path) -> None:
    position = end_of_block(copy, -2)
    leave_snapshot(copy, position)

    finding = found(run, f"{copy}@snapshot", copy, code=0)

    assert finding["end"] == position
    assert found(run, copy, f"{copy}@snapshot", code=0)["state"] == finding["state"]


@pytest.mark.parametrize("side", [0, 1])
def test_a_flipped_column_in_a_snapshot_is_found_with_the_event_that_set_it(
    run: Run, copy: Path, side: int
) -> None:
    low_words: list[int] = []

    def change(tables: Tables) -> None:
        low_words.append(int(tables.orders["key_lo"][3]))
        tables.orders["cum_qty"][3] ^= 1

    leave_snapshot(copy, end_of_block(copy, -1), change)
    rows = rows_of(copy)
    is_its = rows["order_id_lo"] == low_words[0]
    trades = np.flatnonzero(is_its & (rows["kind"] == EventKind.TRADE_EXECUTED))
    sides = (f"{copy}@snapshot", copy)

    difference = found(run, *sides[:: 1 if side == 0 else -1])["difference"]

    assert [(cell["table"], cell["row"], cell["column"]) for cell in difference["cells"]] == [
        ("orders", 3, "cum_qty")
    ]
    assert (difference["offset"], difference["kind"]) == (trades[-1], "TRADE_EXECUTED")
    assert difference["order_id"] == id_of(copy, trades[-1])
    cell = difference["cells"][0]
    assert int(cell["a" if side == 0 else "b"]) == int(cell["b" if side == 0 else "a"]) ^ 1


def test_a_flipped_slot_of_an_index_is_found(run: Run, copy: Path) -> None:
    def change(tables: Tables) -> None:
        tables.order_index[np.flatnonzero(tables.order_index)[0]] ^= 1

    leave_snapshot(copy, end_of_block(copy, -1), change)

    assert found(run, f"{copy}@snapshot", copy)["difference"]["tables"] == ["order_index"]


def test_a_damaged_snapshot_is_an_integrity_error(run: Run, copy: Path) -> None:
    leave_snapshot(copy, end_of_block(copy, -1))
    ((_, path),) = SnapshotFiles(copy / "snapshots" / "p0000").newest_first()
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(data)
    assert not hasattr(decode_checkpoint(path), "sections")

    done = run("replay", "compare", f"{copy}@snapshot", copy, "--json")

    assert done.code == 3
    assert "the file is damaged" in done.error


def test_a_damaged_log_is_an_integrity_error(run: Run, copy: Path, engine: Path) -> None:
    file = copy / "p0000" / "000001" / "data.mdb"
    file.write_bytes(file.read_bytes().replace(b"C000000000007", b"B000000000007"))

    done = run("replay", "compare", engine, copy, "--json")

    assert done.code == 3
    assert "log p0000" in done.error


@pytest.mark.parametrize(
    ("sides", "says"),
    [
        ("ENGINE NOWHERE", "holds no engine"),
        ("ENGINE@snapshot ENGINE", "nothing to compare"),
        ("ENGINE@snapshot ENGINE@snapshot", "both sides are snapshots"),
        ("ENGINE ENGINE --to 100000", "name an earlier offset"),
        ("ENGINE@snapshot ENGINE --to 10", "leave out --to"),
        ("ENGINE ENGINE --log p0009", "there is no log 'p0009'"),
        ("DOCUMENT SECOND", "digests of two runs differ"),
        ("OTHER ENGINE", "whose tables have other columns"),
        ("NONSENSE ENGINE", "is not what orderfold replay log --json prints"),
        ("UNORDERED ENGINE", "not in the order of their offsets"),
    ],
)
def test_what_can_not_be_compared_exits_with_two_and_says_why(
    run: Run, engine: Path, second_run: Path, tmp_path: Path, sides: str, says: str
) -> None:
    document = document_of(run, "log", engine)
    put = {
        "ENGINE": str(engine),
        "SECOND": str(second_run),
        "NOWHERE": str(tmp_path / "nowhere"),
        "DOCUMENT": str(tmp_path / "document.json"),
        "OTHER": str(tmp_path / "other.json"),
        "NONSENSE": str(tmp_path / "nonsense.json"),
        "UNORDERED": str(tmp_path / "unordered.json"),
    }
    Path(put["DOCUMENT"]).write_text(json.dumps(document))
    Path(put["OTHER"]).write_text(json.dumps(document | {"layout": "00"}))
    Path(put["NONSENSE"]).write_text("{}")
    document["logs"][0]["marks"].reverse()
    Path(put["UNORDERED"]).write_text(json.dumps(document))
    words = [put.get(word, word.replace("ENGINE@", f"{engine}@")) for word in sides.split()]

    done = run("replay", "compare", *words, "--json")

    assert done.code == 2, done
    assert says in done.error
