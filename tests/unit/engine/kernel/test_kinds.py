"""Every kind has its group, and rules ask for the group of any byte without reading past the table."""

from collections.abc import Callable, Collection

import numpy as np
import pytest

from engine.kernel import kinds
from engine.vocabulary import CommandKind, EventKind

EVENT_GROUPS = (
    kinds.REQUESTS,
    kinds.REPORTS,
    kinds.INTEGRITY,
    kinds.MASS_CANCELS,
    kinds.DEFINITIONS,
    kinds.SETTINGS,
    kinds.UPKEEP,
)
PREDICATES = [
    (kinds.is_owners, kinds.OWNER_COMMANDS),
    (kinds.is_venues, kinds.VENUE_COMMANDS),
    (kinds.is_operators, kinds.OPERATOR_COMMANDS),
    (kinds.is_command, (*kinds.OWNER_COMMANDS, *kinds.VENUE_COMMANDS, *kinds.OPERATOR_COMMANDS)),
    (kinds.is_cancel, kinds.CANCELS),
    (kinds.is_request, kinds.REQUESTS),
    (kinds.is_report, kinds.REPORTS),
    (kinds.is_correction, kinds.CORRECTIONS),
    (kinds.is_follow_up, kinds.FOLLOW_UPS),
    (kinds.is_mass_cancel, kinds.MASS_CANCELS),
    (kinds.is_naming, kinds.NAMINGS),
    (kinds.is_definition, kinds.DEFINITIONS),
    (kinds.is_reference, (*kinds.DEFINITIONS, *kinds.SETTINGS)),
]


def test_every_event_kind_is_in_exactly_one_group() -> None:
    assert sorted(kind for group in EVENT_GROUPS for kind in group) == sorted(EventKind)


def test_every_command_kind_may_come_in_some_lane() -> None:
    lanes = (kinds.OWNER_COMMANDS, kinds.VENUE_COMMANDS, kinds.OPERATOR_COMMANDS)

    assert {kind for lane in lanes for kind in lane} == set(CommandKind)


@pytest.mark.parametrize(("predicate", "group"), PREDICATES)
def test_a_predicate_says_yes_to_its_group_and_to_no_other_byte(
    predicate: Callable[[np.uint8], bool], group: Collection[int]
) -> None:
    plain = getattr(predicate, "py_func", predicate)

    assert {byte for byte in range(256) if plain(np.uint8(byte))} == set(group)
