"""CPU seconds and memory of each step of an analysis at 98,298 rows: the first table of the guide's page on large data.

``python -m benchmarks.large_study`` prints it. Data: ``make_branching_diffusion(20, depth=13, n_observations=6)``.
Kernels that are compiled on the way are kept, so that the second run tells what the steps cost.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import hyperkit as hk
from hyperkit import embedding, hierarchy

NEW_ROWS = 1000


def peak() -> float:
    """Largest resident memory of the process so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def timed(step: str, do: Callable[[], Any]) -> Any:
    before = time.process_time()
    result = do()
    print(f"| {step} | {time.process_time() - before:.2g} | {peak():.2f} |", flush=True)
    return result


def main() -> None:
    data = hk.datasets.make_branching_diffusion(20, depth=13, n_observations=6, random_state=0).data
    half = np.arange(len(data)) % 2 == 0
    print(f"{len(data)} rows of {data.shape[1]}; memory before: {peak():.2f} GB")
    print("| step | CPU seconds | GB at most so far |\n|---|---|---|")
    mds = timed("HyperbolicMDS, n_init=1", lambda: hk.HyperbolicMDS(n_init=1, random_state=0).fit(data))
    points = mds.embedding_
    new = data[:NEW_ROWS] + np.random.default_rng(0).normal(0, 0.01, data[:NEW_ROWS].shape)
    timed("transform of 1,000 new rows", lambda: mds.transform(new))
    timed("quality (500 rows against all)", lambda: embedding.quality(points, data, model="poincare", random_state=0))
    timed("HyperbolicDelaunay", lambda: hk.HyperbolicDelaunay(points).edges)
    timed("HyperDGA, two halves, 3 hops", lambda: hk.HyperDGA(hops=3).fit(points[half]).compare(points[~half]))
    timed("HyperSteiner, greedy", lambda: hk.HyperSteiner(method="greedy").fit(points))
    steiner = timed("HyperSteiner, local", lambda: hk.HyperSteiner(method="local").fit(points))
    timed("from_steiner, rooted, and cut", lambda: hierarchy.from_steiner(steiner.tree_).cut(n_clusters=20))


if __name__ == "__main__":
    main()
