"""A test that needs real input is skipped where there is none, and fails where it must not be skipped."""

import pytest

from tests.architecture.house_rules import ROOT

# What a test file does when its input is missing, in the three ways it can.
MISSING_INPUT = """
import pytest

def test_by_fixture(data_dir):
    assert (data_dir / "lobster").is_dir()

@pytest.mark.data
@pytest.mark.skipif(True, reason="no such file")
def test_by_condition():
    raise AssertionError("not reached")

@pytest.mark.data
def test_in_its_body():
    pytest.skip("no such file")

def test_without_data():
    pytest.skip("needs another tool")
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A small project with our conftest, and no real input."""
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text())
    pytester.makeini("[pytest]\nmarkers =\n    data: reads real input\naddopts = -rs -p no:cacheprovider\n")
    pytester.makepyfile(MISSING_INPUT)
    monkeypatch.setenv("ORDERFOLD_DATA", str(pytester.path / "gone"))
    monkeypatch.delenv("ORDERFOLD_DATA_REQUIRED", raising=False)
    return pytester


def test_a_newcomer_without_the_input_skips_with_one_line_each(project: pytest.Pytester) -> None:
    result = project.runpytest()

    result.assert_outcomes(skipped=4)
    result.stdout.fnmatch_lines(["SKIPPED*real input is not at */gone: set ORDERFOLD_DATA"])


def test_where_the_input_is_required_a_skipped_data_test_has_failed(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORDERFOLD_DATA_REQUIRED", "1")

    result = project.runpytest()

    result.assert_outcomes(skipped=1, failed=1, errors=2)
    result.stdout.fnmatch_lines(["*test_by_fixture must not be skipped here*"])


def test_where_the_input_is_there_its_test_runs(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.path / "real" / "lobster").mkdir(parents=True)
    monkeypatch.setenv("ORDERFOLD_DATA", str(project.path / "real"))

    project.runpytest("-k", "by_fixture").assert_outcomes(passed=1)
