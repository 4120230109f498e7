"""Reads over a mapped view: where the projector's tables lie in shared memory, no question is sent at all."""

from collections.abc import Callable
from typing import Any, Protocol

from engine.client.transport import Transport
from engine.errors import NotReady, StaleView
from engine.reads.questions import AnyQuestion, ReadExposure, ReadPositions, ReadProfit
from engine.reads.table import Table


class View(Protocol):
    """One partition's published tables; handles as arguments, 0 for any. NotReady before `min_position`."""

    def positions(
        self, *, account: int = 0, strategy: int = 0, instrument: int = 0, min_position: int = -1
    ) -> Table:
        """Every position that matches."""

    def exposure(
        self, *, account: int = 0, strategy: int = 0, instrument: int = 0, min_position: int = -1
    ) -> Table:
        """Exposure of one account, strategy or instrument; without a handle that of every account."""

    def pnl(
        self, *, account: int = 0, strategy: int = 0, instrument: int = 0, min_position: int = -1
    ) -> Table:
        """Profit and loss of one account, strategy or instrument; without a handle that of every account."""


class Views:
    """The mapped views of a transport that has some; each is opened when it is first needed."""

    def __init__(self, transport: Transport) -> None:
        self._open: Callable[[int], View] | None = getattr(transport, "view", None)
        self._views: dict[int, View] = {}

    def read(self, partition: int, question: AnyQuestion) -> Table | None:
        """The answer as the mapped view has it; None where the projector is to be asked."""
        if self._open is None or not isinstance(question, ReadPositions | ReadExposure | ReadProfit):
            return None
        try:
            view = self._views.get(partition) or self._views.setdefault(partition, self._open(partition))
            return _read(view, question)
        except NotReady:
            return None
        except StaleView:
            self._views.pop(partition, None)
            return None


def _read(view: View, question: ReadPositions | ReadExposure | ReadProfit) -> Table | None:
    if isinstance(question, ReadPositions):
        return view.positions(
            account=question.account,
            strategy=question.strategy,
            instrument=question.instrument,
            min_position=question.min_position,
        )
    if question.currency or question.since_ns or (question.handle == 0 and question.by != "account"):
        return None
    read = view.exposure if isinstance(question, ReadExposure) else view.pnl
    group: dict[str, Any] = {question.by: question.handle}
    return read(**group, min_position=question.min_position)
