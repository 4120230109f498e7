"""How rules are compiled: for their callers to take in, never to be run by themselves.

Numba makes machine code of every function that it compiles, and optimises with it all that the function
calls: of a rule ten calls deep ten times, for nothing. Here a rule's code goes to its callers as it is; what
Python calls is optimised with all that it needs, once. Written against the Numba of the lock; nothing changes
but the time that compiling takes.
"""

from typing import Any

from llvmlite import binding
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler

INLINED_COST_MAX = 1000
"""What a rule may cost, in LLVM's units, to be taken into its caller; LLVM's own bound is 225.

Rules are mostly called from one place, and a call passes its result through memory. With every rule taken in
deciding is no faster, the code is three times as long, and compiling takes four times as long
(`docs/decisions/0002-rows-and-one-kernel.md`). LLVM keeps it for the whole process: Numba code of a user who
imports the engine is inlined by the same bound.
"""

binding.set_option("orderfold", f"-inline-threshold={INLINED_COST_MAX}")


class _NoEnvironments:
    """In place of the code generator: a rule is never called from Python, so it needs no environment."""

    def set_env(self, env_name: str, env: Any) -> None:
        """Nothing is there to be set."""


class _RuleLibrary(JITCodeLibrary):  # type: ignore[misc]
    """The code of one rule and of those that it calls, neither optimised nor made native."""

    @property
    def codegen(self) -> _NoEnvironments:
        """Only asked for to set an environment."""
        return _NoEnvironments()

    def _optimize_final_module(self) -> None:
        """Whoever takes it in does that."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """There is no native code: 0."""
        return 0


class RuleCompiler(Compiler):  # type: ignore[misc]
    """Numba's own compiler with such a library."""

    def __init__(self, typingctx: Any, targetctx: Any, library: Any, *rest: Any) -> None:
        assert library is None, "a rule is compiled when the first caller needs it"
        super().__init__(typingctx, targetctx, _RuleLibrary(targetctx.codegen(), "rule"), *rest)
