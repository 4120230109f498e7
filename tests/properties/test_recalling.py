"""Orders that leave memory and come back change no answer: the model beside them never forgets."""

import pytest

from tests.properties.flow import numbers_of
from tests.properties.reached import check_log
from tests.properties.retiring import FOREVER, SideWithRetiring, run_days


@pytest.mark.parametrize("seed", [2, 4, 5, 7])
def test_a_kernel_that_forgets_answers_as_if_it_did_not(seed: int) -> None:
    side = SideWithRetiring(FOREVER)

    run_days(side, numbers_of(seed, 400))

    assert side.logged.recalls > 10
    check_log(side)
