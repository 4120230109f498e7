"""What every test may ask for: the real input, and how Hypothesis behaves here.

Real input is not part of this repository. It is looked for where `ORDERFOLD_DATA` says, by default in
`../shared/data`. A newcomer without it skips those tests, each with one line. Where it must be there, as in
`.ci/run`, `ORDERFOLD_DATA_REQUIRED=1` turns every skipped data test into a failed one, whatever the reason.
"""

import os
from collections.abc import Generator
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[1]

# The first example may compile rules for seconds, so no example has a deadline of its own; pytest has one.
hypothesis.settings.register_profile("orderfold", deadline=None, print_blob=True)
hypothesis.settings.load_profile("orderfold")


def real_input_folder() -> Path:
    """The folder that `ORDERFOLD_DATA` names, whether it exists or not; a relative one starts at the root."""
    return (ROOT / os.environ.get("ORDERFOLD_DATA", "../shared/data")).resolve()


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real input. A test that asks for it is a data test, marked or not."""
    folder = real_input_folder()
    if not folder.is_dir():
        pytest.skip(f"real input is not at {folder}: set ORDERFOLD_DATA")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that reads real input, so that none can slip past the check below."""
    for item in items:
        if "data_dir" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.data)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where real input is required, a data test that was skipped has failed."""
    report = yield
    required = os.environ.get("ORDERFOLD_DATA_REQUIRED") == "1"
    if required and report.skipped and item.get_closest_marker("data") is not None:
        reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longreprtext
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} must not be skipped here: {reason}"
    return report
