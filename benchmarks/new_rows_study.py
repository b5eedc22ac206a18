"""What `HyperbolicMDS.transform` makes of rows held out: ``python -m benchmarks.new_rows_study``.

Of each row's 15 nearest fitted rows by the features: the share that is among its 15 nearest fitted ones in the
embedding. Rows held out are random; as many fitted ones stand beside them, which count all fitted rows but themselves.
"""

from __future__ import annotations

import time

import numpy as np
from sklearn.neighbors import NearestNeighbors

from hyperkit import datasets, nearest_neighbors
from hyperkit.embedding import HyperbolicMDS

K = 15
SETS = {
    "branching diffusion": (
        lambda: datasets.make_branching_diffusion(depth=10, n_observations=6, random_state=0),
        2000,
    ),
    "pbmc68k_reduced": (datasets.load_pbmc68k_reduced, 200),
}


def shared(near: np.ndarray, found: np.ndarray) -> float:
    """Mean share of the K rows named in a row of one array that are in that row of the other."""
    return float(np.mean([len(np.intersect1d(a, b)) / K for a, b in zip(near, found, strict=True)]))


def main() -> None:
    print("| set | rows fitted | held out | seed | kept of fitted | kept of held out | seconds of transform |")
    print("|---|---|---|---|---|---|---|")
    for name, (load, n_out) in SETS.items():
        data = load().data
        for seed in range(3):
            mixed = np.random.RandomState(seed).permutation(len(data))
            out, fitted = mixed[:n_out], mixed[n_out:]
            mds = HyperbolicMDS(random_state=seed).fit(data[fitted])
            begun = time.process_time()
            places = mds.transform(data[out])
            seconds = time.process_time() - begun
            by_features = NearestNeighbors(n_neighbors=K).fit(data[fitted])
            near, near_new = (by_features.kneighbors(rows, return_distance=False) for rows in (None, data[out]))
            (_, found), (_, found_new) = (nearest_neighbors(mds.embedding_, K, rows) for rows in (None, places))
            of_fitted, of_new = shared(near[:n_out], found[:n_out]), shared(near_new, found_new)
            print(
                f"| {name} | {len(fitted)} | {n_out} | {seed} | {of_fitted:.3f} | {of_new:.3f} | {seconds:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
