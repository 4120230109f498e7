"""What deciding and folding 4,000 rows costs."""

from typing import Any

from benchmarks.conftest import CAPACITY, Prepared
from engine.kernel.kernel import Kernel

ROUNDS = 40


def test_decide_and_evolve(benchmark: Any, prepared: Prepared) -> None:
    """Decide a frame of fresh commands, each followed by evolve."""
    benchmark.pedantic(
        prepared.decide, setup=lambda: ((prepared.frame(),), {}), rounds=ROUNDS, warmup_rounds=2
    )


def test_fold(benchmark: Any, prepared: Prepared) -> None:
    """Fold stored events, as replay and projections do."""
    follower = Kernel(CAPACITY)
    follower.fold(prepared.history, 1)
    blocks = [prepared.events() for _ in range(ROUNDS + 2)]
    benchmark.pedantic(
        lambda rows: follower.fold(rows, 1),
        setup=lambda: ((blocks.pop(0),), {}),
        rounds=ROUNDS,
        warmup_rounds=2,
    )
