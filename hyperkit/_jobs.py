"""Tasks spread over jobs, with a progress bar.

Threads serve by default, as the compiled kernels release the lock; whatever backend is active comes first, so that
``joblib.parallel_config(backend="dask")`` spreads the tasks over a cluster.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import lru_cache
from types import FrameType
from typing import TypeVar

import threadpoolctl
from sklearn.utils.parallel import Parallel
from threadpoolctl import ThreadpoolController

from ._progress import progress_bars

Result = TypeVar("Result")


def run(tasks: Sequence, n_jobs: int | None, verbose: bool, description: str, *, in_place: bool = False) -> list:
    """Results of `tasks` (as scikit-learn's ``delayed`` makes them), in order; the bar is shown on stderr.

    Tasks that write `in_place`, into arrays of the caller, run in threads whatever backend is active: what a process
    writes is lost.
    """
    require = "sharedmem" if in_place else None
    with progress_bars(show=verbose) as progress:
        results = Parallel(n_jobs=n_jobs, prefer="threads", require=require, return_as="generator")(tasks)
        return list(progress.track(results, total=len(tasks), description=description))


def run_until_stopped(tasks: Sequence, n_jobs: int | None, verbose: bool, description: str) -> list:
    """As `run`, but Ctrl-C ends it, with the results of the tasks before the first that was not done by then.

    Raises
    ------
    KeyboardInterrupt
        None was done.
    """
    done: list = []
    with progress_bars(show=verbose) as progress, _noted_interrupt() as came:
        try:
            results = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(tasks)
            for result in progress.track(results, total=len(tasks), description=description):
                if came.is_set():  # a task that knows how to stop may have ended early
                    break
                done.append(result)
        except KeyboardInterrupt:
            came.set()
    if came.is_set() and not done:
        raise KeyboardInterrupt
    return done


def to_its_end(work: Callable[[], Result]) -> tuple[Result, bool]:
    """What `work` gives, from the start again if Ctrl-C ends it, and whether it did; a second Ctrl-C ends all."""
    try:
        return work(), False
    except KeyboardInterrupt:
        return work(), True


@contextmanager
def _noted_interrupt() -> Iterator[threading.Event]:
    """A context in which Ctrl-C does what it did, and sets an event: whoever catches it first is not alone to know.

    Where it would end the process, it is a KeyboardInterrupt.
    """
    came = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    ours = threading.current_thread() is threading.main_thread()
    if not ours or before in (signal.SIG_IGN, None):  # None: a handler of C, which Python could not put back
        yield came
        return
    handler = before if callable(before) else signal.default_int_handler

    def note(number: int, frame: FrameType | None) -> None:
        came.set()
        handler(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, before)


def one_blas_thread() -> AbstractContextManager:
    """A context in which products of matrices take one thread, as tasks are what jobs share.

    BLAS has one limit for all threads of Python: the first to enter sets it, and the last to leave restores it. If
    each restored what it had found, the last of two that overlap would leave BLAS on one thread for good.
    """
    return _one_blas_thread


@contextmanager
def one_thread() -> Iterator[None]:
    """As `one_blas_thread`, and OpenMP in this thread of Python, which has a limit for each, takes one thread too."""
    with _one_blas_thread, _libraries().limit(limits=1, user_api="openmp"):
        yield


class _OneBlasThread(AbstractContextManager):
    """The limit of one thread, held from the first entry, in whatever thread, to the last exit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._held = ExitStack()

    def __enter__(self) -> None:
        with self._lock:
            if not self._inside:
                _let_this_thread_set_blas()
                self._held.enter_context(_libraries().limit(limits=1, user_api="blas"))
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                _let_this_thread_set_blas()
                self._held.close()


def _let_this_thread_set_blas() -> None:
    # From 3.8 on, threadpoolctl does nothing for any thread but the one that came first, as long as that is alive.
    controller = getattr(threadpoolctl, "OpenBLASController", None)
    clear = getattr(controller, "clear_controlling_thread", None)
    if clear is not None:
        clear(force=True)


def _libraries() -> ThreadpoolController:
    # To find them takes 10 ms; only with a module there come new ones, such as torch's own OpenMP.
    return _libraries_of(len(sys.modules))


@lru_cache(maxsize=1)
def _libraries_of(n_modules: int) -> ThreadpoolController:
    return ThreadpoolController()


_one_blas_thread = _OneBlasThread()
