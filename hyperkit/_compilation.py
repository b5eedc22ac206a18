"""How kernels are compiled: once for each machine, kept on disk, and not in silence.

numba compiles a kernel when it is first called, which takes seconds, and later processes load what it kept. The first
time a process compiles one of ours, a line on stderr says what the user is waiting for.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba.core import event
from numba.extending import register_jitable

Function = TypeVar("Function", bound=Callable[..., Any])

# The wrapper left out is one for calls from C, which costs time to compile.
_OPTIONS: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True, "no_cfunc_wrapper": True}
_OBJECTS_BETWEEN_LOOKS = 70_000


def njit(function: Function) -> Function:
    """Compile `function` when it is called, and keep the result on disk.

    Dividing by 0 gives inf, as in numpy, and threads may run it at the same time.
    """
    compiled: Function = numba.njit(function, **_OPTIONS)
    return compiled


def subkernel(function: Function) -> Function:
    """Compile `function` into the kernels that call it; called from Python it runs as it is written, uncompiled.

    That takes a third less time than `njit`: nothing is made for calls from Python, and a literal argument, as in
    ``f(0)``, is an argument like any other, where `njit` compiles once more for each literal.
    """
    register: Callable[[Function], Function] = register_jitable(**_OPTIONS)
    return register(function)


class _Compilation(event.Listener):
    """Says that there is something to wait for, and makes the wait shorter."""

    def __init__(self) -> None:
        self._depth = 0
        self._said = False

    def on_start(self, event_: event.Event) -> None:
        if not _is_ours(event_):
            return
        if self._depth == 0:
            self._threshold = gc.get_threshold()
            # Looking for garbage among the many small objects of a compilation takes a tenth of its time. 0 is off.
            if self._threshold[0] > 0:
                gc.set_threshold(max(self._threshold[0], _OBJECTS_BETWEEN_LOOKS), *self._threshold[1:])
        self._depth += 1
        if not self._said:
            self._said = True
            print("hyperkit: compiling for this machine, once; ten seconds to a minute ...", file=sys.stderr)

    def on_end(self, event_: event.Event) -> None:
        if not _is_ours(event_):
            return
        self._depth -= 1
        if self._depth == 0:
            gc.set_threshold(*self._threshold)


def _is_ours(event_: event.Event) -> bool:
    # Others' functions may have no module.
    return (event_.data["dispatcher"].py_func.__module__ or "").startswith("hyperkit.")


event.register("numba:compile", _Compilation())
