"""ExecInst (18): between the bits that rows carry and FIX's characters, as `6 E`."""

from engine.errors import BadRequest
from engine.flags import ExecInst
from engine.values import whole_within

FIX_CHARACTERS = {
    ExecInst.PARTICIPATE_DONT_INITIATE: "6",
    ExecInst.DO_NOT_INCREASE: "E",
    ExecInst.ALL_OR_NONE: "G",
}
"""Source: FIX 5.0 SP2, tag 18."""

ALL_BITS = sum(FIX_CHARACTERS)
"""Every instruction at once."""

_BITS = {
    **{character: bit for bit, character in FIX_CHARACTERS.items()},
    **{bit.name: bit for bit in ExecInst},
}


def exec_inst_bits(value: int | str, what: str = "exec_inst") -> int:
    """The bits of instructions: members of ExecInst joined by `|`, or characters or names, spaces between."""
    if isinstance(value, str):
        bits = 0
        for word in value.upper().split():
            if word not in _BITS:
                raise BadRequest(f"{what}={value!r}: {word} is not one of {', '.join(_BITS)}")
            bits |= _BITS[word]
        return bits
    return whole_within(value, 0, ALL_BITS, what)


def exec_inst_text(bits: int) -> str:
    """The instructions as FIX writes them: characters with spaces between, none as an empty text."""
    return " ".join(character for bit, character in FIX_CHARACTERS.items() if bits & bit)
