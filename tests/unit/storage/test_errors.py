"""Every storage error survives pickling, because errors cross process borders."""

import copy
import inspect
import pickle

import pytest

from storage import errors
from storage.faults import BlockFault, FaultKind

CLASSES = [
    kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.StorageError)
]
SAMPLES = {"epoch": 1, "epoch_now": 2, "offset": 3, "bytes_found": 4, "bytes_needed": 5}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_survives_pickling_with_its_words_and_fields(kind: type[errors.StorageError]) -> None:
    names = [] if kind.__init__ is Exception.__init__ else list(inspect.signature(kind).parameters)
    error = kind(*(SAMPLES.get(name, name) for name in names if name not in {"args", "kwargs"}))

    returned = pickle.loads(pickle.dumps(error))

    assert type(returned) is kind
    assert str(returned) == str(error)
    assert vars(returned) == vars(error)


def test_a_block_fault_survives_pickling() -> None:
    fault = BlockFault(FaultKind.CRC, "it differs")

    assert vars(copy.copy(fault)) == vars(fault)
    assert str(fault) == "crc: it differs"


def test_a_full_disk_is_caught_by_whoever_catches_a_poisoned_log() -> None:
    assert issubclass(errors.DiskFull, errors.LogPoisoned)
    assert not issubclass(errors.LogPoisoned, errors.IntegrityFault)
