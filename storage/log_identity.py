"""Who a log is: the uuid, partition and row width it keeps for life, and what writes it now."""

from dataclasses import dataclass

REFERENCE_PARTITION = 0xFFFF_FFFF
"""The partition number of the reference log, which belongs to every partition and to none."""

DIGEST_BYTES = 32
UUID_BYTES = 16


@dataclass(frozen=True, slots=True)
class LogIdentity:
    """A log's name tag: what every block of it must carry, and what the present writer stamps on new ones.

    Attributes:
        log_uuid: 16 bytes, made once when the log is created; tells mixed-up files apart.
        partition: u32, `REFERENCE_PARTITION` for the reference log.
        row_bytes: bytes of one row, the same for the whole log.
        schema_digest: 32 bytes that name the schema set the present writer encodes with.
        code_version: 32 bytes that name the present writer's code.
    """

    log_uuid: bytes
    partition: int
    row_bytes: int
    schema_digest: bytes
    code_version: bytes

    def __post_init__(self) -> None:
        assert len(self.log_uuid) == UUID_BYTES, "a log uuid has 16 bytes"
        assert 0 <= self.partition <= REFERENCE_PARTITION, "a partition number has 32 bits"
        assert self.row_bytes > 0, "a row has at least one byte"
        assert len(self.schema_digest) == DIGEST_BYTES, "a schema set digest has 32 bytes"
        assert len(self.code_version) == DIGEST_BYTES, "a code version has 32 bytes"
