"""Fresh random ids, for the transports: the engine itself has no randomness."""

import uuid


def fresh_id() -> tuple[int, int]:
    """A random 128-bit id, as two words."""
    fresh = uuid.uuid4().int
    return fresh >> 64, fresh & (2**64 - 1)
