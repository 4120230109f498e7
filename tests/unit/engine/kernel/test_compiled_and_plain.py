"""The rules give the same bytes compiled and as plain Python, and an edited rule is compiled again."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from engine.kernel.jit import IS_NATIVE
from tests.unit.engine.kernel.flow_in_child import Outcome, run_flow

ROOT = Path(__file__).parents[4]

compiled_only = pytest.mark.skipif(not IS_NATIVE, reason="rules that run as plain Python are not cached")
not_both_ways = pytest.mark.skipif(not IS_NATIVE, reason="compared where compiled tests run: once is enough")


def python(arguments: list[str], root: Path, **environment: str) -> str:
    """What a new Python process prints, with the packages of a source tree."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@not_both_ways
def test_a_flow_has_the_same_bytes_compiled_and_plain(capsys: pytest.CaptureFixture[str]) -> None:
    """This process runs it compiled, a child as plain Python."""
    here = run_flow()
    printed = python(["-m", "tests.unit.engine.kernel.flow_in_child"], ROOT, NUMBA_DISABLE_JIT="1")
    there = Outcome.parse(printed)
    with capsys.disabled():
        print(f"\n  compiled {here}\n  plain    {there}")

    assert there.is_native != here.is_native
    assert here.events > 1_000
    assert there._replace(is_native=here.is_native) == here


ASK_FOR_AN_ID = """
import numpy as np
from engine.kernel import jit
from engine.kernel.keys import fill_order_ids
from engine.rows.commands import command_rows
rows = command_rows(1)
names = np.zeros(1, [("name_w0", "<u8"), ("name_w1", "<u8")])
fill_order_ids(rows, names)
print(rows["order_id_lo"][0], jit.numba.config.CACHE_DIR, sum(fill_order_ids.stats.cache_hits.values()))
"""


class Asked(NamedTuple):
    """An order id, the folder in which the compiled rule is kept, and whether it was found there."""

    order_id: str
    folder: str
    hits: str


class Tree:
    """A copy of the engine's sources, and a cache of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        shutil.copytree(ROOT / "engine", folder / "engine", ignore=shutil.ignore_patterns("__pycache__"))

    def ask(self) -> Asked:
        """Ask a new process for an order id, which `keys.py` makes with the rules of `siphash.py`."""
        cache = str(self.root / "cache")
        printed = python(["-c", ASK_FOR_AN_ID], self.root, NUMBA_CACHE_DIR=cache, NUMBA_DISABLE_JIT="0")
        return Asked(*printed.split())

    def edit(self, file: str, pattern: str, replacement: str) -> None:
        """Replace the one place that a pattern matches."""
        path = self.root / "engine" / file
        text, count = re.subn(pattern, replacement, path.read_text())
        assert count == 1, f"{pattern} is {count} times in {file}"
        path.write_text(text)

    def edit_leaf(self) -> None:
        """Change a rule that is called from another file."""
        self.edit("kernel/siphash.py", r"_13 = np\.uint64\(13\)", "_13 = np.uint64(12)")


@compiled_only
def test_an_edit_in_a_called_file_is_seen_by_the_next_process(tmp_path: Path) -> None:
    tree = Tree(tmp_path)
    before = tree.ask()
    tree.edit_leaf()
    after = tree.ask()

    assert after.order_id != before.order_id
    assert after.folder != before.folder
    assert after.hits == "0"


@compiled_only
def test_without_the_digest_in_its_name_the_folder_would_give_the_old_rule(tmp_path: Path) -> None:
    """The control: what was compiled is found again, because Numba looks at the entry's own file only."""
    tree = Tree(tmp_path)
    tree.edit("kernel/jit.py", r"CODE_VERSION = code_digest\(\)", "CODE_VERSION = bytes(32)")
    before = tree.ask()
    tree.edit_leaf()
    after = tree.ask()

    assert after == before._replace(hits="1")
