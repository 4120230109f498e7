"""The demo's verdict: red as soon as one of its claims does not hold."""

import msgspec
import pytest

from actors.demo.outcome import Outcome
from actors.demo.proof import Census

GOOD = Outcome(
    seconds=20.0,
    events=1_000,
    events_per_second=50.0,
    ack_ms={"p50": 1.0, "p99": 2.0, "max": 3.0},
    read_us={"p50": 10.0, "p99": 20.0},
    refusals={"PRICE_COLLAR": 1},
    killed_pid=11,
    successor_pid=12,
    recovered_s=2.5,
    acked_before=600,
    acked_after=400,
    lost_before=0,
    lost_after=0,
    repeated=4,
    asked_again=100,
    recognised=100,
    census=Census(acked=1_000, lost=0, doubled=0, unasked=0),
    first_fault="",
    blocks=7,
    projection_digest="ab" * 32,
    fold_digest="ab" * 32,
)


def test_it_holds_where_every_claim_does() -> None:
    assert GOOD.held


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({"successor_pid": 0}, "nobody took over from the killed process 11"),
        ({"successor_pid": 11}, "the killed process 11 has a successor, 11"),
        ({"acked_before": 0}, "0 commands were acknowledged before it"),
        ({"lost_before": 1}, "600 commands were acknowledged before it; 1 are lost"),
        ({"acked_after": 0}, "0 were acknowledged after it"),
        ({"lost_after": 1}, "400 were acknowledged after it; 1 are lost"),
        ({"asked_again": 0, "recognised": 0}, "of 0 from before the kill"),
        ({"recognised": 99}, "99 were recognised"),
        ({"census": Census(1_000, 0, 1, 0)}, "1 took effect twice"),
        ({"census": Census(1_000, 0, 0, 1)}, "1 events are there that nobody sent"),
        ({"first_fault": "p0000, block 3: the hash does not fit"}, "block 3: the hash does not fit"),
        ({"fold_digest": "cd" * 32}, "that of a fold of the log cdcdcdcdcdcdcdcd"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_fault_turns_it_red_and_is_named(fault: dict[str, object], sentence: str) -> None:
    outcome = msgspec.structs.replace(GOOD, **fault)

    assert not outcome.held
    assert [sentence in claim.sentence for claim in outcome.claims if not claim.held] == [True]
