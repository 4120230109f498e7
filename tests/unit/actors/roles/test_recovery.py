"""How far a recovery is, and how long the rest will take."""

from actors.roles.recovery import Progress, folding
from engine.limits import NS_PER_SECOND


def test_the_rest_takes_as_long_as_what_is_done_took_in_proportion() -> None:
    progress = Progress()
    progress.begin(1_000, 5_000, 10 * NS_PER_SECOND)

    progress.reach(2_000)

    assert progress.remaining_s(11 * NS_PER_SECOND) == 3.0
    assert (
        folding(progress.status(11 * NS_PER_SECOND))
        == "folding its log: 2,000 of 5,000 events, some 3 s left"
    )


def test_nobody_knows_before_the_first_block_and_nothing_is_left_behind_the_last() -> None:
    progress = Progress()
    progress.begin(1_000, 5_000, 0)
    assert progress.remaining_s(NS_PER_SECOND) == 0.0

    progress.reach(5_000)

    assert progress.remaining_s(NS_PER_SECOND) == 0.0
