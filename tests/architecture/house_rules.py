"""House rules that no linter knows: sizes, names, notes to self, and what the deciding code must not call.

`faults_of` judges one source text, so that the rules can be shown a bad one; `sources` finds the real ones.
"""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path, PurePath

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "storage", "actors")
EVERYWHERE = (*PACKAGES, "tests", "benchmarks")

# A file holds one idea. Past this length it holds two, and one of them is hard to find.
FILE_LINES_MAX = 400
# Tests list cases, and a long list is still one idea.
TEST_FILE_LINES_MAX = 600
# What fits on a screen. Docstrings do not count: length there is a service.
FUNCTION_LINES_MAX = 60
# Half of all functions are this short, or the parents have begun to compute.
FUNCTION_LINES_MEDIAN_MAX = 12

VAGUE_NAMES = frozenset(
    ["base", "common", "core", "helper", "helpers", "manager", "misc", "stuff", "types", "util", "utils"]
)
NOTES_TO_SELF = ("TODO", "FIXME", "XXX", "HACK")
# Each would make two folds of one log differ, or is input and output.
NOT_IN_ENGINE = {
    "hash": "is salted anew in every process",
    "id": "is an address in memory",
    "input": "reads from a terminal",
    "open": "touches a file",
    "print": "writes to a terminal",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(folders: tuple[str, ...] = EVERYWHERE) -> list[Path]:
    """Every Python file below the folders, in the order of its name."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def functions_of(tree: ast.Module) -> list[Function]:
    """Every function and method of a module, nested ones too."""
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def code_lines(function: Function) -> int:
    """Lines from `def` to the end, without decorators and docstring."""
    opening = function.body[0]
    has_docstring = ast.get_docstring(function) is not None
    docstring_lines = _last_line(opening) - opening.lineno + 1 if has_docstring else 0
    return _last_line(function) - function.lineno + 1 - docstring_lines


def faults_of(path: PurePath, text: str) -> list[str]:
    """What is wrong with a file, one sentence each; `path` is relative to the root of the repository."""
    tree = ast.parse(text)
    return [*_file_faults(path, text, tree), *_function_faults(tree), *_notes(text), *_calls(path, tree)]


def _file_faults(path: PurePath, text: str, tree: ast.Module) -> Iterator[str]:
    lines, limit = text.count("\n"), TEST_FILE_LINES_MAX if path.parts[0] == "tests" else FILE_LINES_MAX
    if lines > limit:
        yield f"has {lines} lines, at most {limit}: find the second idea and give it a file"
    if path.stem in VAGUE_NAMES:
        yield f"is called '{path.stem}', which says nothing: name it after what it holds"
    if text.strip() and ast.get_docstring(tree) is None:
        yield "has no docstring: say in one sentence what lives here"


def _function_faults(tree: ast.Module) -> Iterator[str]:
    for function in functions_of(tree):
        lines = code_lines(function)
        if lines > FUNCTION_LINES_MAX:
            yield f"line {function.lineno}: {function.name}() has {lines} lines, at most {FUNCTION_LINES_MAX}"


def _notes(text: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        words = token.string.replace(":", " ").replace("(", " ").split()
        if token.type == tokenize.COMMENT and any(note in words for note in NOTES_TO_SELF):
            yield f"line {token.start[0]}: a note to self; do it, or file it as an issue"


def _calls(path: PurePath, tree: ast.Module) -> Iterator[str]:
    if path.parts[0] != "engine":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NOT_IN_ENGINE:
            yield f"line {node.lineno}: {node.func.id}() {NOT_IN_ENGINE[node.func.id]}"


def _last_line(node: ast.stmt) -> int:
    assert node.end_lineno is not None, "every parsed node knows where it ends"
    return node.end_lineno
