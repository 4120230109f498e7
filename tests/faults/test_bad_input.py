"""Whatever comes in wrong gets a clear answer, loses nothing, and leaves the state as it was.

One row for each kind of bad input: what comes, and what its sender is told. A price or an id that a client
refuses is sent past the client as well, as a row that only another program would write.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from actors.engine_record import EngineRecord
from engine.limits import PRICE_MAX, QTY_MAX
from storage.block_header import HEADER_BYTES
from storage.data_file import DATA_FILE
from tests.faults.bad_input_desk import (
    EPOCH,
    FRAME_ROWS_MAX,
    NOON_NS,
    SMALL,
    TRADE_DATE,
    Desk,
    buy,
    connected,
    digest_in,
    make_engine,
    no_room_in,
    outcome_of,
    transport_of,
)


class Bad(NamedTuple):
    """What comes in, and how the answer begins, as a pattern."""

    comes: Callable[[Desk], object]
    says: str


def data_of(directory: Path) -> Path:
    """The data file of the partition's log."""
    return next((directory / "p0000").glob(f"*/{DATA_FILE}"))


def damage_blocks(directory: Path) -> None:
    """Flip one bit in the rows of every block."""
    data = data_of(directory)
    stored = bytearray(data.read_bytes())
    for block in re.finditer(b"OFBK", bytes(stored)):
        stored[block.start() + HEADER_BYTES + 7] ^= 1
    data.write_bytes(stored)


def cut(directory: Path) -> None:
    """Lose the second half of the log's file."""
    data = data_of(directory)
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])


def exchange_logs(directory: Path) -> None:
    """Put another partition's log in the place of the partition's."""
    (directory / "p0000").rename(directory / "kept")
    (directory / "reference").rename(directory / "p0000")
    (directory / "kept").rename(directory / "reference")


def send_twice(desk: Desk) -> str:
    """Send the very bytes of a frame again."""
    frame = desk.frame(desk.order(b"SENT-1"))
    desk.send(frame)
    return desk.send(frame)


def fill_disk(desk: Desk) -> str:
    """Let the disk be full while orders come; the next owner finds all that was acknowledged, and no more."""
    directory = desk.copy()
    with connected(directory) as client, no_room_in(directory):
        owner, said = transport_of(client).partitions[0], "ACCEPTED"
        while said.startswith("ACCEPTED"):
            acknowledged = owner.kernel.digest()
            said = outcome_of(lambda: buy(client))
    assert digest_in(directory) == acknowledged
    return said


def join_with_a_wrong_token(desk: Desk) -> None:
    """Come with another token than the running engine has."""
    from actors.engine_record import make_token
    from actors.ray_cluster import join_ray

    make_token(desk.directory)
    record = EngineRecord(
        pid=1, address="127.0.0.1:1", partitions=1, token_sha256=sha256(b"another").hexdigest()
    )
    join_ray(desk.directory, record, SMALL)


BAD = {
    # Numbers
    "float": Bad(lambda desk: desk.buy(price=100.5), 'BadRequest: price=100.5 is a float; pass "100.50"'),
    "NaN": Bad(lambda desk: desk.buy(price=Decimal("NaN")), "BadRequest: price=.* is not a finite number"),
    "negative": Bad(lambda desk: desk.buy(price="-1"), "BadRequest: price=-1 is below zero"),
    "negative in a row": Bad(lambda desk: desk.say(desk.order(b"B", price=-1)), "INVALID BAD_PRICE"),
    "zero": Bad(lambda desk: desk.buy(qty=0), "BadRequest: qty=0 is not above zero"),
    "zero in a row": Bad(lambda desk: desk.say(desk.order(b"B", qty=0)), "INVALID BAD_QTY"),
    "over-scale": Bad(lambda desk: desk.buy(price="100.001"), "BadRequest: .* more than 2 decimal places"),
    "off-tick": Bad(lambda desk: desk.buy(price="100.01"), "BadRequest: .* is off the tick of 0.05"),
    "over-limit, sent again": Bad(
        lambda desk: desk.buy(qty=1_001, cl_ord_id="TOO-MUCH"), "DUPLICATE of REJECTED ORDER_QTY_EXCEEDED"
    ),
    "past the bound": Bad(lambda desk: desk.buy(qty=QTY_MAX + 1), "BadRequest: qty=.* past the bound"),
    "price past the bound in a row": Bad(
        lambda desk: desk.say(desk.order(b"B", price=PRICE_MAX + 1)), "INVALID BAD_PRICE"
    ),
    "fill past the bound in a row": Bad(
        lambda desk: desk.say(desk.trade(b"E-9", qty=2**63 - 1)), "INVALID BAD_QTY"
    ),
    "fill in another instrument's scales in a row": Bad(
        lambda desk: desk.say(desk.trade(b"E-9", instrument=2)),
        "INVALID UNKNOWN_INSTRUMENT: .* not the one of the order",
    ),
    "mark of the future": Bad(
        lambda desk: desk.admin.set_mark("AAPL", 101, ts_event=NOON_NS + 2 * 10**9)[0],
        "INVALID BAD_TIME: the mark is dated ahead",
    ),
    "mark that is not newer": Bad(
        lambda desk: desk.admin.set_mark("AAPL", 101, ts_event=NOON_NS)[0], "DUPLICATE of ACCEPTED"
    ),
    # Names
    "unknown account": Bad(lambda desk: desk.buy(account="ACC-2"), "BadRequest: unknown account 'ACC-2'"),
    "unknown instrument": Bad(lambda desk: desk.buy(instrument="MSFT"), "BadRequest: unknown instrument"),
    "unknown strategy": Bad(lambda desk: desk.buy(strategy="S2"), "BadRequest: unknown strategy 'S2'"),
    "unknown account in a row": Bad(
        lambda desk: desk.say(desk.order(b"B", account=9)), "INVALID UNKNOWN_ACCOUNT"
    ),
    "unknown instrument in a row": Bad(
        lambda desk: desk.say(desk.order(b"B", instrument=2**32 - 1)), "INVALID UNKNOWN_INSTRUMENT"
    ),
    "unknown strategy in a row": Bad(
        lambda desk: desk.say(desk.order(b"B", strategy=2)), "INVALID UNKNOWN_STRATEGY"
    ),
    "long id": Bad(lambda desk: desk.buy(cl_ord_id="x" * 21), "BadRequest: .* has 21 bytes, at most 20"),
    "non-ASCII id": Bad(lambda desk: desk.buy(cl_ord_id="é"), "BadRequest: .* not printable ASCII"),
    "non-ASCII id in a row": Bad(lambda desk: desk.say(desk.order(b"\xc3\xa9")), "INVALID BAD_NAME"),
    "an id with a hole in a row": Bad(lambda desk: desk.say(desk.order(b"A\0B")), "INVALID BAD_NAME"),
    "an id of another order in a row": Bad(
        lambda desk: desk.say(desk.order(b"B", order_id_lo=1)), "INVALID BAD_ORDER_ID"
    ),
    # Frames
    "malformed frame": Bad(lambda desk: desk.send(bytes(100)), "INVALID: a frame begins with 00000000"),
    "damaged frame": Bad(
        lambda desk: desk.send(desk.frame(desk.order(b"B"))[:-1] + b"\1"), "INVALID: .* CRC32C does not match"
    ),
    "truncated frame": Bad(
        lambda desk: desk.send(desk.frame(desk.order(b"B"))[:-1]), "INVALID: .* body has 159 bytes"
    ),
    "oversized frame": Bad(
        lambda desk: desk.say(desk.order(b"B").repeat(FRAME_ROWS_MAX + 1)), "INVALID: a frame of 9 commands"
    ),
    "frame of a wrong version": Bad(
        lambda desk: desk.send(desk.frame(desk.order(b"B"))[:4] + b"\7\0" + bytes(234)),
        "INVALID: frame version 7 is not 1",
    ),
    "replayed frame": Bad(send_twice, "DUPLICATE of ACCEPTED"),
    # Order of commands
    "gap": Bad(lambda desk: desk.say(desk.order(b"SENT-1", seq=5)), "GAP: the order's next number is 2"),
    "duplicate": Bad(lambda desk: desk.say(desk.order(b"SENT-1")), "DUPLICATE of ACCEPTED"),
    "duplicate report": Bad(lambda desk: desk.say(desk.trade(b"E-3")), "DUPLICATE of ACCEPTED"),
    "conflicting duplicate": Bad(lambda desk: desk.say(desk.order(b"SENT-1", qty=11)), "CONFLICT"),
    "conflicting report": Bad(lambda desk: desk.say(desk.trade(b"E-3", qty=2)), "CONFLICT"),
    "stale expected version": Bad(
        lambda desk: desk.say(desk.order(b"SENT-1", kind=3, seq=2, expected_version=1)), "VERSION_CONFLICT: "
    ),
    "stale epoch": Bad(
        lambda desk: desk.send(desk.frame(desk.order(b"B"), epoch=EPOCH - 1)), f"FENCED, the epoch is {EPOCH}"
    ),
    "wrong trade date: gone by": Bad(
        lambda desk: desk.say(desk.order(b"B", trade_date=TRADE_DATE - 1)), "STALE_TRADE_DATE"
    ),
    "wrong trade date: to come": Bad(
        lambda desk: desk.say(desk.order(b"B", trade_date=TRADE_DATE + 1)), "INVALID BAD_TRADE_DATE"
    ),
    # Storage
    "full disk": Bad(fill_disk, "OutcomeUnknown: .*no space left for log .* free some space"),
    "log of another partition": Bad(
        lambda desk: desk.broken(exchange_logs), "ForeignLog: .*is not the log that was asked for"
    ),
    "damaged block": Bad(lambda desk: desk.broken(damage_blocks), "LogCorrupted: log .*orderfold verify"),
    "truncated file": Bad(lambda desk: desk.broken(cut), "LogTruncated: .*it was cut"),
    "two starts on one directory": Bad(
        lambda desk: connected(desk.directory), "Unavailable: .* is in use by another engine"
    ),
    "wrong token": Bad(join_with_a_wrong_token, "Unavailable: wrong token"),
}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An engine in its second life, with an order, a trade and one incident on each."""
    directory = tmp_path_factory.mktemp("desk") / "engine"
    make_engine(directory)
    desk = Desk(directory)
    for rows in (desk.order(b"SENT-1"), desk.trade(b"E-3")):
        desk.say(rows)
        rows["qty"] += 5
        assert desk.say(rows).startswith("CONFLICT")
    yield desk
    desk.close()


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_bad_input_is_answered_clearly_and_changes_nothing(desk: Desk, bad: Bad) -> None:
    before = desk.state()

    said = outcome_of(lambda: bad.comes(desk))

    assert re.match(bad.says, said), said
    assert desk.state() == before
    assert before.live == before.folded


FIRST = {
    "over-limit": Bad(
        lambda desk: desk.buy(qty=1_002), "REJECTED ORDER_QTY_EXCEEDED: .* 1002 is above the limit of 1000"
    ),
    "off-tick in a row": Bad(
        lambda desk: desk.say(desk.order(b"OFF-TICK", price=10_001)), "REJECTED INVALID_PRICE_INCREMENT"
    ),
    "conflicting duplicate": Bad(lambda desk: desk.say(desk.trade(b"E-2", qty=41)), "CONFLICT"),
}


@pytest.mark.parametrize("bad", FIRST.values(), ids=FIRST)
def test_a_refusal_and_a_first_conflict_are_on_record_and_move_no_position(desk: Desk, bad: Bad) -> None:
    """The answer table wants them remembered: one event each, and nothing that trades has changed."""
    before, tables = desk.state(), desk.partition.kernel.tables
    held = tables.positions.tobytes() + tables.holdings.tobytes()

    said = outcome_of(lambda: bad.comes(desk))
    after = desk.state()

    assert re.match(bad.says, said), said
    assert after.next_offset == before.next_offset + 1
    assert after.live == after.folded != before.live
    assert tables.positions.tobytes() + tables.holdings.tobytes() == held
