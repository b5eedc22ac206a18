"""What clusters by cutting a hierarchy, and types by condensing it, are worth.

``python -m benchmarks.hierarchy_clusters cut`` prints the adjusted Rand index with known types of `Hierarchy.cut` into
as many clusters as there are types, beside other ways: the longest edges of the same tree, without and with a least
size of a tenth of a mean cluster; Ward's clustering of the hyperbolic distances without any tree; of cells also cuts
at a height above the midpoint, least size a quarter of a mean cluster, median of the heights that give as many.
``krumsiek11`` and ``pbmc``: the bundled cells, their bundled embedding (d = 2) and one in 5 dimensions with
``weight_power=2``.
``normals``: 400 rows of six wrapped normals, of like sizes or ``uneven``; mean of 20 data sets, with a 95 % interval.

``condense`` prints the F1 of the splits of types: 15 types of a binary tree of depth 3 (`make_branching_diffusion`), 30
rows each, of which the 8 at the leaves are kept; beside it the Steiner tree of the types' Fréchet means. 20 data sets,
noise 1 and 2 (steps are 1).
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import fcluster, ward
from scipy.spatial.distance import squareform
from sklearn.metrics import adjusted_rand_score

import hyperkit as hk
from hyperkit.hierarchy import Hierarchy, compare, from_parents, from_steiner

from .hierarchy_study import half_width

# Seeds that served to choose nothing.
FIRST_SEED = 30_000


def mean_and_interval(values: pd.Series) -> str:
    if len(values) == 1:
        return f"{values.iloc[0]:.2f}"
    return f"{values.mean():.2f} ± {half_width(values.to_numpy()):.2f}"


def normals(seed: int, d: int, uneven: bool) -> tuple[np.ndarray, np.ndarray]:
    """400 points of six wrapped normals, and which each is of."""
    rng = np.random.default_rng([FIRST_SEED + seed, d, uneven])
    centres = rng.normal(size=(6, d))
    centres *= (3.0 if d == 2 else 2.5) * rng.uniform(0.6, 1, size=(6, 1)) / np.linalg.norm(centres, axis=1)[:, None]
    shares = np.maximum(rng.dirichlet(np.full(6, 0.8 if uneven else 20.0)), 0.02)
    kind = rng.choice(6, 400, p=shares / shares.sum())
    points = np.empty((400, d))
    for k, centre in enumerate(hk.convert(centres, "tangent", "poincare")):
        some = kind == k
        state = int(rng.integers(2**31))
        if some.any():
            scale = 0.6 if d == 2 else 0.8
            points[some] = hk.random_wrapped_normal(int(some.sum()), centre, scale=scale, random_state=state)
    return points, kind


def longest_edges(tree: Hierarchy, n_clusters: int, min_size: int) -> np.ndarray:
    """Clusters by cutting the longest edges, of those that leave `min_size` rows on either side."""
    piece = np.zeros(len(tree), dtype=np.int64)
    is_row = tree.row >= 0
    for edge in np.argsort(-tree.length, kind="stable"):
        below = np.zeros(len(tree), dtype=bool)
        below[edge : edge + tree.size[edge]] = True
        here = below & (piece == piece[edge])
        if edge and min(is_row[here].sum(), is_row[~here & (piece == piece[edge])].sum()) >= min_size:
            piece[here] = piece.max() + 1
        if piece.max() + 1 == n_clusters:
            break
    return piece[tree.node_of_rows]


def at_heights(points: np.ndarray, kind: np.ndarray) -> dict[str, float]:
    """Median index over the heights that give as many clusters as types, of some 150 from the midpoint."""
    tree, n_clusters = from_steiner(hk.HyperSteiner().fit(points).tree_).root_at("midpoint"), len(np.unique(kind))
    heights = np.unique(tree.distance_from_root)
    least = max(2, len(kind) // (4 * n_clusters))
    found = (tree.cut(height=height, min_size=least) for height in heights[:: max(1, len(heights) // 150)].tolist())
    indices = [adjusted_rand_score(kind, labels) for labels in found if labels.max() + 1 == n_clusters]
    return {"a height": float(np.median(indices))}


def cuts(points: np.ndarray, kind: np.ndarray) -> dict[str, float]:
    tree = from_steiner(hk.HyperSteiner().fit(points).tree_)
    k = len(np.unique(kind))
    tenth = max(2, len(kind) // (10 * k))
    found = {
        "cut": tree.cut(k),
        "longest edges": longest_edges(tree, k, 1),
        "longest edges, least size": longest_edges(tree, k, tenth),
        "Ward, no tree": fcluster(ward(squareform(hk.pairwise_distances(points), checks=False)), k, "maxclust"),
    }
    return {name: adjusted_rand_score(kind, labels) for name, labels in found.items()}


def cut(n_seeds: int) -> Iterator[dict]:
    for name, cells in (
        ("krumsiek11", hk.datasets.load_krumsiek11()),
        ("pbmc", hk.datasets.load_pbmc68k_reduced()),
    ):
        for d in (2, 5):
            points = cells.embedding if d == 2 else hk.HyperbolicMDS(5, weight_power=2).fit_transform(cells.data)
            yield {"data": f"{name}, d = {d}"} | cuts(points, cells.target) | at_heights(points, cells.target)
    for d in (2, 5):
        for uneven in (False, True):
            for seed in range(n_seeds):
                yield {"data": f"{'uneven ' if uneven else ''}normals, d = {d}"} | cuts(*normals(seed, d, uneven))


def condense(n_seeds: int) -> Iterator[dict]:
    for d in (2, 5):
        for noise in (1.0, 2.0):
            for seed in range(n_seeds):
                made = hk.datasets.make_branching_diffusion(
                    depth=3, n_children=2, n_observations=30, noise=noise, random_state=FIRST_SEED + seed
                )
                kinds = np.setdiff1d(np.arange(15), made.parent)
                true = from_parents(made.parent, names=list(map(str, range(15)))).prune(keep=kinds)
                some = np.isin(made.target, kinds)
                points = hk.HyperbolicMDS(d, weight_power=1).fit_transform(made.data)[some]
                labels = made.target[some].astype(str)
                means = np.array([hk.frechet_mean(points[labels == str(kind)]) for kind in kinds])
                of_rows = from_steiner(hk.HyperSteiner().fit(points).tree_)
                of_means = from_steiner(hk.HyperSteiner().fit(means).tree_, names=list(map(str, kinds)))
                trees = {"condense": of_rows.condense(labels), "tree of means": of_means}
                f1 = compare(true, trees, measures="splits").loc["splits_f1", "value"]
                yield {"data": f"d = {d}, noise {noise:g}"} | f1.to_dict()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["cut", "condense"])
    parser.add_argument("--seeds", type=int, default=20, help="data sets of each kind")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = pd.DataFrame(cut(given.seeds) if given.what == "cut" else condense(given.seeds))
    print(rows.groupby("data", sort=False).agg(mean_and_interval).to_string())


if __name__ == "__main__":
    main()
