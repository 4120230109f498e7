"""The sums that a question asks for: by which group, and by marks and rates that are young enough."""

from collections.abc import Callable

from engine.kernel.tables import Tables
from engine.reads.converting import in_currency
from engine.reads.questions import WHOLE, GroupBy, ReadExposure, ReadProfit
from engine.reads.regrouping import regrouped
from engine.reads.risk_tables import RiskTables
from engine.reads.sum_rows import Sums

ReadSums = Callable[[RiskTables, GroupBy, int], Sums]
"""`exposure_of` or `profit_of`."""


def wanted_sums(read: ReadSums, tables: Tables, question: ReadExposure | ReadProfit) -> Sums:
    """The sums, and the names of what could not be valued."""
    by: GroupBy = "account" if question.by in WHOLE else question.by
    rows, unpriced = read(_freshly_marked(tables, question.since_ns), by, question.handle)
    if question.by in WHOLE:
        rows = regrouped(rows, question.by)
    if not question.currency:
        return rows, unpriced
    return in_currency((rows, unpriced), tables, question.currency, question.since_ns)


def _freshly_marked(tables: Tables, since_ns: int) -> Tables:
    """The same tables, where a mark that is older than this time is none; 0 for marks of any age."""
    if since_ns == 0:
        return tables
    instruments = tables.instruments.copy()
    instruments["mark"][instruments["mark_ns"] < since_ns] = 0
    return tables._replace(instruments=instruments)
