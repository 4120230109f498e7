"""A small engine directory to do damage to: two partitions and a reference log, checkpoints and snapshots.

One log has blocks so small that LMDB needs a tree of pages to find them, another has large ones. Every log
has a checkpoint that has seen its end: without one, an older state of a whole log is a sound log.
"""

from pathlib import Path

from storage.block import Block
from storage.checkpoints import Checkpoint, LogMark, write_checkpoint
from storage.data_file import DATA_FILE
from storage.event_log import EventLog
from storage.log_directory import log_name
from storage.log_identity import REFERENCE_PARTITION
from storage.manifest import MANIFEST_FILE, write_manifest
from storage.snapshots import SnapshotFiles
from tests.unit.storage.made_engine import identity_of, made_manifest
from tests.unit.storage.made_logs import extend, open_log

SIZES = {
    0: ([1, 2, 3] * 15, [2, 1] * 12),
    1: ([40, 1, 300, 33, 7], [64, 2, 90]),
    REFERENCE_PARTITION: ([4, 1], [2]),
}
"""Rows of the blocks of each log's two segments."""


class DamagedEngine:
    """An engine directory whose files can be changed and put back.

    Attributes:
        directory: where it lies.
        files: path below it to content, as it was made.
        older: the same at instants before, oldest first: after each commit.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.older: list[dict[str, bytes]] = []
        self._known: dict[bytes, bytes] = {}
        write_manifest(directory, made_manifest())
        for partition in SIZES:
            self._make_log(partition)
        self.files = self._read()

    def _make_log(self, partition: int) -> None:
        name, identity = log_name(partition), identity_of(partition)
        with open_log(self.directory / name, identity) as log:
            log.claim()
            first, second = SIZES[partition]
            self._extend(log, partition, first)
            snapshot = self._last(log)
            log.rotate(append_ts_ns=log.tip.append_ts_last_ns)
            self._extend(log, partition, second)
            self._follow(name, snapshot, self._last(log))

    def _extend(self, log: EventLog, partition: int, sizes: list[int]) -> None:
        for size in sizes:
            self.older.append(self._read())
            extend(log, [size], identity_of(partition))

    def _last(self, log: EventLog) -> Block:
        return log.read_block(log.tip.next_offset - 1)

    def _follow(self, name: str, *blocks: Block) -> None:
        """Leave a snapshot behind each block, and a projection's checkpoint behind the last."""
        for block in blocks:
            mark = LogMark.behind(block)
            path = SnapshotFiles(self.directory / "snapshots" / name).path_at(mark.next_offset)
            write_checkpoint(path, Checkpoint("kernel", "1", (mark,), {"rows": bytes(range(256))}))
        write_checkpoint(
            self.directory / "checkpoints" / f"{name}-risk",
            Checkpoint("risk", "1", (mark,), {"rows": bytes(300)}),
        )

    def _read(self) -> dict[str, bytes]:
        """The content of all files that must be kept, or that a start reads."""
        paths = [
            self.directory / MANIFEST_FILE,
            *self.directory.rglob(DATA_FILE),
            *self.directory.glob("checkpoints/*"),
            *self.directory.glob("snapshots/*/*"),
        ]
        # Most files are as they were a commit ago; one copy of each content is enough.
        contents = {str(path.relative_to(self.directory)): path.read_bytes() for path in paths}
        return {name: self._known.setdefault(data, data) for name, data in contents.items()}

    def change(self, changed: dict[str, bytes | None]) -> None:
        """Write some files anew; a segment whose data file is gone goes whole."""
        for name, content in changed.items():
            path = self.directory / name
            if content is not None:
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(content)
                continue
            for file in path.parent.iterdir():
                file.unlink()
            path.parent.rmdir()

    def put_back(self, changed: dict[str, bytes | None]) -> None:
        """Undo `change`."""
        self.change({name: self.files[name] for name in changed})
