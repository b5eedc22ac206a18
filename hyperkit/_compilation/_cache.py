"""What is kept of a compiled kernel: a file for each kernel and types of arguments, whose name says for what it holds.

numba's own cache [1]_ stamps a kernel with the file it stands in, so that a change of a kernel that it calls, or of a
constant that it imports, goes unnoticed; and a file cut short, or a package that cannot be written, ends the process.
Here the name of a file holds a hash of all that the machine code depends on, and its first bytes a hash of the rest: a
file of other sources, or one that is not whole, is as if it were not there.

References
----------
.. [1] `numba/core/caching.py`. Of numba's private parts there are used: a dispatcher's ``_cache``, with
   ``load_overload``, ``save_overload``, ``flush`` and ``cache_path``; `CompileResult`, which takes itself apart;
   `dumps`; and ``magic_tuple``, the name of the machine.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from ._folders import folders
from ._kept import keep, kept_name, read_kept
from ._messages import say_not_kept


class KernelCache:
    """The cache of one kernel, in the form that a dispatcher of numba expects."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function

    @property
    def cache_path(self) -> str:
        """The first folder that is looked at; numba shows it in its statistics."""
        return str(next(folders()).path)

    def load_overload(self, signature: Any, target_context: Any) -> CompileResult | None:
        """The kernel for arguments of these types; None if it is not kept, or cannot be used."""
        target_context.refresh()
        try:
            kept = read_kept(self.file_name(signature, target_context.codegen()))
            return None if kept is None else _rebuilt(target_context, pickle.loads(kept))
        except Exception:  # whatever it is, the kernel can be compiled
            return None

    def save_overload(self, signature: Any, result: Any) -> None:
        """Keep a kernel; if that cannot be done say so, once."""
        try:
            if not result.library.has_dynamic_globals:  # which are addresses of this process
                keep(self.file_name(signature, result.codegen), dumps(result._reduce()))
        except Exception as error:  # whatever it is, the kernel is compiled
            say_not_kept(error)

    def flush(self) -> None:
        """Nothing to do: numba calls it before it compiles anew, which overwrites what is kept."""

    def file_name(self, signature: Any, codegen: Any) -> str:
        """Where the kernel for arguments of these types is kept."""
        function = self._function
        closure = [_name(cell.cell_contents) for cell in function.__closure__ or ()]
        return kept_name(_name(function), codegen.magic_tuple(), str(signature), function.__code__.co_code, closure)


def _rebuilt(target_context: Any, state: tuple[Any, ...]) -> CompileResult:
    """What was taken apart, a part or a kernel."""
    (_, kind, _), *_ = state
    if kind == "bitcode":
        from ._parts import rebuild_part

        return rebuild_part(target_context, state)
    return CompileResult._rebuild(target_context, *state)


def _name(thing: Any) -> str:
    """What tells one thing that a kernel has from its surroundings, say the kernel that it calls, from another."""
    return f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', repr(thing))}"
