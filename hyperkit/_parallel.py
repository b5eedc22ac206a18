"""Tasks over joblib's jobs, with a progress bar.

Whatever backend is active runs them, so that ``joblib.parallel_config(backend="dask")`` spreads them over a cluster.
Threads serve by default: the compiled kernels release the lock.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.progress import Progress
from sklearn.utils.parallel import Parallel


def run(tasks: Iterable, n_tasks: int, *, n_jobs: int | None, verbose: bool, description: str) -> list:
    """Results of joblib tasks, in order; the bar is on stderr."""
    with Progress(console=Console(stderr=True), disable=not verbose) as progress:
        results = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(tasks)
        return list(progress.track(results, total=n_tasks, description=description))
