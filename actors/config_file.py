"""Reads a TOML file into the engine's configuration, and says exactly what is wrong with a bad one.

Every complaint names the file, the key, what was expected and what was found. A key nobody knows is an
error with a suggestion, because a misspelt limit that is silently ignored is no limit.
"""

import difflib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec.structs import FieldInfo, fields

from engine.config import Config, Section
from engine.errors import ConfigInvalid

Made = TypeVar("Made", bound=Section)


def load_config(path: Path | None = None) -> Config:
    """The configuration in the TOML file `path`; the embedded defaults where the file, or a key, is absent.

    Raises `ConfigInvalid` for a file that cannot be read, is no TOML, names an unknown section or key, or
    gives a value its key may not take.
    """
    if path is None:
        return Config()
    found = _read_toml(path)
    known = _known(fields(Config), found, f"{path}:", "section")
    sections: dict[str, Any] = {
        field.name: _section(field.type, table, f"{path}: [{field.name}]") for field, table in known
    }
    return _made(Config, sections, f"{path}:")


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigInvalid(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise ConfigInvalid(f"{path}: is not TOML: {error}") from error


def _section(kind: type[Section], table: object, place: str) -> Section:
    """One section, each value converted by itself, so that a complaint can name its key."""
    if not isinstance(table, dict):
        raise ConfigInvalid(f"{place}: expected a section of keys, found {table!r}")
    known = _known(fields(kind), table, place, "key")
    return _made(kind, {field.name: _value(field, value, place) for field, value in known}, place)


def _known(
    known: Iterable[FieldInfo], found: Mapping[str, object], place: str, what: str
) -> list[tuple[FieldInfo, object]]:
    """What was found beside the field it belongs to; refuses a name that no field has."""
    by_name = {field.name: field for field in known}
    for name in found:
        if name not in by_name:
            close = difflib.get_close_matches(name, by_name, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(by_name)}"
            raise ConfigInvalid(f"{place} {name}: unknown {what}; {hint}")
    return [(by_name[name], value) for name, value in found.items()]


def _value(field: FieldInfo, value: object, place: str) -> object:
    try:
        return msgspec.convert(value, field.type)
    except msgspec.ValidationError as error:
        expected = str(error).split(", got")[0].replace("Expected", "expected").replace("`", "")
        raise ConfigInvalid(f"{place} {field.name}: {expected}, found {value!r}") from error


def _made(kind: type[Made], values: dict[str, Any], place: str) -> Made:
    """The section or configuration itself, which refuses values that contradict one another."""
    try:
        return kind(**values)
    except ValueError as error:
        raise ConfigInvalid(f"{place} {error}") from error
