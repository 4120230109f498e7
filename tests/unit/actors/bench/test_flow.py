"""The generated flow: repeatable by its seed, and every command gets the answer it is checked against."""

import numpy as np

from actors.bench.flow import Flow
from engine.kernel.kernel import FrameInWork, Kernel, StagedBlock
from engine.kernel.lease_rows import ALONE
from engine.kernel.tables import Capacity
from engine.vocabulary import AnswerCode, Reason

SMALL = Capacity(
    orders=2_000, executions=8_000, positions=2_000, accounts=64, strategies=128, instruments=64, limits=64
)


def small_flow(seed: int = 1) -> Flow:
    return Flow(seed=seed, accounts=16, instruments=8)


def decide(kernel: Kernel, rows: np.ndarray) -> np.ndarray:
    """Decide rows in one block; gives the answers."""
    frame = FrameInWork(rows)
    assert kernel.decide(frame, StagedBlock(len(rows) + 2), 10**18, lambda offsets: offsets)
    return frame.answers


def test_the_same_seed_makes_the_same_rows() -> None:
    rows, _ = small_flow().wave(100)
    again, _ = small_flow().wave(100)
    other, _ = small_flow(seed=2).wave(100)

    assert rows.tobytes() == again.tobytes()
    assert rows.tobytes() != other.tobytes()


def test_every_command_gets_the_answer_that_the_flow_expects() -> None:
    kernel = Kernel(SMALL)
    flow = small_flow()
    assert (decide(kernel, flow.definitions())["code"] == AnswerCode.ACCEPTED).all()
    assert (decide(kernel, flow.money_limits(ALONE))["code"] == AnswerCode.ACCEPTED).all()
    assert (decide(kernel, flow.market())["code"] == AnswerCode.ACCEPTED).all()

    for _ in range(2):
        rows, codes = flow.wave(300)
        answers = decide(kernel, rows)

        assert (answers["code"] == codes).all()
        assert (codes == AnswerCode.REJECTED).sum() == 300 // 50


def test_every_limit_on_money_is_looked_at() -> None:
    """The control: once the firm's lease has ended orders are refused; each account has limits of its own."""
    kernel = Kernel(SMALL)
    flow = small_flow()
    for rows in (flow.definitions(), flow.money_limits(ALONE), flow.market()):
        decide(kernel, rows)
    rows, codes = flow.wave(100)
    kernel.tables.leases["expires_ns"] = 1
    refused = decide(kernel, rows[:100])

    assert set(refused["reason"][codes[:100] == AnswerCode.ACCEPTED]) == {Reason.LEASE_EXPIRED}
    limits = kernel.tables.ledgers[1 : 1 + flow.accounts]
    assert (limits["max_gross"] > 0).sum() == flow.accounts
    assert (limits["has_max_drawdown"] & (limits["max_drawdown"] > 0)).sum() == flow.accounts


def test_orders_without_definitions_do_not_get_the_expected_answers() -> None:
    """The control: what the benchmark checks can fail."""
    rows, codes = small_flow().wave(100)

    assert (decide(Kernel(SMALL), rows)["code"] != codes).any()
