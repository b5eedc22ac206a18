"""CPU seconds and memory of each step of an analysis at 98,298 rows: the first table of the guide's page on large data.

``python -m benchmarks.large_study`` prints it. Data: ``make_branching_diffusion(20, depth=13, n_observations=6)``.
Kernels that are compiled on the way are kept, so that the second run tells what the steps cost. With ``--embedding 50``
it makes but the embedding, of so many features, and prints what it is worth.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import hyperkit as hk
from hyperkit import embedding, hierarchy
from hyperkit.delaunay import nearest_neighbors

NEW_ROWS = 1000


def peak() -> float:
    """Largest resident memory of the process so far, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def timed(step: str, do: Callable[[], Any]) -> Any:
    before = time.process_time()
    result = do()
    print(f"| {step} | {time.process_time() - before:.2g} | {peak():.2f} |", flush=True)
    return result


def near_in_tree(points: np.ndarray, tree: Any, k: int = 15) -> float:
    """Share of the k nearest rows that are no more than two edges of the true tree away."""
    up = np.maximum(tree.parent, 0)  # of the root, the root
    _, nearest = nearest_neighbors(points, k)
    a, b = tree.target[:, None], tree.target[nearest]
    near = (a == b) | (up[a] == b) | (a == up[b]) | (up[a] == up[b]) | (up[up[a]] == b) | (a == up[up[b]])
    return float(near.mean())


def embedding_alone(n_features: int, n_seeds: int = 3) -> None:
    tree = hk.datasets.make_branching_diffusion(n_features, depth=13, n_observations=6, random_state=0)
    print("| seed | CPU seconds | GB at most so far | stress | triplets of the tree | 15 nearest within two edges |")
    print("|---|---|---|---|---|---|")
    for seed in range(n_seeds):
        before = time.process_time()
        mds = hk.HyperbolicMDS(n_init=1, random_state=seed).fit(tree.data)
        seconds = time.process_time() - before
        triplets = embedding.quality(
            mds.embedding_, tree.data, model="poincare", random_state=0, tree=tree.parent, nodes=tree.target
        ).to_frame()["triplets"]
        found = f"{mds.stress_:.4f} | {float(triplets.iloc[0]):.3f} | {near_in_tree(mds.embedding_, tree):.3f}"
        print(f"| {seed} | {seconds:.3g} | {peak():.2f} | {found} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--embedding", type=int, metavar="FEATURES", help="embed so many features, and measure")
    n_features = parser.parse_args().embedding
    if n_features:
        embedding_alone(n_features)
    else:
        steps()


def steps() -> None:
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
