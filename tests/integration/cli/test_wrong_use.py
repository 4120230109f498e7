"""Verbs that are called the wrong way: usage exits with 2, a directory without an engine with 1."""

from pathlib import Path

import pytest

from tests.unit.actors.cli.conftest import Run

ORDER = "--account A --strategy S --instrument I --side buy --qty 1 --price 1"

VERBS = [
    "start",
    "stop",
    "status",
    "doctor",
    "submit",
    "cancel",
    "orders",
    "exposure",
    "verify",
    "dead-letters",
]
VERBS += ["demo", "log show", "log tail", "log export", "replay lobster", "replay mbo"]
VERBS += ["bench throughput", "bench latency", "bench reads"]


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
    ],
)
def test_wrong_use_is_usage(run: Run, tmp_path: Path, verb: str) -> None:
    done = run(*(str(tmp_path / "engine") if word == "DIR" else word for word in verb.split()))

    assert (done.code, done.out) == (2, "")
    assert done.err
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
        "exposure DIR",
        "log show DIR",
        "log tail DIR",
        "log export DIR -o FILE",
        "verify DIR",
        "dead-letters DIR",
    ],
)
def test_a_directory_without_an_engine_is_a_failure_that_says_so(
    run: Run, tmp_path: Path, verb: str, form: str
) -> None:
    directory = str(tmp_path / "engine")

    done = run(*verb.replace("DIR", directory).replace("FILE", str(tmp_path / "file")).split(), *form.split())

    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("orderfold: ")
    assert directory in done.err
    assert done.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_demo_does_not_mix_its_orders_with_those_of_an_engine(run: Run, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").touch()

    done = run("demo", tmp_path)

    assert (done.code, done.out) == (2, "")
    assert "holds an engine already: name a new directory for the demo" in done.err
