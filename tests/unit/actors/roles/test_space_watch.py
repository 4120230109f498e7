"""The space watch looks at once, then now and then."""

from actors.roles.space_watch import LOOK_EVERY_NS, SpaceWatch


def test_it_looks_at_once_and_then_no_oftener_than_it_says() -> None:
    free = [100]
    watch = SpaceWatch(lambda: free[0], floor=50)
    watch.look(0)
    assert not watch.is_low

    free[0] = 49
    watch.look(LOOK_EVERY_NS - 1)
    assert not watch.is_low
    watch.look(LOOK_EVERY_NS)
    assert watch.is_low

    free[0] = 50
    watch.look(2 * LOOK_EVERY_NS)
    assert not watch.is_low
