"""The manifest says what a directory is, gives every slot to a partition, and shows every change to it."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from storage.errors import LogNotFound, ManifestInvalid
from storage.log_identity import REFERENCE_PARTITION
from storage.manifest import (
    MANIFEST_FILE,
    LogEntry,
    Manifest,
    even_slots,
    holds_engine,
    new_manifest,
    read_manifest,
    write_manifest,
)


def made_manifest(partitions: int = 3) -> Manifest:
    return new_manifest(
        engine_uuid=b"e" * 16,
        log_uuids={
            **{number: bytes([number]) * 16 for number in range(partitions)},
            REFERENCE_PARTITION: b"r" * 16,
        },
        row_bytes=192,
        schema_digest=b"s" * 32,
    )


def test_a_manifest_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    manifest = made_manifest()
    write_manifest(tmp_path / "engine", manifest)

    assert read_manifest(tmp_path / "engine") == manifest
    assert [entry.name for entry in (tmp_path / "engine").iterdir()] == [MANIFEST_FILE]


def test_every_log_has_a_directory_and_an_identity() -> None:
    manifest = made_manifest()

    assert list(manifest.logs) == ["p0000", "p0001", "p0002", "reference"]
    assert manifest.identity(2, schema_digest=b"s" * 32, code_version=b"c" * 32).log_uuid == b"\x02" * 16
    assert (
        manifest.identity(REFERENCE_PARTITION, schema_digest=b"s" * 32, code_version=b"c" * 32).log_uuid
        == b"r" * 16
    )


@pytest.mark.parametrize("partitions", [1, 2, 3, 7, 1000])
def test_slots_are_handed_out_evenly(partitions: int) -> None:
    slots = even_slots(partitions)
    counts = [slots.count(partition) for partition in range(partitions)]

    assert len(slots) == 1024
    assert max(counts) - min(counts) <= 1


def test_its_digest_is_what_the_page_says(tmp_path: Path) -> None:
    write_manifest(tmp_path, made_manifest())
    content = json.loads((tmp_path / MANIFEST_FILE).read_text())
    digest = content.pop("sha256")

    compact = json.dumps(content, sort_keys=True, separators=(",", ":"))
    assert sha256(compact.encode()).hexdigest() == digest


def test_every_change_of_the_file_is_refused(tmp_path: Path) -> None:
    write_manifest(tmp_path, made_manifest())
    path = tmp_path / MANIFEST_FILE
    text = path.read_bytes()
    # Where the file holds white space a change means nothing, and may pass.
    positions = [
        position for position in range(0, len(text), 7) if not text[position : position + 1].isspace()
    ]
    for position in positions:
        path.write_bytes(text[:position] + bytes([text[position] ^ 4]) + text[position + 1 :])
        with pytest.raises(ManifestInvalid):
            read_manifest(tmp_path)


LOGS = made_manifest().logs


@pytest.mark.parametrize(
    "content",
    [
        {"partitions": 10**18},
        {"partitions": 4},
        {"partitions": 0},
        {"row_bytes": 0},
        {"row_bytes": 2**40},
        {"engine_uuid": "zz"},
        {"schema_digest": "00"},
        {"logs": {}},
        {"logs": {"reference": LOGS["reference"]}},
        {"logs": {name: entry for name, entry in LOGS.items() if name != "reference"}},
        {"logs": {**LOGS, "p0001": LogEntry("00", 1)}},
        {"logs": {**LOGS, "p0001": LogEntry("z" * 32, 1)}},
        {"logs": {**LOGS, "p-001": LogEntry("0" * 32, -1)}},
    ],
    ids=str,
)
@pytest.mark.timeout(20)
def test_content_that_no_engine_has_is_refused_though_its_digest_is_right(
    tmp_path: Path, content: dict[str, Any]
) -> None:
    write_manifest(tmp_path, msgspec.structs.replace(made_manifest(), **content))

    with pytest.raises(ManifestInvalid):
        read_manifest(tmp_path)


def test_a_directory_without_a_manifest_is_no_engine(tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()

    with pytest.raises(LogNotFound):
        read_manifest(tmp_path)
    assert not holds_engine(tmp_path)


def lose(path: Path) -> None:
    path.unlink()


def link_to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def put_a_directory_there(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [lose, link_to_nowhere, put_a_directory_there])
@pytest.mark.parametrize("log", ["p0000", "reference"])
def test_a_lost_manifest_is_damage_and_no_sign_of_a_new_directory(
    tmp_path: Path, harm: Callable[[Path], None], log: str
) -> None:
    write_manifest(tmp_path, made_manifest())
    (tmp_path / log / "000001").mkdir(parents=True)
    harm(tmp_path / MANIFEST_FILE)

    with pytest.raises(ManifestInvalid, match=MANIFEST_FILE):
        read_manifest(tmp_path)
    assert holds_engine(tmp_path)


@pytest.mark.parametrize("half_written", [b"", b"{", b'{"format": 1}'])
def test_a_half_written_manifest_is_refused(tmp_path: Path, half_written: bytes) -> None:
    (tmp_path / MANIFEST_FILE).write_bytes(half_written)

    with pytest.raises(ManifestInvalid):
        read_manifest(tmp_path)
