"""A reader in one process follows an owner in another."""

from pathlib import Path

from storage.log_reader import LogReader
from tests.faults.owner_process import owner_of


def test_a_reader_in_another_process_sees_every_acknowledged_block(tmp_path: Path) -> None:
    log = tmp_path / "p0000"
    with owner_of(log) as owner:
        owner.ask("claim")
        with LogReader.open(log) as reader:
            for rows in (1, 300, 40):
                owner.ask(f"append {rows}")
                assert reader.tip_offset() == owner.acks[-1].next_offset
            owner.ask("rotate")
            owner.ask("append 9")
            assert [block.header.count for block in reader.blocks(0)] == [1, 300, 40, 9]
            assert reader.tip().block_hash.hex() == owner.acks[-1].block_hash
