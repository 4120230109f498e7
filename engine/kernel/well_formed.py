"""Whether what came in is well formed: text a name, a number a date.

A name is printable ASCII from its first byte on, then zeros to its end. Eight bytes are judged at once, as
one word: with no byte above 127, adding a constant to each carries into its top bit and no further.
"""

import numpy as np

from engine.kernel.jit import rule

_TOPS = np.uint64(0x8080808080808080)
_TO_TOP_FROM_1 = np.uint64(0x7F7F7F7F7F7F7F7F)
_TO_TOP_FROM_SPACE = np.uint64(0x6060606060606060)
_TO_TOP_FROM_DELETE = np.uint64(0x0101010101010101)
_8 = np.uint64(8)
_56 = np.uint64(56)
_0 = np.uint64(0)
_DATE_MAX = 99991231


@rule
def is_name(w0, w1, w2):
    """Whether the text in three words (the last may hold four bytes) is a name of one character or more."""
    w2 = np.uint64(w2)
    if w0 == _0 or not (_is_padded_text(w0) and _is_padded_text(w1) and _is_padded_text(w2)):
        return False
    if w1 != _0 and not _is_full(w0):
        return False
    return w2 == _0 or _is_full(w1)


@rule
def _is_padded_text(word):
    """Whether a word holds printable characters and behind the last one only zeros."""
    if word & _TOPS != _0:
        return False
    used = (word + _TO_TOP_FROM_1) & _TOPS
    printable = (word + _TO_TOP_FROM_SPACE) & _TOPS
    deleted = (word + _TO_TOP_FROM_DELETE) & _TOPS
    has_hole = ((used ^ _TOPS) << _8) & used
    return used == printable and deleted == _0 and has_hole == _0


@rule
def _is_full(word):
    """Whether a word of padded text has no padding."""
    return word >> _56 != _0


@rule
def is_date(trade_date):
    """Whether a number reads as yyyymmdd; which months have 31 days is the calendar's business."""
    month = trade_date // 100 % 100
    day = trade_date % 100
    return trade_date <= _DATE_MAX and 1 <= month <= 12 and 1 <= day <= 31
