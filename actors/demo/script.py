"""The demo from beginning to end: start, define, trade, kill, trade on, stop, prove."""

import time
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from actors.bench.flow import Flow
from actors.bench.load import define
from actors.demo.acked import Acked
from actors.demo.kill import Kill
from actors.demo.market import Market
from actors.demo.orders import OrderSource
from actors.demo.outcome import Outcome
from actors.demo.proof import Census, count, digest_of_answers, digest_of_fold, logged_keys, lost
from actors.demo.risk_reader import RiskReader
from actors.demo.scene import Scene, Screen
from actors.demo.traffic import Traffic
from actors.engine_host import EngineHost
from actors.roles.engine_files import capacity_of
from engine import Admin, Client
from engine.config import Config
from storage.log_directory import log_name
from storage.log_reader import LogReader
from storage.verifier import verify_directory

PARTITION = 0
STRATEGIES = 4
ACCOUNTS = 200
INSTRUMENTS = 40

SHOW_EVERY_S = 0.25
RATE_OVER = 8
"""Moments that the rate of events is measured over: two seconds."""

READING_WITHIN_S = 30.0
RECOVERED_WITHIN_S = 60.0


class Played(NamedTuple):
    """What happened while orders were sent."""

    acked: Acked
    killed_at_s: float
    kill: Kill
    last: Scene


class Proved(NamedTuple):
    """What the log and the projection say afterwards; how many commands before and after the kill are lost."""

    census: Census
    lost_before: int
    lost_after: int
    projection_digest: str
    fold_digest: str


def run_demo(directory: Path, screen: Screen, *, seconds: float, seed: int, rows_per_second: int) -> Outcome:
    """Play the demo in a new engine directory, and prove or disprove what it claims."""
    config = Config()
    screen.say(
        "starting Ray, a partition and its projector; the rules are compiled first: half a minute when new"
    )
    with EngineHost(directory, config, screen.say) as host, ExitStack() as stack:
        target = f"ray:{directory}"
        admin = stack.enter_context(Admin.connect(target, principal="operator"))
        flow = Flow(seed=seed, accounts=ACCOUNTS, instruments=INSTRUMENTS)
        define(admin.connection.transport, flow)
        names = [f"strategy-{number}" for number in range(1, STRATEGIES + 1)]
        clients = [stack.enter_context(Client.connect(target, principal=name)) for name in names]
        screen.say(
            f"{ACCOUNTS} accounts, {INSTRUMENTS} instruments, {STRATEGIES} strategies sending, one risk process"
        )
        traffic = Traffic(clients, OrderSource(flow), rows_per_second=rows_per_second)
        played = _play(host, traffic, Market(Admin.on(clients[0]), seed), screen, directory, seconds)
        screen.say("comparing what was acknowledged with the log, and the projection with a fold of it")
        proved = _prove(clients[0], directory, config, played)
    screen.say("verifying every block")
    report = verify_directory(directory)
    return _outcome(played, proved, seconds, report.blocks, str(report.first_fault or ""))


def _play(
    host: EngineHost, traffic: Traffic, market: Market, screen: Screen, directory: Path, seconds: float
) -> Played:
    """Send orders for so many seconds, and kill the partition in the middle of them."""
    reader = RiskReader(directory)
    kill = Kill(host, PARTITION, screen)
    killed_at_s = 0.0
    moments: deque[tuple[float, int]] = deque(maxlen=RATE_OVER)
    try:
        reader.wait_until_reading(READING_WITHIN_S)
        traffic.start()
        market.start()
        with screen:
            while (elapsed_s := traffic.elapsed_s) < seconds:
                if not kill.pid and elapsed_s > seconds / 2:
                    killed_at_s = elapsed_s
                    kill.strike()
                moments.append((elapsed_s, len(traffic.acked)))
                last = _scene(traffic, reader, moments, seconds)
                screen.show(last)
                time.sleep(SHOW_EVERY_S)
            market.stop()
            traffic.finish()
        kill.wait(RECOVERED_WITHIN_S)
    finally:
        reader.stop()
    return Played(traffic.acked.all(), killed_at_s, kill, last)


def _scene(traffic: Traffic, reader: RiskReader, moments: deque[tuple[float, int]], seconds: float) -> Scene:
    (first_s, first), (last_s, last) = moments[0], moments[-1]
    seen = reader.latest
    return Scene(
        elapsed_s=last_s,
        seconds=seconds,
        events=last,
        events_per_second=(last - first) / (last_s - first_s) if last_s > first_s else 0.0,
        ack_ms=traffic.ack_ms(),
        read_us=seen.get("read_us", {}),
        lag_events=seen.get("lag_events", 0),
        repeated=traffic.repeated,
        refusals=dict(traffic.refusals),
        accounts=seen.get("accounts", []),
    )


def _prove(client: Client, directory: Path, config: Config, played: Played) -> Proved:
    """Compare the acknowledged commands with the log, and the running projection with a fold of the log."""
    transport = client.connection.transport
    with LogReader.open(directory / log_name(PARTITION)) as reader:
        logged = logged_keys(reader)
        position = len(logged) - 1
        is_lost = lost(played.acked, logged)
        is_before = played.acked.at_s < played.killed_at_s
        return Proved(
            census=count(played.acked, logged),
            lost_before=int(is_lost[is_before].sum()),
            lost_after=int(is_lost[~is_before].sum()),
            projection_digest=digest_of_answers(
                lambda question: transport.ask(PARTITION, question), position, INSTRUMENTS
            ),
            fold_digest=digest_of_fold(reader, capacity_of(config), position, INSTRUMENTS),
        )


def _outcome(played: Played, proved: Proved, seconds: float, blocks: int, first_fault: str) -> Outcome:
    acked, last = played.acked, played.last
    before = int((acked.at_s < played.killed_at_s).sum())
    return Outcome(
        seconds=seconds,
        events=len(acked),
        events_per_second=round(len(acked) / seconds),
        ack_ms=last.ack_ms,
        read_us=last.read_us,
        refusals=last.refusals,
        killed_pid=played.kill.pid,
        successor_pid=played.kill.successor,
        recovered_s=round(played.kill.recovered_s, 1),
        acked_before=before,
        acked_after=len(acked) - before,
        repeated=last.repeated,
        blocks=blocks,
        first_fault=first_fault,
        **proved._asdict(),
    )
