"""What is said on stderr about compiling, each once a process."""

from __future__ import annotations

import gc
import sys

from numba.core import event

_OBJECTS_BETWEEN_LOOKS = 300_000
NOT_KEPT = "compiled kernels cannot be kept"
WAY_OUT = "set NUMBA_CACHE_DIR to a folder that can be written"
_said: set[str] = set()
_silent = False


def say_compiling() -> None:
    """Say what the user is waiting for."""
    _say_once("compiling for this machine, once; ten seconds to a minute ...")


def say_not_kept(reason: Exception) -> None:
    """Say why the next process will have to compile again."""
    _say_once(f"{NOT_KEPT}, every process compiles its own; {WAY_OUT}", f" ({type(reason).__name__}: {reason})")


def say_nothing() -> None:
    """Leave it to another process to say something."""
    global _silent
    _silent = True


def _say_once(what: str, detail: str = "") -> None:
    if what not in _said and not _silent:
        _said.add(what)
        print(f"hyperkit: {what}{detail}", file=sys.stderr)


class _Compilation(event.Listener):
    """Says that there is something to wait for, and makes the wait shorter."""

    def __init__(self) -> None:
        self._depth = 0

    def on_start(self, event_: event.Event) -> None:
        if not _is_ours(event_):
            return
        if self._depth == 0:
            self._threshold = gc.get_threshold()
            # Looking for garbage among the many small objects of a compilation takes a sixth of its time, at
            # 70,000 objects still a twentieth. 0 is off.
            if self._threshold[0] > 0:
                gc.set_threshold(max(self._threshold[0], _OBJECTS_BETWEEN_LOOKS), *self._threshold[1:])
        self._depth += 1
        say_compiling()

    def on_end(self, event_: event.Event) -> None:
        if not _is_ours(event_):
            return
        self._depth -= 1
        if self._depth == 0:
            gc.set_threshold(*self._threshold)


def _is_ours(event_: event.Event) -> bool:
    # Others' functions may have no module.
    return (event_.data["dispatcher"].py_func.__module__ or "").startswith("hyperkit.")


def listen() -> None:
    """Hear of every compilation from now on."""
    event.register("numba:compile", _Compilation())
