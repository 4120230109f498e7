"""The few records of a segment that are not blocks: sub-database `meta`, each value followed by its CRC32C.

    format     u32 = 1
    identity   log_uuid 16B | partition u32 | row_bytes u32 | segment u32
    origin     tip before the segment's first block; written once
    epoch      u64; raised by every owner when it claims the log
    tip        tip behind the segment's last block; written with every block, in the same transaction

Numbers are little-endian; a tip is packed as `ChainTip.pack` says.
"""

from __future__ import annotations

import struct
from typing import Any

import lmdb
from crc32c import crc32c

from storage.chain_tip import ChainTip
from storage.faults import BlockFault, FaultKind
from storage.log_identity import LogIdentity

FORMAT = 1

_U32 = struct.Struct("<I")
_U64 = struct.Struct("<Q")
_IDENTITY = struct.Struct("<16sIII")


class SegmentMeta:
    """Reads and writes the meta records of one segment inside somebody else's transaction.

    Every reading method raises BlockFault (META) if the record is missing, damaged or of an unknown format.
    """

    def __init__(self, database: Any) -> None:
        self._database = database

    def write_first(
        self, txn: lmdb.Transaction[bytes], identity: LogIdentity, segment: int, origin: ChainTip, epoch: int
    ) -> None:
        """Write all records of a segment without blocks."""
        tag = _IDENTITY.pack(identity.log_uuid, identity.partition, identity.row_bytes, segment)
        self._put(txn, b"format", _U32.pack(FORMAT))
        self._put(txn, b"identity", tag)
        self._put(txn, b"origin", origin.pack())
        self.write_epoch(txn, epoch)
        self.write_tip(txn, origin)

    def write_epoch(self, txn: lmdb.Transaction[bytes], epoch: int) -> None:
        """Write the epoch of the log's owner."""
        self._put(txn, b"epoch", _U64.pack(epoch))

    def write_tip(self, txn: lmdb.Transaction[bytes], tip: ChainTip) -> None:
        """Write the tip behind the last block."""
        self._put(txn, b"tip", tip.pack())

    def identity(self, txn: lmdb.Transaction[bytes]) -> tuple[bytes, int, int, int]:
        """Give log uuid, partition, bytes of a row and segment number; checks the format first."""
        found = self._number(txn, b"format", _U32)
        if found != FORMAT:
            raise BlockFault(
                FaultKind.META, f"segment format {found} is unknown, this version reads {FORMAT}"
            )
        log_uuid, partition, row_bytes, segment = self._unpack(txn, b"identity", _IDENTITY)
        return log_uuid, partition, row_bytes, segment

    def epoch(self, txn: lmdb.Transaction[bytes]) -> int:
        """Give the epoch of the log's owner."""
        return self._number(txn, b"epoch", _U64)

    def origin(self, txn: lmdb.Transaction[bytes]) -> ChainTip:
        """Give the tip before the segment's first block."""
        return self._tip(txn, b"origin")

    def tip(self, txn: lmdb.Transaction[bytes]) -> ChainTip:
        """Give the tip behind the segment's last block."""
        return self._tip(txn, b"tip")

    def _number(self, txn: lmdb.Transaction[bytes], key: bytes, shape: struct.Struct) -> int:
        number: int = self._unpack(txn, key, shape)[0]
        return number

    def _unpack(self, txn: lmdb.Transaction[bytes], key: bytes, shape: struct.Struct) -> tuple[Any, ...]:
        value = self._get(txn, key)
        if len(value) != shape.size:
            raise BlockFault(
                FaultKind.META, f"record {key.decode()} has {len(value)} bytes, not {shape.size}"
            )
        return shape.unpack(value)

    def _tip(self, txn: lmdb.Transaction[bytes], key: bytes) -> ChainTip:
        try:
            return ChainTip.unpack(self._get(txn, key))
        except ValueError as error:
            raise BlockFault(FaultKind.META, f"record {key.decode()}: {error}") from error

    def _put(self, txn: lmdb.Transaction[bytes], key: bytes, value: bytes) -> None:
        txn.put(key, value + _U32.pack(crc32c(value)), db=self._database)

    def _get(self, txn: lmdb.Transaction[bytes], key: bytes) -> bytes:
        stored = txn.get(key, db=self._database)
        if stored is None:
            raise BlockFault(FaultKind.META, f"record {key.decode()} is missing")
        value, crc = stored[: -_U32.size], stored[-_U32.size :]
        if crc != _U32.pack(crc32c(value)):
            raise BlockFault(FaultKind.META, f"record {key.decode()} does not match its CRC32C")
        return value
