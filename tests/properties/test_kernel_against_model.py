"""The kernel gives the reference model's answers and has its state, whatever is sent and however it is cut.

`ORDERFOLD_FLOWS=2000 pytest tests/properties` looks for longer, at new flows each time.
"""

import os
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import vocabulary
from engine.client import accepted_words
from engine.rows.layout import joined
from tests.model import checks, words
from tests.model.reference_data import Capacity
from tests.properties.flow import NUMBER_BITS, numbers_of, run_flow
from tests.properties.logged_kernel import LoggedKernel
from tests.properties.reached import WITHOUT_KERNEL, check_log, check_refusals
from tests.properties.side_by_side import ROOMY, TIGHT, Disagreement, SentFrame, SideBySide
from tests.properties.two_logs import SideBySideWithReference

FLOWS = os.environ.get("ORDERFOLD_FLOWS")


NUMBERS = st.integers(0, 2**NUMBER_BITS - 1)
LISTS = st.lists(NUMBERS, min_size=50, max_size=150)
"""Flows that Hypothesis varies and can make short; many have much in common."""
SEEDED = st.builds(numbers_of, NUMBERS, st.integers(150, 350))
"""Flows that have nothing in common, and so reach more."""


def searching(flows: int) -> settings:
    """So many flows, the same every time, unless somebody asks for others."""
    return settings(
        max_examples=max(flows, int(FLOWS or 0)),
        derandomize=FLOWS is None,
        database=None,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


@pytest.mark.parametrize(("flows", "count"), [(LISTS, 20), (SEEDED, 40)], ids=["lists", "seeds"])
def test_kernel_and_model_agree_on_every_flow(flows: st.SearchStrategy[list[int]], count: int) -> None:
    """That flows reach every word is seen over more of them, in tests/integration/model."""

    def agree(numbers: list[int], capacity: Capacity) -> None:
        side = SideBySide(capacity)
        run_flow(side, numbers)
        check_log(side)
        check_refusals(side)

    searching(count)(given(flows, st.sampled_from([TIGHT, ROOMY]))(agree))()


@searching(15)
@given(numbers=SEEDED, cut=NUMBERS)
def test_where_frames_and_blocks_end_changes_no_answer_and_no_event(numbers: list[int], cut: int) -> None:
    side = SideBySide(ROOMY)
    run_flow(side, numbers)
    again = LoggedKernel(ROOMY)

    answers = send_again(again, side.sent, Random(cut))

    assert answers.tobytes() == joined([frame.answers for frame in side.sent]).tobytes()
    assert again.log.tobytes() == side.logged.log.tobytes()
    assert again.kernel.digest() == side.logged.kernel.digest()


@searching(12)
@given(numbers=SEEDED)
def test_definitions_copied_from_a_log_of_their_own_give_the_same_answers(numbers: list[int]) -> None:
    side = SideBySideWithReference()

    run_flow(side, numbers)
    check_log(side)

    assert side.logged.kernel.reference_next > 15, "the definitions that a flow opens with were not copied"


def send_again(kernel: LoggedKernel, sent: list[SentFrame], random: Random) -> np.ndarray:
    """Send the same commands at the same times, cut anew into frames and blocks; gives all answers.

    A block has one time, so those of different times never share one.
    """
    answers = []
    for now_ns in sorted({frame.now_ns for frame in sent}):
        commands = joined([frame.commands for frame in sent if frame.now_ns == now_ns])
        kernel.commit(now_ns, random.choice([1, 2, 5, 17, 300]))
        while len(commands):
            size = random.choice([1, 2, 3, 20, 200])
            answers.append(kernel.decide(commands[:size].copy(), now_ns))
            commands = commands[size:]
            if random.random() < 0.3:
                kernel.commit(now_ns, random.choice([1, 2, 5, 17, 300]))
        kernel.commit(now_ns, 1)
    return joined(answers)


def test_frames_meet_full_blocks_and_events_that_only_the_log_has() -> None:
    """Otherwise the properties above would hold of the easy half only."""
    side = SideBySide(ROOMY)

    run_flow(side, numbers_of(7, 400))

    assert side.logged.stops > 50
    assert side.logged.fetched > 30


@pytest.mark.parametrize("name", ["Code", "Check", "Reason", "Life", "Status", "State", "Scope", "Lane"])
def test_the_model_knows_exactly_the_kernels_words(name: str) -> None:
    kernel_names = {"Code": "AnswerCode", "Status": "OrdStatus", "State": "TradingState"}
    of_kernel = set(getattr(vocabulary, kernel_names.get(name, name)).__members__)
    of_model = set(getattr(words, name).__members__)

    assert of_kernel - of_model <= {*WITHOUT_KERNEL, "NONE", "REFERENCE", "ENGINE"}
    assert of_model <= of_kernel


def test_clients_may_send_exactly_the_words_that_the_model_takes() -> None:
    for offered, taken in (
        (accepted_words.SIDES, words.Side),
        (accepted_words.ORD_TYPES, words.OrdType),
        (accepted_words.TIMES_IN_FORCE, words.TimeInForce),
        (accepted_words.EXEC_TYPES, words.ExecType),
        (accepted_words.SCOPES, words.Scope),
    ):
        assert {word.name for word in offered} == set(taken.__members__)


# ---- controls: what must be caught


def test_a_model_that_forgets_a_check_disagrees(monkeypatch: pytest.MonkeyPatch) -> None:
    """One rule of many: tests/mutants plants faults in the kernel itself."""
    rest = [check for check in checks.CHECKS if check is not checks._position]
    monkeypatch.setattr(checks, "CHECKS", rest)

    with pytest.raises(Disagreement, match="POSITION"):
        run_flow(SideBySide(ROOMY), numbers_of(1, 1_000))


def test_a_log_with_one_changed_number_is_seen() -> None:
    side = SideBySide(ROOMY)
    run_flow(side, numbers_of(2, 200))
    side.logged.log["version"][-1] += 1

    with pytest.raises(Disagreement, match="chains"):
        check_log(side)


def test_a_byte_that_nobody_reads_is_seen() -> None:
    side = SideBySide(ROOMY)
    run_flow(side, numbers_of(3, 50))
    side.logged.log["tail"][0, -1] = 1

    with pytest.raises(Disagreement, match="unread bytes"):
        check_log(side)
