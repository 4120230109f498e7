"""The files that replays read: what their names tell, and their lines, so that a complaint can name one."""

import gzip
import re
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from engine.errors import BadRequest
from engine.limits import NAME_BYTES_MAX

LINE_BYTES_MAX = 2**20
"""Longest line, in bytes: two hundred price levels take ten thousand; beyond, it is no file of rows."""

_NAME = re.compile(r"(?P<symbol>[^_/]+)_(?P<date>\d{4}-\d{2}-\d{2}|\d{8})_")
_SYMBOL = re.compile(rf"[!-~]{{1,{NAME_BYTES_MAX}}}")


class Subject(NamedTuple):
    """What a file is about: the instrument's name, and the trade date as yyyymmdd."""

    symbol: str
    trade_date: int


def subject_of(path: Path, symbol: str | None = None, trade_date: date | None = None) -> Subject:
    """Symbol and trade date as given, else as in the file's name: SYMBOL_YYYY-MM-DD_… or SYMBOL_YYYYMMDD_….

    Raises BadRequest where neither the argument nor the name tells.
    """
    named = _NAME.match(path.name)
    if symbol is None:
        symbol = _told(named, path, "symbol")
    if trade_date is None:
        trade_date = _date_of(_told(named, path, "date"), path)
    if not _SYMBOL.fullmatch(symbol):
        raise BadRequest(f"symbol {symbol!r}: expected 1 to {NAME_BYTES_MAX} printable ASCII characters")
    return Subject(symbol, trade_date.year * 10_000 + trade_date.month * 100 + trade_date.day)


def _told(named: re.Match[str] | None, path: Path, what: str) -> str:
    if named is None:
        raise BadRequest(
            f"{path}: the name does not begin with SYMBOL_YYYY-MM-DD_: give the {what} as an argument"
        )
    return named[what]


def _date_of(text: str, path: Path) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(f"{path}: {text} in the name is no date: give the date as an argument") from error


def midnight_ns(trade_date: int) -> int:
    """Nanoseconds from 1970 to the midnight that begins a trade date (yyyymmdd), zone left aside."""
    day = date(trade_date // 10_000, trade_date // 100 % 100, trade_date % 100)
    return (day - date(1970, 1, 1)).days * 86_400 * 10**9


def malformed(path: Path, line: int, problem: str) -> BadRequest:
    """The error for a row that can't be read; `line` counts from 1."""
    return BadRequest(f"{path}:{line}: {problem}")


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Every line of a plain or gzip file without its end, and its number from 1.

    Raises BadRequest that names the line at which a file can't be read on.
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
    except BadRequest:
        return count
    return count
