"""A projection is named as it is listed; another name is refused with those that there are."""

import pytest

from actors.rebuilding import chosen, projection_names
from engine.errors import BadRequest


def test_every_partition_has_one_projection() -> None:
    assert projection_names(2) == {"p0000-risk": 0, "p0001-risk": 1}


def test_a_name_means_one_projection_or_that_of_every_partition() -> None:
    assert chosen("p0001-risk", 2) == {"p0001-risk": 1}
    assert chosen("risk", 2) == projection_names(2)


@pytest.mark.parametrize("name", ["p0002-risk", "books", ""])
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match="there are p0000-risk, p0001-risk; risk means all of them"):
        chosen(name, 2)
