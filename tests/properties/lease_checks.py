"""What must be so in the logs of a firm with limits, at every prefix of each, whoever died on the way."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from engine.kernel.kernel import Kernel
from engine.kernel.lease_rows import ALONE
from engine.kernel.tables import Tables
from engine.kernel.views import views_of
from engine.reads.lease_rows import lease_rows
from engine.vocabulary import EventKind, Lane, Side
from tests.properties.side_by_side import ROOMY
from tests.properties.translation import engine_capacity

PARTITIONS = (0, 1)
REFERENCE = ALONE
LEASES = (EventKind.FIRM_LIMIT_CHANGED, EventKind.LEASE_GRANTED, EventKind.LEASE_RETURNED)
ASKS = (EventKind.ORDER_SUBMITTED, EventKind.REPLACE_REQUESTED)


class Exceeded(AssertionError):
    """A limit, a lease or an order of things that does not hold."""


class CommittedLog(Protocol):
    """What one log has committed: HEAD rows, and the same in blocks with the time of each."""

    partition: int
    blocks: list[tuple[np.ndarray, int]]

    @property
    def log(self) -> np.ndarray:
        """Every event, by offset."""


def lease_of(tables: Tables) -> np.void:
    """What a partition may use, and uses: LEASE_ROW."""
    row: np.void = lease_rows(tables)[0]
    return row


def granted_of(log: np.ndarray) -> dict[int, int]:
    """What each partition has been granted and not returned, by the reference log."""
    rows, granted = views_of(log).lease, dict.fromkeys(PARTITIONS, 0)
    for row in rows[np.isin(log["kind"], [EventKind.LEASE_GRANTED, EventKind.LEASE_RETURNED])]:
        sign = 1 if row["kind"] == EventKind.LEASE_GRANTED else -1
        granted[int(row["partition"])] += sign * int(row["amount"])
    return granted


def check(logs: Mapping[int, CommittedLog]) -> None:
    """Exceeded unless every log holds by itself and all agree."""
    check_limit(logs[REFERENCE].log)
    for number in PARTITIONS:
        check_partition(logs[number])
    check_returns(logs)


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


def check_partition(log: CommittedLog) -> None:
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


def check_returns(logs: Mapping[int, CommittedLog]) -> None:
    """What the reference log says was returned is in the partition's log, and counts once."""
    log = logs[REFERENCE].log
    seen = set()
    for row in views_of(log).lease[log["kind"] == EventKind.LEASE_RETURNED]:
        place = (int(row["partition"]), int(row["source_offset"]))
        partition = logs[place[0]].log
        found = views_of(partition).lease[place[1]] if place[1] < len(partition) else None
        if found is None or found["kind"] != EventKind.LEASE_RETURNED or found["amount"] != row["amount"]:
            raise Exceeded(f"{place} did not return {row['amount']}")
        if found["lane"] != Lane.OPERATOR or place in seen:
            raise Exceeded(f"{place} is counted twice")
        seen.add(place)
