"""Orders of every type, drawn from a sensible limit order: what the type needs, and what it must not have."""

from dataclasses import replace
from random import Random
from typing import Any, TypeVar

from tests.model.commands import ReplaceOrder, SubmitOrder
from tests.model.terms import PRICED, STOPPED
from tests.model.words import OrdType, TimeInForce

SECOND_NS = 10**9
ODD_PRICES = [0, -5, 3, 10**15, 10**15 + 1, 2**63 - 1]
ODD_QTYS = [-1, 3, 7, 10**12, 2**63 - 1, -(2**63)]
ODD_SECONDS = [0, 1, 2**32 - 1]

Terms = TypeVar("Terms", SubmitOrder, ReplaceOrder)


def priced_by_type(random: Random, command: Terms) -> Terms:
    """The same order with just the prices that its type has, now and then with others."""
    stop_px = 5 * random.randint(17, 24) if command.ord_type in STOPPED else 0
    price = command.price if command.ord_type in PRICED else 0
    if random.random() < 0.05:
        stop_px = random.choice([102, *ODD_PRICES])
    if random.random() < 0.03:
        price = random.choice([100, *ODD_PRICES])
    return replace(command, stop_px=stop_px, price=price)


def special_order(random: Random, order: SubmitOrder, now_ns: int) -> SubmitOrder:
    """The same order with another type, time in force and conditions."""
    ord_type = random.choice(list(OrdType)) if order.ord_type in list(OrdType) else order.ord_type
    time_in_force = random.choice(list(TimeInForce))
    expires = time_in_force == TimeInForce.GTD
    expire_s = now_ns // SECOND_NS + random.randint(-3, 20) if expires else 0
    changed = replace(order, ord_type=ord_type, time_in_force=time_in_force, expire_s=expire_s)
    conditions: dict[str, Any] = {
        "min_qty": random.choice([0, 0, 5, order.qty]),
        "display_qty": random.choice([0, 0, 5, order.qty]),
        "exec_inst": random.choice([0, 0, 1, 2, 4, 5, 7]),
    }
    if random.random() < 0.05:
        conditions[random.choice(["min_qty", "display_qty"])] = random.choice(ODD_QTYS)
    if random.random() < 0.03:
        conditions["exec_inst"] = random.choice([8, 255])
    if random.random() < 0.05:
        changed = replace(changed, expire_s=random.choice(ODD_SECONDS))
    return priced_by_type(random, replace(changed, **conditions))


def odd_replace(random: Random, command: ReplaceOrder) -> ReplaceOrder:
    """A replace that brings what only a new order can set."""
    name = random.choice(["min_qty", "display_qty", "expire_s", "exec_inst"])
    changes: dict[str, Any] = {name: random.choice([1, 5])}
    return replace(command, **changes)
