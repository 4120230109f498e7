"""The files that replays read: what their names tell, and their lines, so that a complaint can name one."""

import gzip
import re
import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from engine.errors import BadRequest
from engine.limits import NAME_BYTES_MAX, NS_PER_SECOND

LINE_BYTES_MAX = 2**20
"""Longest line, in bytes: two hundred price levels take ten thousand; beyond, it is no file of rows."""

SYMBOL_EXPECTED = f"expected 1 to {NAME_BYTES_MAX} printable ASCII characters"

_FIRST_DAY = date(1970, 1, 1)
_NAME = re.compile(
    r"(?P<symbol>[^/]+?)[-_.](?P<date>(?:19|20)\d\d(?:-[01]\d-[0-3]\d|[01]\d[0-3]\d))(?=[-_.]|$)"
)
_SYMBOL = re.compile(rf"[!-~]{{1,{NAME_BYTES_MAX}}}")
_NOT_IN_SYMBOLS = re.compile(r"[^!-~]")


class MalformedRow(BadRequest):
    """A row of a file can't be read: the message begins with file and line; all before it is applied."""


class Subject(NamedTuple):
    """What a file is about: the instrument's name, and the trade date as yyyymmdd.

    `assumed` says in one sentence what neither an argument nor the file's name has told; mostly it is empty.
    """

    symbol: str
    trade_date: int
    assumed: str = ""


def subject_of(path: Path, symbol: str | None, trade_date: date | None, first_ns: int = 0) -> Subject:
    """Symbol and trade date as given, else as in the file's name: SYMBOL_YYYY-MM-DD… or SYMBOL_YYYYMMDD….

    Where neither tells, the symbol is the name itself, and the date that of the first row's time `first_ns`.
    BadRequest where the symbol or date told is none.
    """
    named = _NAME.match(path.name)
    assumed = []
    if symbol is None:
        symbol = named["symbol"] if named else _plain_name(path)
        assumed += [] if named else [f"symbol {symbol}"]
    if trade_date is None:
        trade_date = _date_of(named["date"], path) if named else _day_of(first_ns)
        assumed += [] if named else [f"trade date {trade_date}"]
    if not is_symbol(symbol):
        raise BadRequest(f"symbol {symbol!r}: {SYMBOL_EXPECTED}")
    return Subject(
        symbol,
        trade_date.year * 10_000 + trade_date.month * 100 + trade_date.day,
        f"{path.name} does not begin with SYMBOL_YYYY-MM-DD: assumed {' and '.join(assumed)}"
        if assumed
        else "",
    )


def is_symbol(text: str) -> bool:
    """Whether an instrument can be called so."""
    return _SYMBOL.fullmatch(text) is not None


def _plain_name(path: Path) -> str:
    """What of a file's name an instrument can be called."""
    return _NOT_IN_SYMBOLS.sub("", path.name.split(".")[0])[:NAME_BYTES_MAX]


def _date_of(text: str, path: Path) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(f"{path}: {text} in the name is no date: give the date as an argument") from error


def _day_of(time_ns: int) -> date:
    return _FIRST_DAY + timedelta(seconds=time_ns // NS_PER_SECOND)


def midnight_ns(trade_date: int) -> int:
    """Nanoseconds from 1970 to the midnight that begins a trade date (yyyymmdd), zone left aside."""
    day = date(trade_date // 10_000, trade_date // 100 % 100, trade_date % 100)
    return (day - _FIRST_DAY).days * 86_400 * NS_PER_SECOND


def malformed(path: Path, line: int, problem: str) -> MalformedRow:
    """The error for a row that can't be read; `line` counts from 1."""
    return MalformedRow(f"{path}:{line}: {problem}")


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Every line of a plain or gzip file without its end, and its number from 1.

    Raises MalformedRow that names the line at which a file can't be read on.
    """
    line = 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            while text := file.readline(LINE_BYTES_MAX):
                line += 1
                if len(text) == LINE_BYTES_MAX:
                    raise malformed(path, line, f"the line is longer than {LINE_BYTES_MAX} bytes")
                yield line, text.rstrip(b"\r\n")
    except (OSError, EOFError, zlib.error) as error:
        raise malformed(path, line + 1, f"cannot be read: {error}") from error


def count_lines(path: Path) -> int:
    """How many lines a file has, as far as it can be read."""
    count = 0
    try:
        for line, _ in numbered_lines(path):
            count = line
    except MalformedRow:
        return count
    return count
