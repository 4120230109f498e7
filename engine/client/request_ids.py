"""Request ids that follow from words: who asks for the same again has the same id, and is recognised."""

import hashlib

from engine.values import id_words

Words = tuple[int, int]
"""A 128-bit id as two words, high and low."""

RequestId = int | str | Words
"""A request id as a caller writes it: a 128-bit number, 32 hex digits, or two words."""


def request_words(request_id: RequestId) -> Words:
    """A caller's request id in two words; BadRequest if it is none."""
    return request_id if isinstance(request_id, tuple) else id_words(request_id, "request_id")


def derived_request(*words: str | int) -> Words:
    """The id of these words: the first 128 bits of a SHA-256 over them, never zero in practice."""
    digest = hashlib.sha256("\0".join(["orderfold", *map(str, words)]).encode()).digest()
    return id_words(int.from_bytes(digest[:16], "big"), "request_id")
