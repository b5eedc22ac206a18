"""How kernels are compiled: once for each machine, kept on disk, and not in silence.

numba compiles a kernel when it is first called, which takes seconds, and later processes load what it kept. The first
time a process compiles one of ours, a line on stderr says what the user is waiting for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba.core import event
from numba.extending import register_jitable

Function = TypeVar("Function", bound=Callable[..., Any])


def njit(function: Function) -> Function:
    """Compile `function` when it is called, and keep the result on disk.

    Dividing by 0 gives inf, as in numpy, and threads may run it at the same time.
    """
    compiled: Function = numba.njit(function, cache=True, error_model="numpy", nogil=True)
    return compiled


def subkernel(function: Function) -> Function:
    """Compile `function` into the kernels that call it; called from Python it runs as it is written, uncompiled.

    That takes a third less time than `njit`: nothing is made for calls from Python, and a literal argument, as in
    ``f(0)``, is an argument like any other, where `njit` compiles once more for each literal.
    """
    register: Callable[[Function], Function] = register_jitable(
        cache=True, error_model="numpy", nogil=True, no_cfunc_wrapper=True
    )
    return register(function)


class _Announcement(event.Listener):
    def on_start(self, event_: event.Event) -> None:
        if event_.data["dispatcher"].py_func.__module__.startswith("hyperkit."):
            event.unregister("numba:compile", self)
            print("hyperkit: compiling for this machine, once; ten seconds to a minute ...", file=sys.stderr)

    def on_end(self, event_: event.Event) -> None:
        """Nothing to say."""


event.register("numba:compile", _Announcement())
