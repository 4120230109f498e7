"""One run of a replay: an engine in this process, and messages that are sent and judged frame by frame."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from actors.local_transport import LocalTransport
from actors.replays.checks import Checks
from actors.replays.command_draft import CommandDraft, Source
from actors.replays.engine_view import ProjectedView
from actors.replays.frame_sender import FileClock, FrameSender
from actors.replays.marks import Marks
from actors.replays.replay_report import ReplayReport
from actors.replays.replay_step import Step
from actors.replays.setting import Setting
from actors.replays.source_file import MalformedRow
from engine.client.client import Client
from engine.config import Config, MarksConfig
from engine.errors import IntegrityError
from storage.log_directory import log_name
from storage.log_reader import LogReader

PRINCIPAL = "replay"

FRAME_ROWS = 4_000
"""Commands after which a frame is sent, at the end of a message: larger frames gain little."""

Progress = Callable[[int, int], None]
"""Is told how many messages are answered and checked, of how many."""


@contextmanager
def opened_run(
    data_dir: Path,
    config: Config,
    *,
    start_ns: int,
    venue: str,
    trade_date: int,
    report: ReplayReport,
    messages_total: int,
    progress: Progress,
) -> Iterator["ReplayRun"]:
    """A run on the engine in `data_dir`, whose clock begins at `start_ns`; a context that closes it."""
    clock = FileClock(start_ns)
    with Client.connect(f"local:{data_dir}", principal=PRINCIPAL, config=config, clock=clock) as client:
        setting = Setting(client, venue, trade_date)
        with LogReader.open(data_dir / log_name(setting.partition)) as log:
            view = ProjectedView(log, config)
            yield ReplayRun(client, clock, setting, view, config.marks, report, messages_total, progress)


class ReplayRun:
    """Takes steps one after another, sends their commands in frames, and judges each at its own position.

    Attributes:
        draft: where the mapping of a file writes its commands.
        setting: the definitions of the replay.
        report: what was found so far.
    """

    def __init__(
        self,
        client: Client,
        clock: FileClock,
        setting: Setting,
        view: ProjectedView,
        marks: MarksConfig,
        report: ReplayReport,
        messages_total: int,
        progress: Progress,
    ) -> None:
        self.report = report
        self.draft = CommandDraft()
        self.setting = setting
        self._client = client
        self._view = view
        self._marks = marks
        self._messages_total = messages_total
        self._progress = progress
        self._sender = FrameSender(client, clock, self.report)
        self._checks = Checks(view, self.report)
        self._frame: list[Step] = []
        self._complete = 0

    def marks_of(self, source: Source) -> Marks:
        """The marks of an instrument."""
        return Marks(self.draft, source, self._marks)

    def list_instrument(self, name: str, price_scale: int) -> Source:
        """Define an instrument behind everything that was drafted so far."""
        self.flush()
        self._checks.price_scale = price_scale
        return self.setting.list_instrument(name, price_scale)

    def follow(self, steps: Iterable[Step]) -> None:
        """Send and check every step; a row that can't be read ends the run behind everything before it."""
        try:
            for step in steps:
                self._frame.append(step)
                self._complete = len(self.draft)
                if self._complete >= FRAME_ROWS:
                    self.flush()
        except MalformedRow:
            self.flush()
            raise
        self.flush()
        self.report.state_digest = self._digest()

    def flush(self) -> None:
        """Send what is drafted, wait for the answers, and judge each message at its own position."""
        steps, self._frame = self._frame, []
        rows, self._complete = self.draft.take(self._complete), 0
        if not steps:
            return
        sent = self._sender.send(rows, steps[-1].time_ns)
        for step in steps:
            self._checks.judge(step, int(sent.positions[step.start]), int(sent.positions[step.end]))
            if sent.is_accepted[step.start : step.end].all():
                self.report.executed_visible += step.executed_visible
                self.report.executed_hidden += step.executed_hidden
        self.report.messages += len(steps)
        self._progress(self.report.messages, self._messages_total)

    def _digest(self) -> str:
        """The digest of the writer's state, which must be that of a fold of its log."""
        transport = self._client.connection.transport
        assert isinstance(transport, LocalTransport), "local:DIR is the engine in this process"
        partition = transport.partitions[self.setting.partition]
        digest = partition.kernel.digest()
        if self._view.digest_at(partition.kernel.next_offset - 1) != digest:
            raise IntegrityError("the fold of the log differs from the writer's state: run orderfold verify")
        return digest
