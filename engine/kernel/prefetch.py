"""Asks the processor for rows that will be needed soon, so that misses of its caches run side by side."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from engine.kernel.jit import IS_NATIVE

_READ, _KEEP, _DATA = 0, 3, 1
"""Arguments of LLVM's prefetch: it will be read, keep it in every cache, it is data."""

_WORD = ir.IntType(32)
_LINE_BYTES = 64


@intrinsic  # type: ignore[untyped-decorator]
def _prefetch_native(_typing: Any, table: Any, row: Any) -> Any:
    """Start to load every cache line of `table[row]`; `row` is an int64."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, args[0])
        stride = builder.extract_value(array.strides, 0)
        at = builder.mul(args[1], stride)
        first = cgutils.pointer_add(builder, array.data, at, ir.IntType(8).as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [first.type, _WORD, _WORD, _WORD])
        load = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        size = context.get_abi_sizeof(context.get_data_type(signature.args[0].dtype))
        for byte in (*range(0, size - 1, _LINE_BYTES), size - 1):
            place = cgutils.pointer_add(builder, first, ir.Constant(stride.type, byte))
            builder.call(load, [place, *(ir.Constant(_WORD, value) for value in (_READ, _KEEP, _DATA))])
        return context.get_dummy_value()

    return types.void(table, row), generate


def _prefetch_plain(table: np.ndarray, row: np.int64) -> None:
    """Plain Python has no caches worth asking."""


prefetch = _prefetch_native if IS_NATIVE else _prefetch_plain
