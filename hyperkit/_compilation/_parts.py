"""How what kernels call is compiled: far enough to become part of a kernel, and no further.

numba optimises a function with all that it calls, and makes machine code of both; and does so again for what calls it.
Of what only becomes part of kernels none of that is of use: a kernel is optimised as a whole. So a part is a library
of intermediate code, function by function as simple as can be; to link it takes next to no time. So a first call of
the local search takes 16 seconds in place of 20.

Of numba's private parts there are used: the library of a function, `JITCodeLibrary`, with how it is finalized, linked
and written down; the ``state`` of a compiler, which holds it; and the environment of a function, which objects of
Python that it needs are taken from, and which machine code has to be told of.
"""

from __future__ import annotations

from types import FunctionType, SimpleNamespace
from typing import Any

import llvmlite.binding as llvm
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, CompileResult

# Overridden or called below. Where numba has none of that name there is an AttributeError on import, and numba's own
# compilers serve; found out later, it would be an error of every kernel.
_OF_NUMBA = (
    JITCodeLibrary._optimize_final_module,
    JITCodeLibrary._finalize_final_module,
    JITCodeLibrary._finalize_dynamic_globals,
    JITCodeLibrary._verify_declare_only_symbols,
    JITCodeLibrary.serialize_using_object_code,
    JITCodeLibrary.serialize_using_bitcode,
    JITCodeLibrary.get_pointer_to_function,
    Compiler.compile_extra,
    CompileResult._find_referenced_environments,
    CompileResult._rebuild,
)


class KernelCompiler(Compiler):
    """numba's compiler, for functions that have parts."""

    def compile_extra(self, func: FunctionType) -> CompileResult:
        """Compile a function, and tell its machine code of the environments of its parts."""
        result = super().compile_extra(func)
        for environment in result._find_referenced_environments():
            result.codegen.set_env(environment.env_name, environment)
        return result


class PartCompiler(Compiler):
    """numba's compiler, for functions that only kernels call."""

    def compile_extra(self, func: FunctionType) -> CompileResult:
        """Compile a function into a library without machine code."""
        self.state.library = _PartLibrary(self.state.targetctx.codegen(), func.__qualname__)
        return super().compile_extra(func)


def rebuild_part(target_context: Any, state: tuple[Any, ...]) -> CompileResult:
    """What ``_reduce`` has taken apart; `CompileResult._rebuild` would make machine code."""
    library = _PartLibrary.from_bitcode(target_context.codegen(), *state[0])
    context = SimpleNamespace(
        codegen=lambda: SimpleNamespace(unserialize_library=lambda _: library),
        get_executable=target_context.get_executable,
        typing_context=target_context.typing_context,
    )
    return CompileResult._rebuild(context, *state)._replace(target_context=target_context)


class _PartLibrary(JITCodeLibrary):
    """A function, and those it calls, to be linked into others."""

    @classmethod
    def from_bitcode(cls, codegen: Any, name: str, _: str, bitcode: bytes) -> _PartLibrary:
        """What `serialize_using_object_code` has written down."""
        library = cls(codegen, name)
        library._final_module = llvm.parse_bitcode(bitcode)
        library._finalize_final_module()
        return library

    def serialize_using_object_code(self) -> tuple[str, str, bytes]:
        """Name, kind and bitcode."""
        written: tuple[str, str, bytes] = self.serialize_using_bitcode()
        return written

    @property
    def codegen(self) -> _PartLibrary:
        """It is asked for `set_env` only."""
        return self

    def set_env(self, name: str, environment: Any) -> None:
        """Nothing to do: there is no machine code that could be told."""

    def get_pointer_to_function(self, name: str) -> int:
        """0: there is no machine code."""
        return 0

    def _optimize_final_module(self) -> None:
        """Nothing to do: the kernel will be optimised."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True
