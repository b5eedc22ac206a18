"""Tasks spread over jobs, with a progress bar.

Threads serve by default, as the compiled kernels release the lock; whatever backend is active comes first, so that
``joblib.parallel_config(backend="dask")`` spreads the tasks over a cluster.
"""

from __future__ import annotations

from collections.abc import Sequence

from sklearn.utils.parallel import Parallel

from ._progress import progress_bar


def run(tasks: Sequence, n_jobs: int | None, verbose: bool, description: str) -> list:
    """Results of `tasks` (as scikit-learn's ``delayed`` makes them), in order; the bar is shown on stderr."""
    with progress_bar(verbose) as progress:
        results = Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(tasks)
        return list(progress.track(results, total=len(tasks), description=description))
