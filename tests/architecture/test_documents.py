"""What the documents tell a reader to type exists."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.rows.schema import SCHEMAS
from tests.architecture import refusals_document
from tests.architecture.house_rules import ROOT

DOCUMENTS = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(program: str) -> list[str]:
    """The verbs that follow `program` in the documents, in fenced blocks and between backticks."""
    texts = [path.read_text() for path in DOCUMENTS]
    shown = [block for text in texts for block in FENCED.findall(text)]
    named = [span for text in texts for span in re.findall(r"`([^`\n]+)`", text)]
    verb = re.compile(rf"^(?:\$ )?{program} ([a-z][a-z-]*)", re.MULTILINE)
    return sorted({found for text in (*shown, *named) for found in verb.findall(text)})


def linked_files() -> list[tuple[str, str]]:
    """Every (document, target) of a link that stays inside the repository."""
    return [
        (str(path.relative_to(ROOT)), target)
        for path in DOCUMENTS
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text())
    ]


def test_the_documents_show_commands() -> None:
    """Otherwise the two tests below would hold of nothing."""
    assert {"demo", "test"} <= set(commands("make"))
    assert "demo" in commands("orderfold")


def test_every_make_verb_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(commands("make")) - targets == set()


@pytest.mark.parametrize("verb", commands("orderfold"))
def test_every_orderfold_verb_in_the_documents_exists(verb: str) -> None:
    program = Path(sys.executable).with_name("orderfold")

    done = subprocess.run([program, verb, "--help"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_the_table_of_refusals_is_the_one_that_the_code_makes() -> None:
    """`python -m tests.architecture.refusals_document` writes it anew."""
    assert refusals_document.PATH.read_text() == refusals_document.document()


@pytest.mark.parametrize(("document", "target"), linked_files())
def test_every_link_inside_the_repository_leads_somewhere(document: str, target: str) -> None:
    assert ((ROOT / document).parent / target).exists()


def test_the_data_format_names_every_later_version_of_a_row() -> None:
    rows = re.findall(
        r"^\| ([A-Z][A-Za-z, ]+) \| (\d+) \|", (ROOT / "docs/data-format.md").read_text(), re.MULTILINE
    )
    named = {(kind.strip(), int(version)) for kinds, version in rows for kind in kinds.split(",")}

    later = {(kind, version) for kind, version in SCHEMAS if version > 1}
    assert named == {(kind.name.title().replace("_", ""), version) for kind, version in later}
