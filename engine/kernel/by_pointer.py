"""How a whole set of arrays goes to native code: as one pointer, whatever it holds.

Numba hands a named tuple over member by member, seven words an array. A rule that takes all tables and all
views of a row has five hundred arguments then: compiling takes minutes, and calling such a rule longer than
most rules take. Here the caller from Python puts address and length of each array side by side, and rules get
the address of that. To a rule's text nothing changes: `tables.orders` is an array.
"""

from hashlib import sha256
from typing import Any, TypeVar

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.extending import NativeValue, models, register_model, typeof_impl, unbox
from numba.core.imputils import lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.np import arrayobj

T = TypeVar("T", bound=type)


class ArraysType(types.Type):
    """A named tuple of one-dimensional arrays; two are one type if they have the same members.

    The name goes into names of native functions, so it is short.
    """

    def __init__(self, members: tuple[tuple[str, types.Array], ...]) -> None:
        self.members = members
        self.array_of = dict(members)
        self.place_of = {name: place for place, (name, _) in enumerate(members)}
        super().__init__(name=f"Arrays({sha256(repr(members).encode()).hexdigest()[:12]})")

    @property
    def key(self) -> tuple[tuple[str, types.Array], ...]:
        """What tells two such types apart."""
        return self.members


@register_model(ArraysType)
class _PointerModel(models.PrimitiveModel):  # type: ignore[misc]
    """One word: where addresses and lengths are, two words an array."""

    def __init__(self, manager: Any, given: ArraysType) -> None:
        super().__init__(manager, given, cgutils.intp_t.as_pointer())


def by_pointer(named_tuple: T) -> T:
    """Have native code take a named tuple of one-dimensional, gapless arrays as one pointer."""

    @typeof_impl.register(named_tuple)  # type: ignore[untyped-decorator]
    def _typeof(value: Any, context: Any) -> ArraysType:
        arrays = tuple(typeof_impl(array, context) for array in value)
        assert all(array.ndim == 1 and array.layout == "C" for array in arrays), "rows lie side by side"
        return ArraysType(tuple(zip(value._fields, arrays, strict=True)))

    return named_tuple


@unbox(ArraysType)  # type: ignore[untyped-decorator]
def _take_addresses(given: ArraysType, value: Any, context: Any) -> NativeValue:
    """Put address and length of each array on the stack of the call from Python, which outlives all rules."""
    builder = context.builder
    place = cgutils.alloca_once(builder, cgutils.intp_t, size=2 * len(given.members))
    is_error = cgutils.alloca_once_value(builder, cgutils.false_bit)
    for at, (_, array_type) in enumerate(given.members):
        native = context.unbox(array_type, context.pyapi.tuple_getitem(value, at))
        with builder.if_then(native.is_error, likely=False):
            builder.store(cgutils.true_bit, is_error)
        array = context.context.make_array(array_type)(context.context, builder, native.value)
        address = builder.ptrtoint(array.data, cgutils.intp_t)
        builder.store(address, cgutils.gep(builder, place, 2 * at))
        builder.store(array.nitems, cgutils.gep(builder, place, 2 * at + 1))
    return NativeValue(place, is_error=builder.load(is_error))


@infer_getattr
class _Members(AttributeTemplate):  # type: ignore[misc]
    """`tables.orders` is an array of orders."""

    key = ArraysType

    def generic_resolve(self, given: ArraysType, name: str) -> types.Array | None:
        """The type of one member; None where there is none of that name."""
        return given.array_of.get(name)


@lower_getattr_generic(ArraysType)  # type: ignore[untyped-decorator]
def _member(context: Any, builder: ir.IRBuilder, given: ArraysType, pointer: Any, name: str) -> Any:
    """One of the arrays: its address and length are read, all else is known while compiling."""
    array_type, at = given.array_of[name], 2 * given.place_of[name]
    array = context.make_array(array_type)(context, builder)
    address, length = (builder.load(cgutils.gep(builder, pointer, place)) for place in (at, at + 1))
    itemsize = cgutils.intp_t(context.get_abi_sizeof(context.get_data_type(array_type.dtype)))
    arrayobj.populate_array(
        array,
        data=builder.inttoptr(address, array.data.type),
        shape=[length],
        strides=[itemsize],
        itemsize=itemsize,
        meminfo=None,
    )
    return array._getvalue()
