"""An engine at work, with a door for raw frames, and a way to break copies of its directory."""

import queue
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from actors.local_transport import LocalTransport
from actors.partition_loop import PartitionLoop
from actors.roles.dead_letter_tray import LETTERS_DIRECTORY
from actors.roles.engine_files import capacity_of
from engine import Admin, Client, VenueFeed
from engine.answers import Ack, ack_of
from engine.client.command_rows import NAME_WORDS
from engine.codec.frames import FRAME_HEADER, decode_answers, encode_frame
from engine.config import ClientConfig, Config, EngineConfig, LogConfig, PartitionConfig
from engine.errors import OrderfoldError
from engine.kernel.kernel import Kernel
from engine.kernel.keys import fill_order_ids
from engine.kernel.tables import names_of
from engine.rows.commands import command_rows
from engine.rows.events import HEAD
from engine.vocabulary import AnswerCode, CommandKind, ExecType, Lane, OrdType, Side, TimeInForce
from storage.data_file import DATA_FILE
from storage.dead_letters import DeadLetters
from storage.errors import StorageError

TRADE_DATE = 20261120
NOON_NS = 1_795_176_000 * 10**9
FRAME_ROWS_MAX = 8
EPOCH = 2
"""The desk's engine is in its second life, so that there is an older epoch."""

SMALL = Config(
    engine=EngineConfig(orders_max=1_000, positions_max=1_000, executions_max=1_000),
    log=LogConfig(block_rows_max=64),
    partition=PartitionConfig(frame_rows_max=FRAME_ROWS_MAX),
    client=ClientConfig(frame_rows_max=FRAME_ROWS_MAX),
)


class State(NamedTuple):
    """What must not change: the live state, the fold of the log, its length, and what every order says."""

    live: str
    folded: str
    next_offset: int
    orders: tuple[object, ...]


def outcome_of(act: Callable[[], object]) -> str:
    """What somebody is told who does this: the text of a result, or the class and the text of an error."""
    try:
        return str(act())
    except (OrderfoldError, StorageError) as error:
        return f"{type(error).__name__}: {error}"


class Desk:
    """An engine in a directory, the faces of its clients, and the door through which frames come in."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.client = connected(directory)
        self.admin, self.feed = Admin.on(self.client), VenueFeed.on(self.client, venue="XNAS")
        self._transport = transport_of(self.client)
        self.partition = self._transport.partitions[0]
        self._door = PartitionLoop(
            self.partition, SMALL, on_commit=lambda: None, on_failure=lambda error: None
        )
        self._door.start()
        self._frames = 0
        self._copies = 0

    def close(self) -> None:
        self._door.stop()
        self.client.close()

    def state(self) -> State:
        """The state as it is, and as the log alone tells it."""
        folded = Kernel(capacity_of(SMALL, 0))
        for block in self.partition.log.blocks(0):
            folded.fold(block.rows(HEAD).copy(), block.header.append_ts_last_ns)
        self._transport.deliver(0, command_rows(0))  # the projector follows what came in by the door
        kernel, orders = self.partition.kernel, tuple(self.client.orders())
        return State(kernel.digest(), folded.digest(), kernel.next_offset, orders)

    def buy(self, **terms: Any) -> Ack:
        """Submit an order that is right, but for what is given."""
        return buy(self.client, **terms)

    def order(self, cl_ord_id: bytes, **changes: Any) -> np.ndarray:
        """The row of an order that is right, but for what is given: what no client would send."""
        rows = command_rows(1)
        rows["kind"], rows["lane"], rows["seq"] = CommandKind.SUBMIT_ORDER, Lane.OWNER, 1
        rows["account"] = rows["instrument"] = rows["strategy"] = rows["venue"] = 1
        rows["side"], rows["ord_type"], rows["time_in_force"] = Side.BUY, OrdType.LIMIT, TimeInForce.DAY
        rows["price"], rows["qty"], rows["text"] = 10_000, 10, cl_ord_id
        rows["trade_date"] = changes.get("trade_date", TRADE_DATE)
        names = names_of(self.partition.kernel.tables.accounts)[1:2].copy()
        fill_order_ids(rows, names.view(NAME_WORDS))
        for name, value in changes.items():
            rows[name] = value
        return rows

    def trade(self, exec_id: bytes, **changes: Any) -> np.ndarray:
        """The row of a venue's report on the order SENT-1 that is right, but for what is given."""
        rows = self.order(b"SENT-1")
        rows["kind"], rows["lane"], rows["seq"] = CommandKind.EXECUTION_REPORT, Lane.VENUE, 0
        rows["exec_type"], rows["text"], rows["qty"] = ExecType.TRADE, exec_id, 1
        for name, value in changes.items():
            rows[name] = value
        return rows

    def frame(self, rows: np.ndarray, epoch: int = 0) -> bytes:
        """The next frame of this desk's own session."""
        self._frames += 1
        header = np.zeros(1, FRAME_HEADER)[0]
        header["session_hi"], header["number"], header["oldest"] = 7, self._frames, self._frames
        header["epoch"] = epoch
        return encode_frame(header, rows).tobytes()

    def send(self, frame: bytes) -> str:
        """Send bytes to the partition; gives what it answers, and what it notes where it can't read them."""
        answered: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._door.submit(frame, answered.put)
        header, answers = decode_answers(answered.get(timeout=10))
        if header["code"] == AnswerCode.INVALID:
            return f"INVALID: {self._newest_letter()}"
        if header["code"] != AnswerCode.ACCEPTED:
            return f"{AnswerCode(header['code']).name}, the epoch is {header['epoch']}"
        return "; ".join(str(ack_of(answer, 0)) for answer in answers)

    def say(self, rows: np.ndarray) -> str:
        """Send rows in a frame of their own."""
        return self.send(self.frame(rows))

    def _newest_letter(self) -> str:
        self.partition.letters.empty(self.directory, 100)
        with DeadLetters.open(self.directory / LETTERS_DIRECTORY, writer=False) as letters:
            return letters.newest(1)[0].reason

    def copy(self) -> Path:
        """A copy of the directory, as a crash would leave it."""
        self._copies += 1
        return Path(shutil.copytree(self.directory, self.directory.with_name(f"copy-{self._copies}")))

    def broken(self, damage: Callable[[Path], None]) -> str:
        """What opening a damaged copy says. Put right again, the copy must hold the very same state."""
        directory = self.copy()
        damage(directory)
        said = outcome_of(lambda: connected(directory).close())
        for path in [path for path in directory.iterdir() if path.is_dir()]:
            shutil.rmtree(path)
            shutil.copytree(self.directory / path.name, path)
        assert digest_in(directory) == self.state().live
        return said


def connected(directory: Path) -> Client:
    """A client with an engine of its own in a directory."""
    return Client.connect(f"local:{directory}", principal="quant", config=SMALL, clock=lambda: NOON_NS)


def buy(client: Client, **terms: Any) -> Ack:
    """Submit an order that is right, but for what is given."""
    right: dict[str, Any] = {"account": "ACC-1", "instrument": "AAPL", "strategy": "S1", "side": "BUY"}
    return client.submit(**{**right, "qty": 10, "price": "100.00", **terms})


def transport_of(client: Client) -> LocalTransport:
    """The engine behind a client."""
    transport = client.connection.transport
    assert isinstance(transport, LocalTransport)
    return transport


def digest_in(directory: Path) -> str:
    """The digest of the state that an engine finds in a directory."""
    with connected(directory) as client:
        return transport_of(client).partitions[0].kernel.digest()


def make_engine(directory: Path) -> None:
    """The desk's first life: definitions, a filled order, an order refused by risk."""
    with connected(directory) as client:
        admin, feed = Admin.on(client), VenueFeed.on(client, venue="XNAS")
        admin.set_venue("XNAS")
        admin.set_instrument("AAPL", venue="XNAS", price_scale=2, qty_scale=0, tick="0.05", lot=1)
        admin.set_account("ACC-1", strategies=["S1"])
        admin.set_limits(
            "ACC-1",
            max_order_qty=1_000,
            max_order_notional=1_000_000,
            max_long_qty=5_000,
            max_short_qty=5_000,
        )
        admin.start_trading_day("XNAS", TRADE_DATE)
        admin.set_mark("AAPL", "100.00")
        filled = buy(client, qty=100, cl_ord_id="FILLED")
        feed.report(filled.order_id, "NEW", exec_id="E-1")
        feed.report(filled.order_id, "TRADE", exec_id="E-2", last_qty=40, last_px="99.95")
        assert buy(client, qty=1_001, cl_ord_id="TOO-MUCH").code == AnswerCode.REJECTED


@contextmanager
def no_room_in(directory: Path) -> Iterator[None]:
    """No file of this process grows past the partition's log as it is, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = next((directory / "p0000").glob(f"*/{DATA_FILE}")).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
