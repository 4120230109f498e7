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
from actors.demo.proof import (
    AGAIN_MAX,
    Census,
    census,
    count_recognised,
    digest_of_answers,
    digest_of_fold,
    logged_keys,
    lost,
)
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
from storage.verify_report import VerifyReport

PARTITION = 0
STRATEGIES = 4
ACCOUNTS = 200
INSTRUMENTS = 40

SHOW_EVERY_S = 0.25
RATE_OVER = 8
"""Moments that the rate of events is measured over: two seconds."""

Moment = tuple[float, int]
"""Seconds since the first order, and events until then."""

READING_WITHIN_S = 30.0
RECOVERED_WITHIN_S = 60.0


class Played(NamedTuple):
    """What happened while orders were sent: before the kill, after it, and the last moment that was shown."""

    before: Acked
    after: Acked
    kill: Kill
    last: Scene


class Proved(NamedTuple):
    """What the engine, its log and its projection say afterwards; see `Outcome`."""

    asked_again: int
    recognised: int
    census: Census
    lost_before: int
    lost_after: int
    projection_digest: str
    fold_digest: str


def run_demo(directory: Path, screen: Screen, *, seconds: float, seed: int, rows_per_second: int) -> Outcome:
    """Play the demo in a new engine directory, and prove or disprove what it claims."""
    config = Config()
    screen.say("starting the engine; the first time its rules are compiled, which takes a minute or two")
    with EngineHost(directory, config, screen.say) as host, ExitStack() as stack:
        target = f"ray:{directory}"
        admin = stack.enter_context(Admin.connect(target, principal="operator"))
        flow = Flow(seed=seed, accounts=ACCOUNTS, instruments=INSTRUMENTS)
        define(admin.connection.transport, flow)
        names = [f"strategy-{number}" for number in range(1, STRATEGIES + 1)]
        clients = [stack.enter_context(Client.connect(target, principal=name)) for name in names]
        screen.say(
            f"{STRATEGIES} strategies trade {INSTRUMENTS} instruments for {ACCOUNTS} accounts;"
            " a process of its own reads the risk"
        )
        traffic = Traffic(clients, OrderSource(flow), rows_per_second=rows_per_second)
        played = _play(host, traffic, Market(Admin.on(clients[0]), seed), screen, directory, seconds)
        screen.say("comparing what was acknowledged with the log, and the projection with a fold of it")
        proved = _prove(clients[0], directory, config, played)
    screen.say("verifying every block")
    return _outcome(played, proved, verify_directory(directory))


def _play(
    host: EngineHost, traffic: Traffic, market: Market, screen: Screen, directory: Path, seconds: float
) -> Played:
    """Send orders for so many seconds, and kill the partition in the middle of them."""
    reader = RiskReader(directory)
    kill = Kill(host, PARTITION, screen)
    killed_at_s = seconds
    moments: deque[Moment] = deque(maxlen=RATE_OVER)
    try:
        reader.wait_until_reading(READING_WITHIN_S)
        traffic.start()
        market.start()
        with screen:
            while (traffic.elapsed_s < seconds or not kill.pid) and not traffic.has_failed:
                # Without an answer before the kill there would be nothing to lose by it.
                if not kill.pid and traffic.elapsed_s > seconds / 2 and len(traffic.acked):
                    kill.strike()
                    killed_at_s = traffic.elapsed_s
                screen.show(_scene(traffic, reader, moments, seconds))
                time.sleep(SHOW_EVERY_S)
            market.finish()
            traffic.finish()
            last = _scene(traffic, reader, moments, seconds)
            screen.show(last)
        kill.wait(RECOVERED_WITHIN_S)
    finally:
        # Nobody may still be sending when the engine is stopped, however this has ended.
        market.halt()
        traffic.halt()
        reader.stop()
    acked = traffic.acked.all()
    is_before = acked.at_s < killed_at_s
    return Played(acked.where(is_before), acked.where(~is_before), kill, last)


def _scene(traffic: Traffic, reader: RiskReader, moments: deque[Moment], seconds: float) -> Scene:
    """This moment, which joins the last few that the rate of events is measured over."""
    moments.append((traffic.elapsed_s, len(traffic.acked)))
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
    """Send some commands once more; compare all with the log, and the projection with a fold of the log."""
    again = played.before.last(AGAIN_MAX)
    recognised = count_recognised(client, again)
    transport = client.connection.transport
    with LogReader.open(directory / log_name(PARTITION)) as reader:
        logged = logged_keys(reader)
        position = len(logged) - 1
        return Proved(
            asked_again=len(again),
            recognised=recognised,
            census=census(played.before.joined(played.after), logged),
            lost_before=int(lost(played.before, logged).sum()),
            lost_after=int(lost(played.after, logged).sum()),
            projection_digest=digest_of_answers(
                lambda question: transport.ask(PARTITION, question), position, INSTRUMENTS
            ),
            fold_digest=digest_of_fold(reader, capacity_of(config, 0), position, INSTRUMENTS),
        )


def _outcome(played: Played, proved: Proved, report: VerifyReport) -> Outcome:
    last = played.last
    return Outcome(
        seconds=round(last.elapsed_s, 1),
        events=last.events,
        events_per_second=round(last.events / last.elapsed_s),
        ack_ms=last.ack_ms,
        read_us=last.read_us,
        refusals=last.refusals,
        killed_pid=played.kill.pid,
        successor_pid=played.kill.successor,
        recovered_s=round(played.kill.recovered_s, 1),
        acked_before=len(played.before),
        acked_after=len(played.after),
        repeated=last.repeated,
        blocks=report.blocks,
        first_fault=str(report.first_fault or ""),
        **proved._asdict(),
    )
