"""Leases on the firm's limits: two partitions, whatever happens in whatever order, never use more together.

Each partition and the reference log may die at any step, commands may get lost or come twice. What is checked
is checked of the logs: every prefix of each, and what one says of the other.
"""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.roles.lease_keeper import Wishes
from engine.vocabulary import EventKind, Reason
from tests.model.commands import GrantLease, ReturnLease
from tests.properties.flow import NUMBER_BITS
from tests.properties.lease_checks import (
    LEASES,
    PARTITIONS,
    REFERENCE,
    Exceeded,
    check,
    granted_of,
    lease_of,
)
from tests.properties.leased_firm import CONTRACT, CURRENCY, Firm, Log
from tests.properties.test_kernel_against_model import searching

STEPS = 150


def run(firm: Firm, steps: int = STEPS) -> Firm:
    """So many steps; what a partition may use is granted by what the reference log has committed."""
    reference = firm.logs[REFERENCE]
    seen, durable = 0, granted_of(reference.log)
    for _ in range(steps):
        firm.step()
        if reference.durable_next != seen:
            seen, durable = reference.durable_next, granted_of(reference.log)
        for number in PARTITIONS:
            lease = lease_of(firm.logs[number].kernel.tables)
            if lease["granted"] - lease["returning"] > durable[number]:
                raise Exceeded(f"partition {number} may use {lease['granted']}, granted are {durable}")
    firm.commit_all()
    return firm


@searching(6)
@given(seed=st.integers(0, 2**NUMBER_BITS - 1))
def test_no_interleaving_and_no_crash_exceeds_a_limit(seed: int) -> None:
    check(run(Firm(Random(seed))).logs)


def test_the_steps_meet_everything_that_leases_are_about() -> None:
    """Otherwise the property above would hold of the easy half only."""
    of_reference, of_partitions, reasons = set(), set(), set()
    for seed in range(3):
        logs = run(Firm(Random(seed))).logs
        of_reference |= set(logs[REFERENCE].log["kind"])
        for number in PARTITIONS:
            of_partitions |= set(logs[number].log["kind"])
            reasons |= set(logs[number].log["reason"])

    assert set(LEASES) <= of_reference
    assert {EventKind.LEASE_RETURNED, EventKind.TRADE_EXECUTED, EventKind.ORDER_CANCELED} <= of_partitions
    assert {Reason.FIRM_BUDGET, Reason.LEASE_EXPIRED} <= reasons


def test_after_everything_the_keepers_bring_what_is_idle_back() -> None:
    firm = run(Firm(Random(3)))
    for _ in range(12):
        for number in PARTITIONS:
            firm.copy(number)
            log = firm.logs[number]
            wishes = firm.look(log)
            firm.logs[REFERENCE].decide(wishes.of_reference, firm.now)
            log.decide(wishes.of_partition, firm.now)
        firm.commit_all()

    check(firm.logs)
    assert all(lease_of(firm.logs[n].kernel.tables)["returning"] == 0 for n in PARTITIONS)
    assert wishes.is_empty


# ---- controls: what must be caught


class EarlyRecorder(Firm):
    """Records in the reference log what the partition has not made durable yet."""

    def look(self, log: Log) -> Wishes:
        return self.keeper.look(log.kernel.tables, 2**62, self.now)


class EarlyFollower(Firm):
    """Copies what the reference log has not made durable yet."""

    def copy(self, number: int) -> None:
        super().copy(number)
        log, reference = self.logs[number], self.logs[REFERENCE]
        log.kernel.copy_reference(reference.block.rows().copy(), reference.durable_next, log.block, self.now)


def lose_a_grant(firm: Firm) -> None:
    """The reference log dies with a grant that the partition could have seen."""
    firm.tell(REFERENCE, granting(number=1, amount=50 * CONTRACT))
    firm.copy(1)
    firm.logs[REFERENCE].crash()


def lose_a_return(firm: Firm) -> None:
    """The partition dies with a return that the reference log could have seen."""
    firm.tell(REFERENCE, granting(number=0, amount=50 * CONTRACT))
    firm.logs[REFERENCE].commit(firm.now, 64)
    firm.copy(0)
    firm.logs[0].commit(firm.now, 64)
    firm.tell(0, ReturnLease(request_id=2**64, partition=0, currency=CURRENCY, amount=CONTRACT))
    firm.logs[REFERENCE].decide(firm.look(firm.logs[0]).of_reference, firm.now)
    firm.logs[REFERENCE].commit(firm.now, 64)
    firm.logs[0].crash()


def granting(number: int, amount: int) -> GrantLease:
    return GrantLease(request_id=2**65, partition=number, currency=CURRENCY, amount=amount, ttl_ms=60_000)


@pytest.mark.parametrize(("broken", "lose"), [(EarlyRecorder, lose_a_return), (EarlyFollower, lose_a_grant)])
def test_who_does_not_wait_for_the_disk_is_caught(broken: type[Firm], lose: Callable[[Firm], None]) -> None:
    careful, hasty = Firm(Random(1)), broken(Random(1))
    lose(careful)
    lose(hasty)

    check(run(careful, steps=1).logs)
    with pytest.raises(Exceeded):
        check(run(hasty, steps=1).logs)
