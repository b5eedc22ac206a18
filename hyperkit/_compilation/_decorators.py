"""`njit` for what Python calls, `subkernel` for what kernels call.

They are numba's, with a cache of our own (`_cache`) where numba lets it in; if a numba to come does not, kernels are
compiled without one, and a line says so.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

import numba
from numba.extending import register_jitable

from ._messages import listen, say_not_kept

Function = TypeVar("Function", bound=Callable[..., Any])

# The wrapper left out is one for calls from C, which costs time to compile.
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "nogil": True, "no_cfunc_wrapper": True}


def njit(function: Function) -> Function:
    """Compile `function` when it is called, and keep the result on disk.

    Dividing by 0 gives inf, as in numpy, and threads may run it at the same time.
    """
    return _from_python(function)


def _from_python(function: Function, **options: bool) -> Function:
    """Have `function` compiled for calls from Python."""
    all_options: dict[str, Any] = {**_OPTIONS, **options}
    compiled: Function = _with_cache(numba.njit(function, **all_options, **_compiler("KernelCompiler")))
    return compiled


def subkernel(function: Function) -> Function:
    """Compile `function` into the kernels that call it; called from Python it runs as it is written, uncompiled.

    That is quicker than `njit`: no machine code is made but as part of a kernel (`_parts`), and a literal argument, as
    in ``f(0)``, is an argument like any other, where `njit` compiles once more for each literal.
    """
    return _into_kernels(function)


def _into_kernels(function: Function, **options: bool) -> Function:
    """Have `function` compiled into the kernels that call it."""
    register_jitable(**_OPTIONS, **options, **_compiler("PartCompiler"))(function)
    try:
        template = _template_of(function)
        decorator_of = template._get_jit_decorator
        template._get_jit_decorator = lambda self: _caching(decorator_of(self))
    except (AttributeError, ImportError) as error:
        say_not_kept(error)
    return function


def bare_subkernel(function: Function) -> Function:
    """As `subkernel`, for a function that neither makes arrays nor gives any back: references are not counted in it.

    Counting takes two locked instructions for each array of each call, half the time of a local search. What it calls
    must be such functions, too: numba compiles a callee as the first caller is compiled, for all callers.
    """
    return _into_kernels(function, _nrt=False)


def bare_njit(function: Function) -> Function:
    """As `njit`, for a function that keeps the rules of `bare_subkernel`.

    With an `njit` around a `bare_subkernel` all that is below is compiled once more, which took a second of the local
    search, and four where another kernel calls it, too.
    """
    return _from_python(function, _nrt=False)


def _compiler(name: str) -> dict[str, Any]:
    """The option that has numba take a compiler of ours; none where numba has changed: its own takes longer."""
    try:
        from . import _parts
    except (AttributeError, ImportError):
        return {}
    return {"pipeline_class": getattr(_parts, name)}


def _template_of(function: Function) -> Any:
    """What `register_jitable` has just made: it compiles `function` for the arguments of each call."""
    from numba.core.typing.templates import builtin_registry

    for registered, kind in reversed(builtin_registry.globals):
        if registered is function:
            return kind.templates[0]
    raise AttributeError(f"numba has not registered {function}")


def _caching(decorator: Callable[..., Any]) -> Callable[..., Any]:
    """A decorator like numba's `jit`, for kernels with our cache."""
    return lambda **options: lambda function: _with_cache(decorator(**options)(function))


def _with_cache(dispatcher: Any) -> Any:
    """Give a function that numba compiles the cache for it."""
    if isinstance(dispatcher, FunctionType):  # the user has switched compiling off
        return dispatcher
    try:
        from ._cache import KernelCache

        _ = dispatcher._cache  # AttributeError where numba keeps it elsewhere
        dispatcher._cache = KernelCache(dispatcher.py_func)
    except (AttributeError, ImportError) as error:
        say_not_kept(error)
    return dispatcher


listen()
