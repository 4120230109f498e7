"""Limits of the firm, grants and returns: rather such as leave room, now and then past what there is."""

from random import Random

from tests.model.commands import GrantLease, Request, ReturnLease, SetFirmLimit
from tests.model.leases import ALONE, Leases
from tests.properties.draw_settings import Odd

MILLION = 10**14
"""A million, in 10^-8 of a currency: a hundred times what flows trade."""


def lease_requests(random: Random, odd: Odd, request_id: int, leases: Leases) -> list[Request]:
    """A limit, mostly with a grant behind it that leaves room for orders; or a change by itself."""
    currency = odd(b"USD", [b"EUR", b"", b"\x01", b"A\0B"], 0.06)
    if leases.limits.get(currency, -1) >= 0 and random.random() < 0.8:
        return [_change(random, odd, request_id, currency, leases)]
    amount = odd(random.choice([10 * MILLION, -1]), [0, -2, 2**62, 2**62 + 1], 0.1)
    limit = SetFirmLimit(request_id=request_id, currency=currency, amount=amount)
    if random.random() < 0.1:
        return [limit]
    return [limit, _grant(odd, request_id ^ 1 << 64, currency, 5 * MILLION, 3_600_000)]


def _change(random: Random, odd: Odd, request_id: int, currency: bytes, leases: Leases) -> Request:
    """A change of a lease that there is, or of another's."""
    partition = odd(ALONE, [0, 1], 0.2)
    lease = leases.rows.get((partition, currency))
    serial = random.choice([0, lease.serial + 1 if lease else 1, odd(0, [1, 2**32 - 1], 0.3)])
    if lease and random.random() < 0.5:
        granted = lease.granted
        amount = odd(random.choice([1, granted // 2, granted]), [-1, granted + 1, 2**62, 2**63 - 1], 0.1)
        return ReturnLease(
            request_id=request_id, partition=partition, currency=currency, amount=amount, serial=serial
        )
    amount = odd(random.choice([0, MILLION // 100, 2 * MILLION]), [1, -1, 2**62, 2**63 - 1], 0.1)
    ttl_ms = odd(random.choice([1_000, 3_600_000]), [0, 1, 2**32 - 1], 0.1)
    return _grant(odd, request_id, currency, amount, ttl_ms, partition=partition, serial=serial)


def _grant(
    odd: Odd,
    request_id: int,
    currency: bytes,
    amount: int,
    ttl_ms: int,
    *,
    partition: int = ALONE,
    serial: int = 0,
) -> GrantLease:
    return GrantLease(
        request_id=odd(request_id, [0], 0.02),
        partition=partition,
        currency=currency,
        amount=amount,
        ttl_ms=ttl_ms,
        serial=serial,
    )
