"""Kernels compiled before they are needed, by several processes at once.

Which kernels, and for arguments of which types, stands in no list: a small example of what is wanted is run with all
kernels uncompiled, as the Python that they are written in, and what is asked of numba meanwhile is noted. That takes a
tenth of a second, and cannot fall behind the code.
"""

from __future__ import annotations

import importlib
import multiprocessing
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import chain, islice
from types import FunctionType
from typing import Any

import numpy as np
from numba.core.dispatcher import Dispatcher
from numba.core.registry import cpu_target

from ._kept import keep, kept_name, read_kept
from ._messages import say_nothing


@dataclass(frozen=True)
class Job:
    """A kernel to compile, as another process can be told."""

    module: str
    name: str
    signature: Any
    parts: frozenset[tuple[str, int]] = field(compare=False)
    """The functions that it is made of, with their bytes of bytecode: the time to compile it grows with them."""

    @property
    def size(self) -> int:
        """Bytes of bytecode of the kernel."""
        return sum(size for _, size in self.parts)

    @property
    def kernel(self) -> Any:
        """The dispatcher of numba."""
        return getattr(importlib.import_module(self.module), self.name)

    def is_done(self) -> bool:
        """Whether the kernel is kept."""
        name = self.kernel._cache.file_name(self.signature, cpu_target.target_context.codegen())
        return read_kept(name) is not None

    def do(self) -> None:
        """Compile the kernel, and keep it."""
        self.kernel.compile(self.signature)


def jobs_of(examples: Iterable[Callable[[], object]]) -> list[Job]:
    """The kernels that these calls use, but for those that this process has called before: numba is not asked again."""
    jobs = {}
    for kernel, signature in _asked_of_numba(examples):
        function = kernel.py_func
        jobs[kernel, signature] = Job(function.__module__, function.__qualname__, signature, _parts(function))
    return list(jobs.values())


def compile_all(jobs: Iterable[Job], n_processes: int) -> Iterator[Job]:
    """Compile and keep, in several processes; gives each job when it is done."""
    queue = _Queue(jobs)
    if n_processes == 1 or len(queue) == 1:
        return _one_by_one(queue)
    # A fork begins with all modules imported, which takes seconds; elsewhere than on Linux system libraries forbid it.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    pool = ProcessPoolExecutor(min(n_processes, len(queue)), context, initializer=say_nothing)
    with warnings.catch_warnings():
        # Python warns of forks where there are threads: those of BLAS, which the children have no use for.
        warnings.simplefilter("ignore", DeprecationWarning)
        running: dict[Future[None], Job] = {}
        _begin(pool, running, islice(queue, n_processes))
    return _as_done(pool, running, queue)


class _Queue(Iterator[Job]):
    """Jobs in an order that keeps the processes from compiling the same functions at the same time.

    What is compiled of a kernel serves the next. So the job comes first that has most of what none before has.
    """

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._waiting = list(jobs)
        self._begun: set[tuple[str, int]] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def __next__(self) -> Job:
        if not self._waiting:
            raise StopIteration
        job = max(self._waiting, key=lambda job: sum(size for _, size in job.parts - self._begun))
        self._waiting.remove(job)
        self._begun |= job.parts
        return job


def _one_by_one(jobs: Iterable[Job]) -> Iterator[Job]:
    for job in jobs:
        job.do()
        yield job


def _begin(pool: ProcessPoolExecutor, running: dict[Future[None], Job], jobs: Iterable[Job]) -> None:
    """Have jobs begun; with processes that were ended meanwhile they count as running, and fail."""
    for job in jobs:
        try:
            future = pool.submit(job.do)
        except BrokenProcessPool as error:
            future = Future()
            future.set_exception(error)
        running[future] = job


def _as_done(pool: ProcessPoolExecutor, running: dict[Future[None], Job], queue: _Queue) -> Iterator[Job]:
    try:
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                future.result()
                _begin(pool, running, islice(queue, 1))
                yield running.pop(future)
    except BrokenProcessPool:  # a process was ended, say for want of memory: one alone needs less
        yield from _one_by_one(chain(running.values(), queue))
    finally:
        pool.shutdown(cancel_futures=True)


def is_marked(what: str) -> bool:
    """Whether all kernels of `what` were kept before; looking at each takes longer."""
    return read_kept(_mark(what)) is not None


def mark(what: str) -> None:
    """Note that all kernels of `what` are kept; OSError if nothing can be."""
    keep(_mark(what), b"")


def _mark(what: str) -> str:
    return kept_name(f"ahead.{what}", cpu_target.target_context.codegen().magic_tuple())


def _asked_of_numba(examples: Iterable[Callable[[], object]]) -> list[tuple[Any, Any]]:
    """Run examples with our kernels as Python; gives those that Python called, with the types of the arguments."""
    dispatchers: Any = Dispatcher
    asked: list[tuple[Any, Any]] = []
    inside = False

    def note(kernel: Any, signature: Any) -> Callable[..., Any]:
        if not _is_ours(kernel.py_func):
            return compile_(kernel, signature)

        def run(*arguments: Any) -> Any:
            nonlocal inside
            if inside:  # a kernel that another one calls is compiled into it
                return kernel.py_func(*arguments)
            asked.append((kernel, signature))
            inside = True
            try:
                return kernel.py_func(*arguments)
            finally:
                inside = False

        return run

    compile_ = dispatchers.compile
    dispatchers.compile = note
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for example in examples:
                example()
    finally:
        dispatchers.compile = compile_
    return asked


def _parts(function: FunctionType) -> frozenset[tuple[str, int]]:
    """A function and all functions of ours that it calls, with the bytes of their bytecode."""
    found: dict[FunctionType, tuple[str, int]] = {}
    waiting: list[Any] = [function]
    while waiting:
        function = waiting.pop()
        function = getattr(function, "py_func", function)
        if isinstance(function, FunctionType) and _is_ours(function) and function not in found:
            code = function.__code__
            found[function] = (f"{function.__module__}.{function.__qualname__}", len(code.co_code))
            waiting += [function.__globals__[name] for name in code.co_names if name in function.__globals__]
    return frozenset(found.values())


def _is_ours(function: FunctionType) -> bool:
    return (function.__module__ or "").startswith("hyperkit.")
