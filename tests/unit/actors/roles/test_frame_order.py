"""However a transport reorders and repeats a session's frames, they go on in the order of their numbers."""

from hypothesis import given
from hypothesis import strategies as st

from actors.roles.frame_order import SESSIONS_MAX, FrameOrder, Place

WINDOW = 8
SESSION = (0, 1)


def place(number: int, oldest: int = 1, session: tuple[int, int] = SESSION) -> Place:
    return Place(session, number, oldest)


@given(st.permutations(range(1, WINDOW + 1)))
def test_any_order_within_the_window_comes_out_in_order(numbers: list[int]) -> None:
    order: FrameOrder[int] = FrameOrder(WINDOW)

    gone_on = [item for number in numbers for item in order.admit(place(number), number).ready]

    assert gone_on == sorted(numbers)


@given(st.lists(st.integers(1, WINDOW), max_size=40))
def test_a_first_copy_goes_on_in_order_and_a_later_one_at_once(numbers: list[int]) -> None:
    order: FrameOrder[int] = FrameOrder(WINDOW)
    seen: list[int] = []
    for number in numbers:
        was_seen = number in seen
        ready, _ = order.admit(place(number), number)
        assert not was_seen or ready == [number]
        seen += [item for item in ready if item not in seen]

    assert seen == list(range(1, len(seen) + 1))


def test_what_the_client_no_longer_waits_for_holds_nothing_up() -> None:
    order: FrameOrder[str] = FrameOrder(WINDOW)
    assert order.admit(place(3), "three") == ([], [])

    assert order.admit(place(4, oldest=3), "four") == (["three", "four"], [])


def test_a_number_that_is_passed_over_lets_those_behind_it_go_on() -> None:
    order: FrameOrder[str] = FrameOrder(WINDOW)
    assert order.admit(place(2), "two") == ([], [])

    assert order.admit(place(1), None) == (["two"], [])


def test_a_frame_beyond_the_window_is_refused() -> None:
    order: FrameOrder[str] = FrameOrder(WINDOW)

    assert order.admit(place(WINDOW + 1), "far") == ([], ["far"])
    assert order.admit(place(WINDOW), "near") == ([], [])


def test_a_newer_copy_takes_the_place_of_one_that_still_waits() -> None:
    order: FrameOrder[str] = FrameOrder(WINDOW)
    order.admit(place(2), "first copy")

    assert order.admit(place(2), "second copy") == ([], ["first copy"])
    assert order.admit(place(1), "one") == (["one", "second copy"], [])


def test_a_copy_that_a_newer_one_has_overtaken_does_not_go_on_again() -> None:
    """The kernel may have refused the newer copy, which it does not remember, and the client may know it."""
    order: FrameOrder[str] = FrameOrder(WINDOW)
    assert order.admit(place(3, oldest=3), "sent after frame 2 was given up") == (
        ["sent after frame 2 was given up"],
        [],
    )

    assert order.admit(place(3, oldest=2), "sent before") == ([], ["sent before"])
    assert order.admit(place(3, oldest=3), "sent again") == (["sent again"], [])
    assert order.admit(place(4, oldest=3), "the next") == (["the next"], [])


def test_a_frame_that_has_not_come_before_goes_on_however_old_what_it_says_is() -> None:
    order: FrameOrder[str] = FrameOrder(WINDOW)
    assert order.admit(place(1), "one") == (["one"], [])
    assert order.admit(place(3, oldest=2), "three") == ([], [])

    assert order.admit(place(2, oldest=1), "two") == (["two", "three"], [])


def test_the_session_that_is_silent_longest_is_forgotten_with_what_waits_in_it() -> None:
    order: FrameOrder[str] = FrameOrder(WINDOW)
    order.admit(place(2), "waits for one")
    for session in range(2, SESSIONS_MAX + 1):
        assert order.admit(place(1, session=(0, session)), "x").refused == []

    assert order.admit(place(1, session=(1, 0)), "x").refused == ["waits for one"]


def test_dropping_spares_the_newest_session() -> None:
    order: FrameOrder[str] = FrameOrder(WINDOW)
    order.admit(place(2, session=(0, 1)), "old")
    order.admit(place(2, session=(0, 2)), "new")

    assert order.drop_early() == ["old"]
    assert order.drop_early() == []
