"""Tasks spread over jobs, with a progress bar.

Threads serve by default, as the compiled kernels release the lock; whatever backend is active comes first, so that
``joblib.parallel_config(backend="dask")`` spreads the tasks over a cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import cache

from sklearn.utils.parallel import Parallel
from threadpoolctl import ThreadpoolController

from ._progress import progress_bars


def run(tasks: Sequence, n_jobs: int | None, verbose: bool, description: str, *, in_place: bool = False) -> list:
    """Results of `tasks` (as scikit-learn's ``delayed`` makes them), in order; the bar is shown on stderr.

    Tasks that write `in_place`, into arrays of the caller, run in threads whatever backend is active: what a process
    writes is lost.
    """
    require = "sharedmem" if in_place else None
    with progress_bars(show=verbose) as progress:
        results = Parallel(n_jobs=n_jobs, prefer="threads", require=require, return_as="generator")(tasks)
        return list(progress.track(results, total=len(tasks), description=description))


def one_blas_thread() -> AbstractContextManager:
    """A context in which products of matrices take one thread, as tasks are what jobs share."""
    return _libraries().limit(limits=1, user_api="blas")


@cache
def _libraries() -> ThreadpoolController:
    # To find the libraries takes 10 ms.
    return ThreadpoolController()
