"""Trades and what corrects them, as a tree that is looked through anew whenever somebody asks."""

from dataclasses import dataclass, field

from tests.model.commands import ExecutionReport
from tests.model.positions import Fill
from tests.model.siphash import execution_key
from tests.model.words import ExecType, Reason

Key = tuple[int, int, bytes]
"""(venue, trade date, ExecID)."""
CORRECTIONS = (ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL)


@dataclass
class Member:
    """A report that was seen, when it happened, and where it is booked if it is a trade that counts."""

    report: ExecutionReport
    at_ns: int
    order_id: object = None
    fill: Fill | None = None
    is_linked: bool = True


@dataclass
class Families:
    """Every report by its key."""

    members: dict[Key, Member] = field(default_factory=dict)

    def parent(self, key: Key) -> Key | None:
        """What a correction refers to, unless that leads back to itself."""
        member = self.members.get(key)
        if member is None or member.report.exec_type not in CORRECTIONS or not member.is_linked:
            return None
        return member.report.exec_ref

    def path(self, key: Key) -> list[Key]:
        """A report, what it refers to, and so on to the first one, seen or not."""
        found = [key]
        while (parent := self.parent(found[-1])) is not None:
            found.append(parent)
        return found

    def below(self, key: Key) -> dict[Key, int]:
        """Every correction of a report and of its corrections, with its distance."""
        paths = {other: self.path(other) for other in self.members if other != key}
        return {other: path.index(key) for other, path in paths.items() if key in path}

    def counts_for(self, key: Key, qty: int, price: int) -> tuple[int, int]:
        """(quantity, price) that a trade counts for, given what is known of its family."""
        below = self.below(key)
        if any(self._is_bust(other) for other in below):
            return 0, 0
        if not below:
            return qty, price
        last = max(below, key=lambda other: (below[other], self.members[other].at_ns, execution_key(*other)))
        return self.members[last].report.qty, self.members[last].report.price

    def awaited(self) -> set[Key]:
        """What corrections refer to and nobody has seen."""
        referred = {self.members[key].report.exec_ref for key in self.members if self._is_correction(key)}
        return {key for key in referred if key is not None and key not in self.members}

    def oddity(self, key: Key, target: Key) -> Reason:
        """What is odd about a correction that comes under this key, before it is there."""
        path = self.path(target)
        if key in path:
            return Reason.SECOND_CORRECTION
        top = self.members.get(path[-1])
        if top is None or (top.report.exec_type == ExecType.TRADE and top.fill is None):
            return Reason.CORRECTION_AWAITED
        below = self.below(path[-1])
        if top.report.exec_type != ExecType.TRADE or any(self._is_bust(other) for other in below):
            return Reason.BUST_OF_BUST
        is_last = target == self._last(path[-1])
        return Reason.NONE if is_last else Reason.SECOND_CORRECTION

    def _last(self, top: Key) -> Key:
        below = self.below(top)
        return max(
            below or {top: 0},
            key=lambda other: (below.get(other, 0), self.members[other].at_ns, execution_key(*other)),
        )

    def _is_bust(self, key: Key) -> bool:
        return self.members[key].report.exec_type == ExecType.TRADE_CANCEL

    def _is_correction(self, key: Key) -> bool:
        return self.members[key].report.exec_type in CORRECTIONS
