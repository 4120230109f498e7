"""What a configuration may ask for, storage can do: `engine` can't look up the bounds of `storage` itself."""

from pathlib import Path
from typing import get_type_hints

from engine.client.transport import REFERENCE
from engine.config import LogConfig, PartitionConfig, Section
from engine.kernel.lease_rows import ALONE
from engine.rows.events import EVENT_BYTES
from storage.block_header import HEADER_BYTES
from storage.data_file import DATA_FILE
from storage.dead_letters import DeadLetters
from storage.limits import BLOCK_BYTES_MAX, BLOCK_ROWS_MAX
from storage.log_identity import REFERENCE_PARTITION


def largest(section: type[Section], key: str) -> int:
    """The largest value that a key of the configuration may have."""
    (meta,) = get_type_hints(section, include_extras=True)[key].__metadata__
    bound: int = meta.le
    return bound


def test_the_largest_block_of_a_configuration_is_one_that_storage_takes() -> None:
    rows = largest(LogConfig, "block_rows_max")

    assert rows <= BLOCK_ROWS_MAX
    assert HEADER_BYTES + rows * EVENT_BYTES <= BLOCK_BYTES_MAX


def test_the_largest_ring_of_dead_letters_opens_and_takes_only_the_disk_it_uses(tmp_path: Path) -> None:
    letters_max = largest(PartitionConfig, "dead_letters_max")
    with DeadLetters.open(tmp_path, writer=True, letters_max=letters_max, allow_volatile=True) as letters:
        letters.append([("bad", b"x", 1)], at_ns=0)
        assert letters.kept == 1

    assert (tmp_path / DATA_FILE).stat().st_size < 2**20


def test_the_reference_log_has_one_number_everywhere() -> None:
    assert ALONE == REFERENCE == REFERENCE_PARTITION
