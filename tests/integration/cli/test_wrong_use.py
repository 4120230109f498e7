"""Verbs that are called the wrong way: usage exits with 2, a directory without an engine with 1."""

from pathlib import Path

import pytest

from tests.unit.actors.cli.conftest import Run, made_engine, run

__all__ = ["made_engine", "run"]

ORDER = "--account A --strategy S --instrument I --side buy --qty 1 --price 1"

VERBS = [
    "start",
    "stop",
    "status",
    "doctor",
    "submit",
    "cancel",
    "orders",
    "positions",
    "exposure",
    "pnl",
    "halts",
    "leases",
    "verify",
    "dead-letters",
]
VERBS += ["demo", "log show", "log tail", "log export", "replay lobster", "replay mbo"]
VERBS += ["replay log", "replay compare"]
VERBS += ["bench throughput", "bench latency", "bench reads", "bench recovery", "backup", "restore"]


@pytest.mark.parametrize("verb", VERBS)
def test_help_names_the_json_form(run: Run, verb: str) -> None:
    done = run(*verb.split(), "--help")

    assert done.code == 0
    assert "--json" in done.out


@pytest.mark.parametrize("verb", VERBS)
def test_an_option_that_nobody_knows_is_usage(run: Run, verb: str) -> None:
    done = run(*verb.split(), "--nonsense")

    assert (done.code, done.out) == (2, "")
    assert "--nonsense" in done.err or "Missing" in done.err


@pytest.mark.parametrize("verb", VERBS)
def test_with_json_usage_is_a_document_too(run: Run, verb: str) -> None:
    done = run(*verb.split(), "--json", "--nonsense")

    assert done.code == 2
    assert "--nonsense" in done.error or "Missing" in done.error


def test_the_version_is_told(run: Run) -> None:
    assert run("--version") == (0, "orderfold 0.1.0\n", "")


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        ("cancel DIR", "name one: ORDER"),
        ("cancel DIR --all --account A", "name only one: ORDER"),
        ("exposure DIR --by moon", "'--by': 'moon' is not one of"),
        ("verify local:DIR", "name DIR itself"),
    ],
)
def test_usage_says_what_is_meant(run: Run, verb: str, says: str) -> None:
    assert says in run(*verb.split(), "--json").error


@pytest.mark.parametrize(
    "verb",
    [
        "nonsense",
        "start",
        "submit DIR --account A",
        "cancel DIR",
        "cancel DIR --all --account A",
        "exposure DIR --by moon",
        "exposure DIR --watch --json",
        "orders DIR --limit 0",
        "log show DIR --from -1",
        "log tail DIR --follow --json",
        "log export DIR --json",
        "demo --seconds 1",
        "bench latency --orders 0",
        "start DIR --config nowhere.toml",
        "replay lobster nowhere.csv --data DIR",
        "replay log DIR --digest-every -1",
        "replay compare DIR",
        "replay compare DIR DIR --json",
    ],
)
def test_wrong_use_is_usage(run: Run, tmp_path: Path, verb: str) -> None:
    done = run(*(str(tmp_path / "engine") if word == "DIR" else word for word in verb.split()))

    assert done.code == 2
    assert done.error if "--json" in verb else (done.err and not done.out)
    assert not (tmp_path / "engine").exists()


@pytest.mark.parametrize("form", ["", "--json"], ids=["human", "json"])
@pytest.mark.parametrize(
    "verb",
    [
        "stop DIR",
        "status DIR",
        f"submit DIR {ORDER}",
        f"submit local:DIR {ORDER}",
        "cancel DIR --all",
        "orders DIR",
        "positions DIR",
        "exposure DIR",
        "pnl DIR",
        "log show DIR",
        "log tail DIR",
        "log export DIR -o FILE",
        "replay log DIR",
        "verify DIR",
        "dead-letters DIR",
    ],
)
def test_a_directory_without_an_engine_is_a_failure_that_says_so(
    run: Run, tmp_path: Path, verb: str, form: str
) -> None:
    directory = str(tmp_path / "engine")

    done = run(*verb.replace("DIR", directory).replace("FILE", str(tmp_path / "file")).split(), *form.split())

    assert done.code == 1
    assert done.err.startswith("orderfold: ")
    assert directory in (done.error if form else done.err)
    assert form or not done.out
    assert done.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("verb", ["start DIR", "start DIR --detach", "demo DIR"])
def test_a_directory_with_files_of_somebody_else_is_left_as_it_is(
    run: Run, tmp_path: Path, verb: str
) -> None:
    (tmp_path / "holiday.jpg").touch()

    done = run(*(str(tmp_path) if word == "DIR" else word for word in verb.split()), "--json")

    assert done.code == 2
    assert done.error == f"{tmp_path} is not empty and no engine's: name a new or empty directory"
    assert [path.name for path in tmp_path.iterdir()] == ["holiday.jpg"]


@pytest.mark.parametrize("form", [(), ("--detach",)], ids=["in front", "detached"])
@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no memory file system at /dev/shm")
def test_a_start_in_memory_is_refused_before_anything_is_made(run: Run, form: tuple[str, ...]) -> None:
    directory = Path("/dev/shm/orderfold-test-of-start/engine")

    done = run("start", directory, *form)

    assert (done.code, done.out) == (1, "")
    assert f"{directory} is on tmpfs" in done.err
    assert not directory.parent.exists()


def test_a_configuration_of_another_number_of_partitions_is_refused(
    run: Run, tmp_path: Path, made_engine: Path
) -> None:
    config = tmp_path / "two.toml"
    config.write_text("[engine]\npartitions = 2\n")

    done = run("orders", f"local:{made_engine}", "--config", config, "--json")

    assert done.code == 2
    assert f"says partitions=2, but the engine in {made_engine} was made with 1" in done.error


def test_a_demo_does_not_mix_its_orders_with_those_of_an_engine(run: Run, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").touch()

    done = run("demo", tmp_path)

    assert (done.code, done.out) == (2, "")
    assert "holds an engine already: name a new directory for the demo" in done.err
