"""Leases on the firm's limits: two partitions, whatever happens in whatever order, never use more together.

Each partition and the reference log may die at any step, commands may get lost or come twice. What is checked
is checked of the logs: every prefix of each, and what one says of the other.
"""

from collections.abc import Callable
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.roles.lease_keeper import Wishes
from engine.kernel.kernel import Kernel
from engine.kernel.views import views_of
from engine.vocabulary import EventKind, Lane, Side
from tests.model.commands import GrantLease, ReturnLease
from tests.properties.flow import NUMBER_BITS
from tests.properties.leased_firm import CONTRACT, CURRENCY, PARTITIONS, REFERENCE, Firm, Log, lease_of
from tests.properties.side_by_side import ROOMY
from tests.properties.test_kernel_against_model import searching
from tests.properties.translation import engine_capacity

LEASES = (EventKind.FIRM_LIMIT_CHANGED, EventKind.LEASE_GRANTED, EventKind.LEASE_RETURNED)
ASKS = (EventKind.ORDER_SUBMITTED, EventKind.REPLACE_REQUESTED)
STEPS = 150


class Exceeded(AssertionError):
    """A limit, a lease or an order of things that does not hold."""


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


def granted_of(log: np.ndarray) -> dict[int, int]:
    """What each partition has been granted and not returned, by the reference log."""
    rows, granted = views_of(log).lease, dict.fromkeys(PARTITIONS, 0)
    for row in rows[np.isin(log["kind"], [EventKind.LEASE_GRANTED, EventKind.LEASE_RETURNED])]:
        sign = 1 if row["kind"] == EventKind.LEASE_GRANTED else -1
        granted[int(row["partition"])] += sign * int(row["amount"])
    return granted


def check(firm: Firm) -> None:
    """Exceeded unless every log holds by itself and all agree."""
    check_limit(firm.logs[REFERENCE].log)
    for number in PARTITIONS:
        check_partition(firm.logs[number])
    check_returns(firm)


def check_limit(log: np.ndarray) -> None:
    """All leases together never pass the limit, at any prefix of the reference log."""
    limit = granted = 0
    for at in np.flatnonzero(np.isin(log["kind"], LEASES)):
        row = views_of(log).lease[at]
        if row["kind"] == EventKind.FIRM_LIMIT_CHANGED:
            limit = int(row["amount"])
        elif row["kind"] == EventKind.LEASE_GRANTED:
            granted += int(row["amount"])
        else:
            granted -= int(row["amount"])
        if not 0 <= granted <= limit:
            raise Exceeded(f"{granted} are granted of {limit} at offset {at}")


def check_partition(log: Log) -> None:
    """Whatever adds credit found room in a lease that had not ended; what was returned was not used.

    Venues' reports may use more than is leased, and so may what can only shrink a position.
    """
    kernel = Kernel(engine_capacity(ROOMY), log.partition)
    used = 0
    for rows, now_ns in log.blocks:
        for at in range(len(rows)):
            kernel.fold(rows[at : at + 1], now_ns)
            if not kernel.tables.firm["budgets"][0]:
                continue
            lease = lease_of(kernel.tables)
            usable, before, used = int(lease["granted"] - lease["returning"]), used, int(lease["used"])
            is_asked = (
                rows["kind"][at] in ASKS and used > before and not is_reducing(kernel, rows[at : at + 1])
            )
            is_returned = rows["kind"][at] == EventKind.LEASE_RETURNED and rows["lane"][at] == Lane.OPERATOR
            if (is_asked or is_returned) and used > usable:
                raise Exceeded(f"{used} used of {usable} at offset {kernel.next_offset - 1}")
            if is_asked and now_ns >= lease["expires_ns"]:
                raise Exceeded(f"an order at offset {kernel.next_offset - 1} is later than the lease")


def is_reducing(kernel: Kernel, row: np.ndarray) -> bool:
    """Whether all that works on an order's side, with the order, could only shrink the position."""
    holding = kernel.tables.holdings[1]
    if views_of(row).order["side"][0] == Side.BUY:
        return bool(holding["qty"] + holding["working_buy_qty"] <= 0)
    return bool(holding["working_sell_qty"] - holding["qty"] <= 0)


def check_returns(firm: Firm) -> None:
    """What the reference log says was returned is in the partition's log, and counts once."""
    log = firm.logs[REFERENCE].log
    seen = set()
    for row in views_of(log).lease[log["kind"] == EventKind.LEASE_RETURNED]:
        place = (int(row["partition"]), int(row["source_offset"]))
        partition = firm.logs[place[0]].log
        found = views_of(partition).lease[place[1]] if place[1] < len(partition) else None
        if found is None or found["kind"] != EventKind.LEASE_RETURNED or found["amount"] != row["amount"]:
            raise Exceeded(f"{place} did not return {row['amount']}")
        if found["lane"] != Lane.OPERATOR or place in seen:
            raise Exceeded(f"{place} is counted twice")
        seen.add(place)


@searching(6)
@given(seed=st.integers(0, 2**NUMBER_BITS - 1))
def test_no_interleaving_and_no_crash_exceeds_a_limit(seed: int) -> None:
    check(run(Firm(Random(seed))))


def test_the_steps_meet_everything_that_leases_are_about() -> None:
    """Otherwise the property above would hold of the easy half only."""
    kinds = set()
    for seed in range(3):
        firm = run(Firm(Random(seed)))
        for log in firm.logs.values():
            kinds |= {(log.partition == REFERENCE, EventKind(kind)) for kind in log.log["kind"]}
            kinds |= {(False, str(reason)) for reason in set(log.log["reason"]) & {70, 71}}

    assert {(True, kind) for kind in LEASES} <= kinds
    assert {(False, EventKind.LEASE_RETURNED), (False, EventKind.TRADE_EXECUTED)} <= kinds
    assert {(False, "70"), (False, "71")} <= kinds


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

    check(firm)
    assert all(lease_of(firm.logs[n].kernel.tables)["returning"] == 0 for n in PARTITIONS)
    assert wishes.count == 0


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

    check(run(careful, steps=1))
    with pytest.raises(Exceeded):
        check(run(hasty, steps=1))
