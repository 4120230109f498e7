"""What the demo shows: plain lines in a pipe, a table that fits on a terminal."""

import io

import pytest
from rich.console import Console

from actors.demo.live_screen import LiveScreen
from actors.demo.plain_screen import PlainScreen
from actors.demo.scene import Scene

SCENE = Scene(
    elapsed_s=3.0,
    seconds=20.0,
    events=12_345,
    events_per_second=4_115.0,
    ack_ms={"p50": 1.5, "p99": 9.0, "max": 12.0},
    read_us={"p50": 80.0, "p99": 200.0},
    lag_events=6,
    repeated=400,
    refusals={"PRICE_COLLAR": 17, "ORDER_QTY_EXCEEDED": 25},
    accounts=[
        {
            "account": f"ACCOUNT-{number:02}",
            "gross": 1_000_000.0,
            "net": -5_000.0,
            "long": 497_500.0,
            "short": 502_500.0,
            "worst_case": 1_200_000.0,
            "realized": 12.0,
            "unrealized": -34.0,
        }
        for number in range(30)
    ],
)


def drawn(width: int, height: int) -> list[str]:
    """The lines of one moment on a terminal of this size."""
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None)
    with LiveScreen(console) as screen, console.capture() as captured:
        screen.show(SCENE)
        console.print(screen._live.renderable)
    return captured.get().splitlines()


@pytest.mark.parametrize(("width", "height"), [(80, 24), (120, 50)])
def test_a_table_fits_on_the_terminal(width: int, height: int) -> None:
    lines = drawn(width, height)

    text = "\n".join(lines)
    for shown in ("12,345", "4,115", "p50 80", "PRICE_COLLAR", "ACCOUNT-00", "worst case", "unrealized"):
        assert shown in text
    assert "…" not in text


def test_a_small_terminal_shows_fewer_accounts() -> None:
    assert sum("ACCOUNT-" in line for line in drawn(80, 24)) < sum(
        "ACCOUNT-" in line for line in drawn(80, 50)
    )


def test_lines_in_a_pipe_are_plain_and_at_most_one_a_second() -> None:
    stream = io.StringIO()

    with PlainScreen(stream) as screen:
        screen.say("a sentence")
        screen.show(SCENE)
        screen.show(SCENE)

    first, second = stream.getvalue().splitlines()
    assert first == "a sentence"
    assert second.startswith("  3.0 s      4,115 events/s  ack p50 1.5 p99 9.0 ms")
    assert "\x1b" not in second
