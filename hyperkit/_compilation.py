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

Function = TypeVar("Function", bound=Callable[..., Any])


def njit(function: Function) -> Function:
    """Compile `function` when it is called, and keep the result on disk.

    Dividing by 0 gives inf, as in numpy, and threads may run it at the same time.
    """
    compiled: Function = numba.njit(function, cache=True, error_model="numpy", nogil=True)
    return compiled


class _Announcement(event.Listener):
    def on_start(self, event_: event.Event) -> None:
        if event_.data["dispatcher"].py_func.__module__.startswith("hyperkit."):
            event.unregister("numba:compile", self)
            print("hyperkit: compiling for this machine, once; ten seconds to a minute ...", file=sys.stderr)

    def on_end(self, event_: event.Event) -> None:
        """Nothing to say."""


event.register("numba:compile", _Announcement())
