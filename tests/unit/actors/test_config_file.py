"""Configuration files: every shipped one loads; a bad one is refused with file, key, expected, found."""

import tomllib
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from actors.config_file import load_config
from engine.config import Config
from engine.errors import ConfigInvalid

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = sorted((ROOT / "configs").glob("*.toml"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "engine.toml"


def keys_of(config: object) -> set[tuple[str, str]]:
    """Every (section, key) of a configuration or of a parsed file."""
    tables = msgspec.to_builtins(config)
    return {(section, key) for section, table in tables.items() for key in table}


def test_configs_are_shipped() -> None:
    assert {path.name for path in SHIPPED} == {"local.toml", "production.example.toml"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_file_loads(path: Path) -> None:
    assert isinstance(load_config(path), Config)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_a_shipped_file_explains_its_keys(path: Path) -> None:
    """A comment stands above every key, or above the first of a group of neighbours."""
    lines = path.read_text().splitlines()

    unexplained = [key for above, key in pairwise(lines) if " = " in key and above[:1] in ("", "[")]

    assert unexplained == []


def test_the_local_file_names_every_key_and_says_what_the_defaults_are() -> None:
    local = ROOT / "configs" / "local.toml"

    assert keys_of(tomllib.loads(local.read_text())) == keys_of(Config())
    assert load_config(local) == Config()


def test_no_file_and_an_empty_file_mean_the_defaults(file: Path) -> None:
    file.write_text("")

    assert load_config(None) == load_config(file) == Config()


def test_a_file_holds_differences_only(file: Path) -> None:
    file.write_text("[engine]\npartitions = 3\n")

    config = load_config(file)

    assert config.engine.partitions == 3
    assert config.engine.orders_max == Config().engine.orders_max
    assert config.log == Config().log


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[engine]\npartions = 2", "[engine] partions: unknown key; did you mean partitions?"),
        ("[engin]\npartitions = 2", "engin: unknown section; did you mean engine?"),
        ("[marks]\nzzz = 1", "[marks] zzz: unknown key; known are interval_ms, band_ppm"),
        ("partitions = 2", "partitions: unknown section; did you mean partition?"),
        ("[engine]\npartitions = 0", "[engine] partitions: expected int >= 1, found 0"),
        ("[engine]\npartitions = 65", "[engine] partitions: expected int <= 64, found 65"),
        ("[engine]\npartitions = 1.5", "[engine] partitions: expected int, found 1.5"),
        ("[engine]\npartitions = true", "[engine] partitions: expected int, found True"),
        ("[engine]\npartitions = 'two'", "[engine] partitions: expected int, found 'two'"),
        ("[partition]\npipeline = 1", "[partition] pipeline: expected bool, found 1"),
        ("engine = 3", "[engine]: expected a section of keys, found 3"),
        (
            "[partition]\nalarm_percent = 96",
            "[partition] alarm_percent: expected at most one below refuse_percent (94), found 96",
        ),
        (
            "[client]\nframe_rows_max = 9000",
            "[client] frame_rows_max: expected at most [partition] frame_rows_max (8192), found 9000",
        ),
    ],
)
def test_a_bad_file_is_refused_with_its_key_and_what_was_expected(
    file: Path, text: str, complaint: str
) -> None:
    file.write_text(text)

    with pytest.raises(ConfigInvalid) as refusal:
        load_config(file)

    assert str(refusal.value) == f"{file}: {complaint}"


def test_a_file_that_is_not_toml_is_refused_with_the_line(file: Path) -> None:
    file.write_text("[engine]\npartitions = = 1")

    with pytest.raises(ConfigInvalid, match=r"is not TOML: .*line 2"):
        load_config(file)


def test_a_file_that_is_not_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigInvalid, match="is not TOML"):
        load_config(file)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"gone\.toml: cannot be read: No such file"):
        load_config(tmp_path / "gone.toml")
