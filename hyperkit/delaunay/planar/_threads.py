"""Threads that share the work of one planar complex; how many there are changes no bit of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

from joblib import effective_n_jobs

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
        if len(tasks) == 1 or self.n == 1:
            return [function(*task) for task in tasks]
        with ThreadPoolExecutor(min(self.n, len(tasks))) as pool:
            return list(pool.map(function, *zip(*tasks, strict=True)))
