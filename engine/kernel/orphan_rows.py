"""The row of a report that is held until its order appears."""

from engine.rows.commands import COMMAND_BYTES, REPORT_COMMAND_FIELDS
from engine.rows.layout import Field, row_dtype

ORPHAN = row_dtype(
    [
        *REPORT_COMMAND_FIELDS,
        Field("key_hi", "<u8", 0),
        Field("key_lo", "<u8", 8),
        Field("subject_ref", "<u8", 88),
        Field("next", "<u4", 96),
        Field("prev", "<u4", 100),
        Field("execution", "<u4", 104),
    ],
    COMMAND_BYTES,
)
"""A held report as the command that it was, with its links in bytes that no report uses.

The key is the id of the order that it names. What is held of one order is a ring, linked by `next` and `prev`
in the order of arrival; the index finds its first. `execution` is the report's row in that table, and
`subject_ref` whom one is about that states no commission.
"""
