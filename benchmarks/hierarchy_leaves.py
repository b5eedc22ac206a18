"""Whether the data tell that rows are leaves, so that ``leaves=True`` is right: one criterion, tried.

``python -m benchmarks.hierarchy_leaves`` prints a table; nothing is kept. The criterion is the share of the rows that
the plain Steiner tree has inside, of an embedding in 5 dimensions with ``weight_power=2``. Beside it is how long edges
above leaf rows are, by their median in medians of the other edges.

Simulated: trees of ``hierarchy_study`` (relaxed clock), of which all, a fifth, or none of the inner nodes are rows
beside the leaves; distances with noise .05 or .2, or 100 traits. A threshold that parts none from all best on the first
half of the seeds is judged on the second half. Bundled: krumsiek11, cells along paths; WordNet's mammals, the 880
without hyponyms and all 1,170; pbmc68k_reduced, blood cells of which ancestors are not known.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

import hyperkit as hk
from hyperkit.hierarchy import Hierarchy, from_parents

from .hierarchy_real import taxonomy
from .hierarchy_study import brownian, embedded, noisy, path_lengths, steiner, yule

FIRST_SEED = 40_000
N_LEAVES = {0.0: 80, 0.2: 66, 1.0: 40}  # by the share of the inner nodes that are rows: 79 or 80 rows in all


def grown(share: float, rng: np.random.Generator) -> Hierarchy:
    """A tree whose leaves are rows, and a share of its inner nodes; rows are named by their numbers."""
    parent, length, _ = yule(N_LEAVES[share], rng)
    tree = from_parents(parent, length)
    tree = replace(tree, length=tree.length * np.exp(0.3 * rng.normal(size=len(tree))))
    inner = tree.row[~tree.is_leaf]
    tree = tree.prune(drop=rng.choice(inner, round((1 - share) * len(inner)), replace=False)) if share < 1 else tree
    row = np.full(len(tree), -1)
    row[tree.node_of_rows] = np.arange(tree.n_rows)
    names = np.where(row >= 0, row.astype(str), "").astype(object)
    return replace(tree, row=row, names=names)


def told(points: np.ndarray) -> dict[str, float]:
    """What the plain tree of the points says."""
    tree = steiner(points)
    is_row = tree.row >= 0
    pendant = is_row & tree.is_leaf
    others = ~pendant & (tree.parent >= 0)
    ratio = np.median(tree.length[pendant]) / np.median(tree.length[others])
    return {"rows inside": float(np.mean(~tree.is_leaf[is_row])), "leaf edges": float(ratio)}


def simulated(n_seeds: int) -> Iterator[dict]:
    for share in N_LEAVES:
        for data in ("noise .05", "noise .2", "traits"):
            for seed in range(n_seeds):
                rng = np.random.default_rng([FIRST_SEED + seed, list(N_LEAVES).index(share)])
                true = grown(share, rng)
                if data == "traits":
                    distances = hk.HyperbolicMDS(5, metric="sqeuclidean", weight_power=2, model="hyperboloid")
                    points = distances.fit_transform(brownian(true, 100, rng))
                else:
                    points = embedded(noisy(path_lengths(true), float(data.split()[1]), rng), 5)
                yield {"inner nodes as rows": share, "data": data, "seed": seed} | told(points)


def bundled() -> Iterator[dict]:
    def placed(X: np.ndarray, metric: str) -> np.ndarray:
        return hk.HyperbolicMDS(5, metric=metric, weight_power=2, model="hyperboloid").fit_transform(X)

    yield {"data": "krumsiek11"} | told(placed(hk.datasets.load_krumsiek11().data, "geodesic"))
    mammals = taxonomy()
    for name, tree in (
        ("WordNet, leaves", mammals.prune(keep=mammals.row[mammals.is_leaf])),
        ("WordNet, all", mammals),
    ):
        nodes = tree.node_of_rows
        yield {"data": name} | told(placed(tree.distance(nodes[:, None], nodes[None, :]), "precomputed"))
    yield {"data": "pbmc68k_reduced"} | told(placed(hk.datasets.load_pbmc68k_reduced().data, "geodesic"))


def judged(kept: pd.DataFrame, measure: str) -> str:
    """Threshold from the first half of the seeds, and how many trees of the second it takes for what they are."""
    known, new = (kept[half] for half in (kept["seed"] < kept["seed"].max() / 2, kept["seed"] > kept["seed"].max() / 2))
    sign = 1 if measure == "rows inside" else -1

    def right(part: pd.DataFrame, threshold: float) -> pd.Series:
        return (sign * part[measure] > sign * threshold) == (part["inner nodes as rows"] > 0)

    ends = known[known["inner nodes as rows"] != 0.2]
    threshold = max(np.sort(ends[measure].to_numpy()), key=lambda value: right(ends, value).mean())
    by_share = right(new, threshold).groupby(new["inner nodes as rows"]).mean()
    return f"{measure}: threshold {threshold:.2f}; right of " + ", ".join(
        f"{k:g}: {v:.2f}" for k, v in by_share.items()
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=6)
    warnings.simplefilter("ignore")
    kept = pd.DataFrame(simulated(parser.parse_args().seeds))
    measures = ["rows inside", "leaf edges"]
    quantiles = kept.groupby(["inner nodes as rows", "data"], sort=False)[measures].quantile([0.0, 0.5, 1.0])
    print(quantiles.unstack().round(2).to_string())
    for measure in measures:
        print(judged(kept, measure))
    print(pd.DataFrame(bundled()).round(2).to_string(index=False))


if __name__ == "__main__":
    main()
