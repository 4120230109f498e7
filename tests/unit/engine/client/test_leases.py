"""The firm's limits and leases as administrators set them and clients read them."""

from decimal import Decimal

import pytest

from engine.errors import BadRequest
from engine.limits import LIMIT_MAX, MONEY_SCALE
from engine.values import unscaled
from engine.vocabulary import AnswerCode, Reason
from tests.unit.engine.client.conftest import Desk

MINUTE_MS = 60_000


@pytest.fixture
def limited(wide_desk: Desk) -> Desk:
    """Three partitions; the firm may use 20,000 dollars, the account's partition 12,000 of them."""
    wide_desk.admin.set_firm_limit("USD", 20_000).raise_for_refusal()
    wide_desk.admin.grant_lease(home(wide_desk), "USD", 12_000, ttl_ms=MINUTE_MS).raise_for_refusal()
    return wide_desk


def home(desk: Desk) -> int:
    """The partition of the account that `desk.buy` buys for."""
    return desk.client.connection.catalog.partition_of("ACC-1")


def test_an_order_finds_room_in_the_lease_of_its_partition(limited: Desk) -> None:
    first, second = limited.buy(qty=100, price="100.00"), limited.buy(qty=21, price="100.00")

    assert first.code == AnswerCode.ACCEPTED
    assert (second.reason, second.limit, second.observed) == (
        Reason.FIRM_BUDGET,
        Decimal(12_000),
        Decimal(12_100),
    )


def test_a_lease_that_has_ended_takes_nothing_that_adds(limited: Desk) -> None:
    bought = limited.buy(qty=10, price="100.00")
    limited.feed.report(bought, "TRADE", exec_id="T", last_qty=10, last_px="100.00")
    limited.transport.clock_ns += MINUTE_MS * 10**6

    assert limited.buy(qty=1).reason == Reason.LEASE_EXPIRED
    assert limited.buy(side="SELL", qty=9).code == AnswerCode.ACCEPTED
    limited.admin.grant_lease(bought.partition, "USD", 0, ttl_ms=MINUTE_MS).raise_for_refusal()
    assert limited.buy(qty=1).code == AnswerCode.ACCEPTED


def test_all_leases_together_fit_the_limit_and_the_limit_fits_them(limited: Desk) -> None:
    refused = limited.admin.grant_lease(0, "USD", "8000.01", ttl_ms=MINUTE_MS)
    too_low = limited.admin.set_firm_limit("USD", 11_999)

    assert (refused.code, refused.reason) == (AnswerCode.REJECTED, Reason.FIRM_BUDGET)
    assert (refused.limit, refused.observed) == (Decimal(20_000), Decimal("20000.01"))
    assert (too_low.limit, too_low.observed) == (Decimal(11_999), Decimal(12_000))
    assert limited.admin.set_firm_limit("USD", 12_000).code == AnswerCode.ACCEPTED


def test_a_partition_returns_what_it_does_not_use_and_one_return_after_the_other(limited: Desk) -> None:
    bought = limited.buy(qty=100, price="100.00")

    refused = limited.admin.return_lease(bought.partition, "USD", "2000.01")
    returned = limited.admin.return_lease(bought.partition, "USD", 1_000)
    again = limited.admin.return_lease(bought.partition, "USD", 1)

    assert (refused.reason, refused.limit, refused.observed) == (
        Reason.FIRM_BUDGET,
        Decimal(12_000),
        Decimal(10_000),
    )
    assert returned.code == AnswerCode.ACCEPTED
    assert again.reason == Reason.ALREADY_PENDING
    (row,) = [row for row in limited.client.leases() if row.partition == bought.partition]
    assert (row.granted, row.returning, row.used) == (12_000, 1_000, 10_000)
    assert limited.buy(qty=11, price="100.00").limit == Decimal(11_000)


def test_leases_are_a_row_a_partition_and_currency(limited: Desk) -> None:
    limited.admin.set_firm_limit("EUR", None).raise_for_refusal()

    table = limited.client.leases()

    assert {(row.partition, row.currency) for row in table} == {
        (partition, currency) for partition in range(3) for currency in ("USD", "EUR")
    }
    assert {(row.firm_limit, row.firm_granted) for row in table if row.currency == "USD"} == {
        (20_000, 12_000)
    }
    assert {row.firm_limit for row in table if row.currency == "EUR"} == {None}


def test_what_can_be_no_limit_and_no_lease_is_refused_here(limited: Desk) -> None:
    with pytest.raises(BadRequest, match="limit=-1 is not between 0 and"):
        limited.admin.set_firm_limit("USD", -1)
    with pytest.raises(BadRequest, match=r"partition=7 is none of \[0, 1, 2\]"):
        limited.admin.grant_lease(7, "USD", 1, ttl_ms=1)
    with pytest.raises(BadRequest, match="ttl_ms"):
        limited.admin.grant_lease(0, "USD", 1, ttl_ms=0)


def test_the_largest_limit_is_granted_once(desk: Desk) -> None:
    """Two of the largest amounts are one more than an int64 holds."""
    most = unscaled(LIMIT_MAX, MONEY_SCALE)
    desk.admin.set_firm_limit("USD", most).raise_for_refusal()
    desk.admin.grant_lease(0, "USD", most, ttl_ms=MINUTE_MS).raise_for_refusal()

    again = desk.admin.grant_lease(0, "USD", most, ttl_ms=MINUTE_MS)

    assert (again.code, again.limit) == (AnswerCode.REJECTED, most)
    assert again.observed == unscaled(2**63 - 1, MONEY_SCALE)
    assert desk.buy().code == AnswerCode.ACCEPTED
