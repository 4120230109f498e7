"""The setting of a replay: venue, instruments, accounts, strategies, limits and the trading day.

Every definition carries a request id made of its own words. Defined again, by a second run or for a second
file, it is recognised, and its answer tells the same handle.
"""

from decimal import Decimal

import numpy as np

from actors.replays.command_draft import Party, Source
from engine.answers import Ack
from engine.client.admin import Admin
from engine.client.client import Client
from engine.client.request_ids import derived_request
from engine.client.transport import REFERENCE
from engine.errors import BadRequest
from engine.limits import BURST_MAX, COLLAR_PPM_MAX, LIMIT_MAX, ORDERS_PER_SECOND_MAX
from engine.rows.commands import LIMITS_COMMAND, command_rows
from engine.vocabulary import AnswerCode, CommandKind, Lane, Reason

ACCOUNTS = 64
"""Accounts that the orders of a file are spread over: order id modulo 64."""

STRATEGIES = 256
"""Strategies they are spread over: order id modulo 256, which settles the account too."""

SEED = "SEED"
"""Account and strategy of orders that stand for what a file does not tell."""


class Setting:
    """Defines what a replay needs, once, and knows the handles.

    Attributes:
        partition: the engine's only partition.
        parties: whose an order is, by order id modulo their number.
        seed: whose the orders are that the file does not tell of.
    """

    def __init__(self, client: Client, venue: str, trade_date: int) -> None:
        self._client = client
        self._admin = Admin.on(client)
        self._venue = venue
        self._trade_date = trade_date
        self.partition = _only_partition(client)
        _require(self._admin.set_venue(venue, request_id=_request("venue", venue)))
        self.parties, self.seed = self._define_parties()
        _require(self._admin.start_trading_day(venue, trade_date)[0])

    def list_instrument(self, name: str, price_scale: int) -> Source:
        """Define an instrument of whole quantities and the finest tick; gives the source of its commands."""
        ack = self._admin.set_instrument(
            name,
            venue=self._venue,
            price_scale=price_scale,
            tick=Decimal(1).scaleb(-price_scale),
            request_id=_request("instrument", name),
        )
        handle = _require(ack).handle
        # The first instrument of an engine needs no mark on its ids; a second file's rows must not meet them.
        tag = "" if handle == 1 else f".{handle}"
        return Source(handle, self._client.catalog.venue(self._venue).handle, self._trade_date, tag)

    def _define_parties(self) -> tuple[list[Party], Party]:
        """The accounts with their strategies and wide limits: one party a strategy, and SEED's."""
        names = [*(f"L{number:02}" for number in range(ACCOUNTS)), SEED]
        accounts = self._define(_named(CommandKind.SET_ACCOUNT, names))
        owners = [*(number % ACCOUNTS for number in range(STRATEGIES)), ACCOUNTS]
        rows = _named(CommandKind.SET_STRATEGY, [*(f"S{number:03}" for number in range(STRATEGIES)), SEED])
        rows["account"] = accounts[owners]
        strategies = self._define(rows)
        self._define(_wide_limits(accounts))
        parties = [
            Party(names[owner], int(accounts[owner]), int(strategy))
            for owner, strategy in zip(owners, strategies, strict=True)
        ]
        return parties[:-1], parties[-1]

    def _define(self, rows: np.ndarray) -> np.ndarray:
        """Send many definitions to the reference log at once; gives their handles."""
        answers, _ = self._client.connection.transport.deliver(REFERENCE, rows)
        known = np.isin(answers["code"], [AnswerCode.ACCEPTED, AnswerCode.DUPLICATE])
        if not known.all():
            at = int(np.argmin(known))
            kind, text = CommandKind(rows["kind"][at]).name, rows["text"][at].decode()
            raise _unfit(f"{kind} {text} was answered {Reason(answers['reason'][at]).name}")
        return answers["handle"]


def _only_partition(client: Client) -> int:
    partitions = client.catalog.partitions
    if len(partitions) > 1:
        raise _unfit(f"a replay reads one log row by row, and the engine has {len(partitions)} partitions")
    return partitions[0]


def _unfit(problem: str) -> BadRequest:
    return BadRequest(f"{problem}: replay into another directory")


def _require(ack: Ack) -> Ack:
    if not ack.is_accepted:
        raise _unfit(str(ack))
    return ack


def _request(*words: str) -> tuple[int, int]:
    return derived_request("replay", *words)


def _named(kind: CommandKind, names: list[str]) -> np.ndarray:
    """Definitions of these names, COMMAND rows."""
    rows = command_rows(len(names))
    rows["text"] = [name.encode("ascii") for name in names]
    return _requested(rows, kind, names)


def _wide_limits(accounts: np.ndarray) -> np.ndarray:
    """SetLimits for each account, as wide as limits can be."""
    rows = command_rows(len(accounts))
    rows["account"] = accounts
    limits = rows.view(LIMITS_COMMAND)
    for name in ("max_order_qty", "max_order_notional", "max_long_qty", "max_short_qty"):
        limits[name] = LIMIT_MAX
    limits["collar_ppm"] = COLLAR_PPM_MAX
    limits["orders_per_second"] = ORDERS_PER_SECOND_MAX
    limits["burst"] = BURST_MAX
    return _requested(rows, CommandKind.SET_LIMITS, [f"account {account}" for account in accounts])


def _requested(rows: np.ndarray, kind: CommandKind, words: list[str]) -> np.ndarray:
    """The rows with their kind, and each with a request id made of kind and words."""
    rows["kind"], rows["lane"] = kind, Lane.OPERATOR
    requests = [_request(kind.name, word) for word in words]
    rows["request_hi"] = [high for high, _ in requests]
    rows["request_lo"] = [low for _, low in requests]
    return rows
