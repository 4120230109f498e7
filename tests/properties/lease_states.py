"""The firm's limits and leases of kernel and model, as plain values under the same names."""

from typing import Any

from engine.kernel.tables import Tables
from tests.model.leases import Leases

NUMBERS = ("granted", "expires_ns", "serial")


def leases_of_kernel(tables: Tables) -> dict[str, Any]:
    """Limits as (limit, sum of leases), leases by (partition, currency)."""
    firm = tables.firm[0]
    budgets = tables.budgets[1 : int(firm["budgets"]) + 1]
    leases = tables.leases[1 : int(firm["leases"]) + 1]
    return {
        "budgets": {_letters(row): (int(row["credit_max"]), int(row["granted"])) for row in budgets},
        "leases": {
            (int(row["partition"]), _letters(tables.budgets[row["budget"]])): (
                *(int(row[name]) for name in NUMBERS),
                int(row["returning"]),
            )
            for row in leases
        },
    }


def leases_of_model(leases: Leases) -> dict[str, Any]:
    """The same; the model returns at once, so nothing is on its way."""
    return {
        "budgets": {currency: (limit, leases.granted(currency)) for currency, limit in leases.limits.items()},
        "leases": {
            key: (*(getattr(lease, name) for name in NUMBERS), 0) for key, lease in leases.rows.items()
        },
    }


def _letters(budget: Any) -> bytes:
    return int(budget["currency"]).to_bytes(3, "little").rstrip(b"\0")
