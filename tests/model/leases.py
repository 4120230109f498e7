"""The firm's limits in each currency, and what is leased of them to partitions."""

from dataclasses import dataclass

from tests.model.answers import Answer, invalid, low_space
from tests.model.commands import GrantLease, ReturnLease, SetFirmLimit
from tests.model.reference_data import LIMIT_MAX, MILLISECOND_NS, is_name
from tests.model.words import Check, Code, Reason

ALONE = 2**32 - 1
"""The partition that the model is: its one log is the reference log as well."""
CURRENCY_BYTES_MAX = 3

LeaseCommand = SetFirmLimit | GrantLease | ReturnLease


@dataclass
class Lease:
    """What a partition may use, and until when; `serial` counts its changes."""

    granted: int = 0
    expires_ns: int = 0
    serial: int = 0


class Leases:
    """All limits and leases, by currency and by (partition, currency), in the order in which they began."""

    def __init__(self) -> None:
        self.limits: dict[bytes, int] = {}
        self.rows: dict[tuple[int, bytes], Lease] = {}

    def granted(self, currency: bytes) -> int:
        """The sum of all leases in a currency."""
        return sum(lease.granted for (_, of), lease in self.rows.items() if of == currency)

    def own(self, currency: bytes) -> Lease | None:
        """What the model itself may use; None where the firm has no limit, so that nothing is limited."""
        if self.limits.get(currency, -1) < 0:
            return None
        return self.rows.get((ALONE, currency), Lease())

    def refusal(self, command: LeaseCommand, used: int) -> Answer | None:
        """Why a command changes nothing, if it does not; `used` is the credit in its currency."""
        if not is_name(command.currency, CURRENCY_BYTES_MAX):
            return invalid(Reason.BAD_NAME)
        least = -1 if isinstance(command, SetFirmLimit) else 0
        if not least <= command.amount <= LIMIT_MAX:
            return invalid(Reason.BAD_LIMIT)
        if isinstance(command, SetFirmLimit):
            return self._limit_refusal(command)
        lease = self.rows.get((command.partition, command.currency), Lease())
        if command.serial not in (0, lease.serial + 1):
            return Answer(code=Code.VERSION_CONFLICT, version=lease.serial)
        if isinstance(command, GrantLease):
            return self._grant_refusal(command)
        return invalid(Reason.BAD_LIMIT) if not command.amount else self._return_refusal(command, lease, used)

    def _limit_refusal(self, command: SetFirmLimit) -> Answer | None:
        if command.currency not in self.limits and len(self.limits) == 64:
            return low_space(Reason.TABLE_FULL)
        granted = self.granted(command.currency)
        return _too_much(command.amount, granted) if 0 <= command.amount < granted else None

    def _grant_refusal(self, command: GrantLease) -> Answer | None:
        if not command.ttl_ms:
            return invalid(Reason.BAD_LIMIT)
        most = max(0, self.limits.get(command.currency, 0))
        granted = self.granted(command.currency) + command.amount
        is_known = command.currency in self.limits
        return None if is_known and granted <= most else _too_much(most, granted)

    def _return_refusal(self, command: ReturnLease, lease: Lease, used: int) -> Answer | None:
        if (command.partition, command.currency) not in self.rows:
            return _too_much(0, command.amount)
        if command.partition == ALONE and used + command.amount > lease.granted:
            return _too_much(lease.granted, used)
        return _too_much(lease.granted, command.amount) if command.amount > lease.granted else None

    def change(self, command: LeaseCommand, now: int) -> int:
        """Do what a command says; gives the lease's number of changes."""
        if isinstance(command, SetFirmLimit):
            self.limits[command.currency] = command.amount
            return 0
        lease = self.rows.setdefault((command.partition, command.currency), Lease())
        lease.serial += 1
        if isinstance(command, GrantLease):
            lease.granted += command.amount
            lease.expires_ns = now + command.ttl_ms * MILLISECOND_NS
        else:
            lease.granted -= command.amount
        return lease.serial


def _too_much(limit: int, observed: int) -> Answer:
    return Answer(
        code=Code.REJECTED,
        reason=Reason.FIRM_BUDGET,
        check=Check.FIRM_BUDGET,
        limit=limit,
        observed=min(observed, 2**63 - 1),
    )
