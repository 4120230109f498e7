"""The catalog: names and handles, and the facts about them that a client checks against.

It is a copy of the reference data, taken at connect and again whenever a name is not in it. What this process
defines itself enters at once.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple, TypeVar

import numpy as np
from crc32c import crc32c

from engine.errors import BadRequest

SLOTS = 1024
"""Account slots; the manifest says which partition has which."""


class Account(NamedTuple):
    """An account: its handle and the partition that writes all it does."""

    name: str
    handle: int
    partition: int


class Instrument(NamedTuple):
    """An instrument: tick and lot in units of its scales, `venue` a handle."""

    name: str
    handle: int
    price_scale: int
    qty_scale: int
    tick: int
    lot: int
    multiplier: int
    venue: int
    currency: str
    mark_band_ppm: int


class Strategy(NamedTuple):
    """A strategy: its handle and its account's."""

    name: str
    handle: int
    account: int


class Venue(NamedTuple):
    """A venue: its handle and its calendar's trade date (yyyymmdd, 0 before the first)."""

    name: str
    handle: int
    trade_date: int


class Principal(NamedTuple):
    """Somebody who may be named as the author of a command."""

    name: str
    handle: int


_DEFINED_BY = {
    "account": "Admin.set_account",
    "instrument": "Admin.set_instrument",
    "strategy": "Admin.set_account",
    "venue": "Admin.set_venue",
    "principal": "connecting as it",
}

Entry = Account | Instrument | Strategy | Venue | Principal
E = TypeVar("E", Account, Instrument, Strategy, Venue, Principal)


def slot_of(account: str) -> int:
    """The slot of an account, for good: CRC32C of its name modulo 1,024."""
    return crc32c(account.encode("ascii")) % SLOTS


class Catalog:
    """Reference data by name and by handle; BadRequest names those near a name that is not in it."""

    def __init__(self, slots: np.ndarray) -> None:
        self._slots = slots
        self.accounts: dict[str, Account] = {}
        self.instruments: dict[str, Instrument] = {}
        self.strategies: dict[str, Strategy] = {}
        self.venues: dict[str, Venue] = {}
        self.principals: dict[str, Principal] = {}
        self._by_handle: dict[tuple[type, int], Entry] = {}

    @property
    def partitions(self) -> list[int]:
        """The numbers of all partitions, ascending."""
        return [int(number) for number in np.unique(self._slots)]

    def partition_of(self, account: str) -> int:
        """The partition that has an account, defined or not."""
        return int(self._slots[slot_of(account)])

    def account(self, name: str) -> Account:
        """The account of this name."""
        return _found(self.accounts, name, "account")

    def instrument(self, name: str) -> Instrument:
        """The instrument of this name."""
        return _found(self.instruments, name, "instrument")

    def strategy(self, name: str) -> Strategy:
        """The strategy of this name."""
        return _found(self.strategies, name, "strategy")

    def venue(self, name: str) -> Venue:
        """The venue of this name."""
        return _found(self.venues, name, "venue")

    def principal(self, name: str) -> Principal:
        """The principal of this name."""
        return _found(self.principals, name, "principal")

    def by_handle(self, kind: type[E], handle: int) -> E | None:
        """The account, instrument … with this handle, or None if the copy does not have it."""
        entry = self._by_handle.get((kind, int(handle)))
        return entry if isinstance(entry, kind) else None

    def instrument_venue(self, instrument: Instrument) -> Venue:
        """The venue that an instrument trades on."""
        venue = self.by_handle(Venue, instrument.venue)
        assert venue is not None, f"{instrument.name} is defined, so its venue {instrument.venue} is too"
        return venue

    def account_of(self, strategy: Strategy) -> Account:
        """The account that a strategy belongs to."""
        account = self.by_handle(Account, strategy.account)
        assert account is not None, f"{strategy.name} is defined, so its account {strategy.account} is too"
        return account

    def foreign_strategy(self, strategy: str, account: str) -> str:
        """Why an order of an account may not name a strategy."""
        owner = self.account_of(self.strategy(strategy))
        return f"strategy {strategy!r} belongs to account {owner.name!r}, not {account!r}"

    def trade_date(self, instrument: Instrument) -> int:
        """The trade date of an instrument's venue, yyyymmdd; BadRequest before its first."""
        venue = self.instrument_venue(instrument)
        if venue.trade_date == 0:
            raise BadRequest(
                f"venue {venue.name!r} has no trade date yet: Admin.start_trading_day gives it one"
            )
        return venue.trade_date

    def knows(self, **names: str | list[str] | None) -> bool:
        """Whether it has every name that is not None, as in `knows(account="A", venue="XNAS")`."""
        return all(
            _checked_name(one, kind) in self._names(kind)
            for kind, wanted in names.items()
            if wanted is not None
            for one in (wanted if isinstance(wanted, list) else [wanted])
        )

    def _names(self, kind: str) -> Mapping[str, Entry]:
        tables: dict[str, Mapping[str, Entry]] = {
            "account": self.accounts,
            "instrument": self.instruments,
            "strategy": self.strategies,
            "venue": self.venues,
            "principal": self.principals,
        }
        return tables[kind]

    def add_account(self, name: str, handle: int) -> None:
        """Take in an account."""
        self._add(self.accounts, Account(name, handle, self.partition_of(name)))

    def add_strategy(self, name: str, handle: int, account: int) -> None:
        """Take in a strategy of the account with this handle."""
        self._add(self.strategies, Strategy(name, handle, account))

    def add_instrument(self, instrument: Instrument) -> None:
        """Take in an instrument, or its new version."""
        self._add(self.instruments, instrument)

    def add_venue(self, name: str, handle: int, trade_date: int) -> None:
        """Take in a venue; its trade date never goes back."""
        known = self.venues.get(name)
        self._add(self.venues, Venue(name, handle, max(trade_date, known.trade_date if known else 0)))

    def add_principal(self, name: str, handle: int) -> None:
        """Take in a principal."""
        self._add(self.principals, Principal(name, handle))

    def _add(self, entries: dict[str, E], entry: E) -> None:
        entries[entry.name] = entry
        self._by_handle[type(entry), entry.handle] = entry


def _found(entries: Mapping[str, E], name: str, what: str) -> E:
    entry = entries.get(_checked_name(name, what))
    if entry is not None:
        return entry
    near = get_close_matches(name, entries, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"{_DEFINED_BY[what]} defines it"
    raise BadRequest(f"unknown {what} {name!r}: {hint}")


def _checked_name(name: str, what: str) -> str:
    """The same name, if it is text."""
    if not isinstance(name, str):
        raise BadRequest(f"{what}={name!r} is of type {type(name).__name__}; pass its name, a str")
    return name
