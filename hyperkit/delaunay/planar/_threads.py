"""Threads that share the work of one planar complex; how many there are changes no bit of it."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

from joblib import effective_n_jobs

Task = tuple[int, tuple[Any, ...]]

# More wait for memory.
_MOST = 8
# Below this many points or triangles a thread takes longer to start than its work.
_LEAST = 20_000


class Threads:
    """As many as `n_jobs` means in joblib, up to 8, and no more than there are cores: kernels leave no gaps to fill."""

    def __init__(self, n_jobs: int | None) -> None:
        self.n = min(effective_n_jobs(n_jobs), os.cpu_count() or 1, _MOST)

    def parts(self, n: int) -> list[tuple[int, int]]:
        """Begin and end of equal parts of n things, one for each thread."""
        n_parts = max(1, min(self.n, n // _LEAST))
        bounds = [n * k // n_parts for k in range(n_parts + 1)]
        return list(pairwise(bounds))

    def run(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
        """What `function` gives of the arguments of each task, in order."""
        results: list[Any] = [None] * len(tasks)
        # Of an iterator two threads may get the same task where Python has no global lock; of a deque they do not.
        waiting = deque(enumerate(tasks))

        def work() -> None:
            try:
                while (task := _next_of(waiting)) is not None:
                    results[task[0]] = function(*task[1])
            except BaseException:  # Ctrl-C, too: what waits is no longer wanted
                waiting.clear()
                raise

        n_others = min(self.n, len(tasks)) - 1
        if n_others < 1:
            work()
            return results
        # This thread works, too: to wait for a pool took .3 ms, this takes .15, six times in 30 ms of 100,000 points.
        with ThreadPoolExecutor(n_others) as pool:
            others = [pool.submit(work) for _ in range(n_others)]
            work()
            for other in others:
                other.result()
        return results


def _next_of(waiting: deque[Task]) -> Task | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None
