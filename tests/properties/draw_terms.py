"""Orders of every type, drawn from a sensible limit order: what the type needs, and what it must not have."""

from dataclasses import replace
from random import Random
from typing import Any, TypeVar

from tests.model.commands import ReplaceOrder, SubmitOrder
from tests.model.terms import PRICED, STOPPED
from tests.model.words import OrdType, TimeInForce
from tests.properties.draw_settings import Odd

SECOND_NS = 10**9
ODD_PRICES = [0, -5, 3, 10**15, 10**15 + 1, 2**63 - 1]
ODD_QTYS = [-1, 3, 7, 10**12, 2**63 - 1, -(2**63)]
ODD_SECONDS = [0, 1, 2**32 - 1]

Terms = TypeVar("Terms", SubmitOrder, ReplaceOrder)


def priced_by_type(random: Random, command: Terms, odd: Odd) -> Terms:
    """The same order with just the prices that its type has, now and then with others."""
    stop_px = 5 * random.randint(17, 24) if command.ord_type in STOPPED else 0
    price = command.price if command.ord_type in PRICED else 0
    return replace(
        command,
        stop_px=odd(stop_px, [102, *ODD_PRICES], 0.05),
        price=odd(price, [100, *ODD_PRICES], 0.03),
    )


def special_order(random: Random, order: SubmitOrder, now_ns: int, odd: Odd) -> SubmitOrder:
    """The same order with another type, time in force and conditions."""
    ord_type = random.choice(list(OrdType)) if order.ord_type in list(OrdType) else order.ord_type
    time_in_force = random.choice(list(TimeInForce))
    expires = time_in_force == TimeInForce.GTD
    expire_s = now_ns // SECOND_NS + random.randint(-1, 20) if expires else 0
    changed = replace(
        order, ord_type=ord_type, time_in_force=time_in_force, expire_s=odd(expire_s, ODD_SECONDS, 0.05)
    )
    conditions: dict[str, Any] = {
        "min_qty": odd(random.choice([0, 0, 5, order.qty]), ODD_QTYS, 0.03),
        "display_qty": odd(random.choice([0, 0, 5, order.qty]), ODD_QTYS, 0.03),
        "exec_inst": odd(random.choice([*[0] * 14, 1, 2, 4, 5, 7]), [8, 255], 0.03),
    }
    return priced_by_type(random, replace(changed, **conditions), odd)


def odd_replace(random: Random, command: ReplaceOrder) -> ReplaceOrder:
    """A replace that brings what only a new order can set."""
    name = random.choice(["min_qty", "display_qty", "expire_s", "exec_inst"])
    changes: dict[str, Any] = {name: random.choice([1, 5])}
    return replace(command, **changes)
