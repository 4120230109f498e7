"""What is left out between two runs is what the columns say, byte for byte, and nothing else."""

import numpy as np
import pytest

from actors.folds.run_columns import RUN_COLUMNS, bytes_to_compare, fields_of, is_of_run
from engine.kernel.kernel import used_rows
from engine.kernel.tables import Capacity, new_tables
from engine.rows.events import EVENT_BYTES
from engine.rows.schema import SCHEMAS
from engine.vocabulary import EventKind


@pytest.mark.parametrize(("kind", "schema"), SCHEMAS)
def test_a_column_counts_wholly_or_not_at_all(kind: EventKind, schema: int) -> None:
    mask = bytes_to_compare(kind, schema)

    for field in fields_of(kind, schema):
        ours = mask[field.offset : field.offset + np.dtype(field.format).itemsize]
        assert (ours == (0 if field.name in RUN_COLUMNS else 0xFF)).all(), field.name


def test_of_an_event_that_nobody_knows_the_head_is_understood() -> None:
    mask = bytes_to_compare(255, 9)

    # ts_event, correlation and fingerprint.
    assert np.flatnonzero(mask == 0).tolist() == [*range(24, 48), *range(56, 64)]
    assert len(mask) == EVENT_BYTES


def test_every_time_of_an_event_is_left_out() -> None:
    """A new column with a time must be thought of: between two runs it differs."""
    names = {field.name for _, fields in SCHEMAS.values() for field in fields}

    assert {name for name in names if name.endswith("_ns")} <= RUN_COLUMNS


def test_every_time_of_the_state_is_left_out_and_no_setting() -> None:
    tables = new_tables(Capacity(*(1 for _ in Capacity._fields)))
    times = {
        (name, column)
        for name, rows in used_rows(tables).items()
        for column in rows.dtype.names or ()
        if column.endswith("_ns")
    }
    settings = {"repeat_window_ns", "rate_interval_ns", "rate_burst_ns", "execution_window_ns"}

    assert {column for name, column in times if not is_of_run(name, column)} == settings
