"""FIX's order-state scenarios: every path of each, through a client and a venue's feed.

Those that FIX publishes are read from the real input; those of this project lie in `tests/scenarios`, in the
same shape.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.data.scenario import Scenario, scenarios_of
from tests.data.scenario_desk import Desk, Variant

VARIANTS = {
    "as printed": Variant(),
    "sevenfold, in thousandths": Variant(factor=7, scale=3, seed=1),
    "a million times": Variant(factor=10**6, seed=2),
    "a million times, in thousandths": Variant(factor=10**6, scale=3, seed=3),
}
OWN = {
    f"{file.stem}: {scenario.ref}": scenario
    for file in sorted((ROOT / "tests/scenarios").glob("*.json"))
    for scenario in scenarios_of(file)
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("scenarios") / "engine")
    yield desk
    desk.close()


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
def test_every_path_of_what_fix_publishes_holds(desk: Desk, data_dir: Path, variant: Variant) -> None:
    scenarios = scenarios_of(data_dir / "fix/appendix_d.json")

    faults = [fault for scenario in scenarios for fault in desk.faults_of(scenario, variant)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize("scenario", OWN.values(), ids=OWN)
def test_every_path_of_our_own_holds(desk: Desk, scenario: Scenario, variant: Variant) -> None:
    faults = desk.faults_of(scenario, variant)

    assert not faults, "\n".join(faults)
