"""Every file keeps the house rules, and the rules catch a file that does not."""

import ast
import statistics
from pathlib import Path, PurePath

import msgspec
import pytest

from engine.config import Config
from tests.architecture.house_rules import (
    FILE_LINES_MAX,
    FUNCTION_LINES_MAX,
    FUNCTION_LINES_MEDIAN_MAX,
    PACKAGES,
    ROOT,
    code_lines,
    faults_of,
    functions_of,
    sources,
)

DOCSTRING = '"""A file."""\n'


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_a_file_keeps_the_house_rules(path: Path) -> None:
    assert faults_of(path.relative_to(ROOT), path.read_text()) == []


def test_half_of_all_functions_are_short() -> None:
    lengths = [
        code_lines(function)
        for path in sources(PACKAGES)
        for function in functions_of(ast.parse(path.read_text()))
    ]

    assert statistics.median(lengths) <= FUNCTION_LINES_MEDIAN_MAX


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        ("engine/utils.py", DOCSTRING, "'utils', which says nothing"),
        ("engine/book.py", "x = 1\n", "no docstring"),
        ("engine/book.py", DOCSTRING + "x = 1\n" * FILE_LINES_MAX, "has 401 lines"),
        ("engine/book.py", DOCSTRING + "def f():\n" + "    x = 1\n" * FUNCTION_LINES_MAX, "f() has 61 lines"),
        ("engine/book.py", DOCSTRING + "slot = hash(name) % 8\n", "line 2: hash() is salted"),
        ("engine/book.py", DOCSTRING + "print('filled')\n", "line 2: print() writes"),
        ("storage/block.py", DOCSTRING + "x = 1  # TODO: check\n", "line 2: a note to self"),
    ],
)
def test_the_rules_catch_a_bad_file(path: str, text: str, fault: str) -> None:
    faults = faults_of(PurePath(path), text)

    assert len(faults) == 1
    assert fault in faults[0]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("storage/block.py", DOCSTRING + "print(hash('a'))\n"),
        ("engine/book.py", DOCSTRING + "note = 'TODO'\n"),
        (
            "engine/book.py",
            DOCSTRING + "def f():\n    '''" + "x\n" * FUNCTION_LINES_MAX + "'''\n    return 1\n",
        ),
    ],
    ids=["a call that only engine may not make", "a word in a text", "a long docstring"],
)
def test_the_rules_leave_a_good_file_alone(path: str, text: str) -> None:
    assert faults_of(PurePath(path), text) == []


def test_every_folder_of_code_is_a_package() -> None:
    """Without this, tests/unit/engine would be imported as `engine` and hide the real one."""
    folders = {path.parent for path in sources()}

    assert [name_of(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_every_key_of_the_configuration_is_read() -> None:
    """A key that nothing reads promises a limit that nobody keeps."""
    keys = {
        f"[{section.name}] {key.name}": key.name
        for section in msgspec.structs.fields(Config)
        for key in msgspec.structs.fields(section.type)
    }
    read = {
        node.attr
        for path in sources(PACKAGES)
        if path.name != "config.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
    }

    assert [place for place, key in keys.items() if key not in read] == []
