"""Actors look after leases by themselves: they ask, return what is idle, and go on after a kill."""

from engine import Admin, Client
from engine.client.connection import Connection, introduce
from engine.client.conversation import converse
from tests.cluster.engine_process import Desk, wait_for

NOBODYS = "XTS"
"""ISO 4217's code for tests: nothing trades in it, so that the other tests of this folder have no limit."""
LIMIT, SHARE = 1_000, 500


def test_a_partition_gets_its_share_gives_it_back_and_gets_it_again_after_a_kill(desk: Desk) -> None:
    connection = Connection(desk.transport)
    converse(desk.transport, introduce(connection, "desk"))
    client = Client(connection)
    admin = Admin.on(client)

    def granted() -> list[tuple[int, int]]:
        return [(int(row.granted), int(row.returning)) for row in client.leases() if row.currency == NOBODYS]

    admin.set_firm_limit(NOBODYS, LIMIT).raise_for_refusal()
    wait_for("the share is granted", lambda: granted() == [(SHARE, 0)])
    serial = client.leases()["serial"][0]
    admin.return_lease(0, NOBODYS, 100).raise_for_refusal()
    wait_for("the return is recorded", lambda: client.leases()["serial"][0] > serial)
    wait_for("the share is asked for again", lambda: granted() == [(SHARE, 0)])

    pid = desk.kill()
    desk.wait_for_successor(pid)
    admin.set_firm_limit(NOBODYS, None).raise_for_refusal()

    wait_for("all of it is returned", lambda: granted() == [(0, 0)])
