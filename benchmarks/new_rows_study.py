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


def kept(places: np.ndarray, fitted_places: np.ndarray, rows: np.ndarray, fitted_rows: np.ndarray, own: bool) -> float:
    """Share of the nearest fitted rows that are kept; `own` if the rows are among the fitted ones."""
    near = NearestNeighbors(n_neighbors=K + own).fit(fitted_rows).kneighbors(rows, return_distance=False)[:, own:]
    _, found = nearest_neighbors(fitted_places, K + own, places)
    return float(np.mean([len(np.intersect1d(a, b)) / K for a, b in zip(near, found[:, own:], strict=True)]))


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
            of_fitted = kept(mds.embedding_[:n_out], mds.embedding_, data[fitted[:n_out]], data[fitted], own=True)
            of_new = kept(places, mds.embedding_, data[out], data[fitted], own=False)
            print(
                f"| {name} | {len(fitted)} | {n_out} | {seed} | {of_fitted:.3f} | {of_new:.3f} | {seconds:.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
