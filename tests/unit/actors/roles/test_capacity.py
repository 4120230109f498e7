"""What a configuration makes of the tables of a partition and of the reference log."""

from actors.roles.engine_files import NO_ORDERS, capacity_of
from engine.config import Config
from storage.log_identity import REFERENCE_PARTITION


def test_the_reference_log_has_room_for_definitions_and_for_no_orders() -> None:
    config = Config()
    partition, reference = capacity_of(config, 0), capacity_of(config, REFERENCE_PARTITION)

    assert partition.orders == config.engine.orders_max
    assert (reference.orders, reference.executions, reference.positions) == (NO_ORDERS,) * 3
    for name in ("accounts", "strategies", "instruments", "limits", "requests", "ledgers"):
        assert getattr(reference, name) == getattr(partition, name)
