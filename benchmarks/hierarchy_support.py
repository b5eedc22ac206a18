"""Whether support means what it says: of the splits with a support, how many are true.

``python -m benchmarks.hierarchy_support --seeds 20`` makes the figures of ``hierarchy_support.csv`` anew, ``--table``
prints them: for each bin of support its mean, and the share of true splits with a 95 % interval over trees (of their
means, weighted by their numbers of splits; trees are drawn anew 2,000 times). ``--figure`` draws
``docs/figures/calibration.png``.

Trees and traits are those of ``hierarchy_study``: 64 leaves by Yule's process, 100 traits that change as Brownian
motion does, rows as far apart as the square of their Euclidean distance. ``bootstrap``: traits are drawn anew, and
embedded anew in 5 dimensions with 2 starts; ``stability``: the points of the one embedding are jittered by .2.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import hyperkit as hk
from hyperkit.hierarchy import Hierarchy, bootstrap, stability

from .hierarchy_study import brownian, truth

KEPT = Path(__file__).with_suffix(".csv")
FIGURE = Path(__file__).parents[1] / "docs" / "figures" / "calibration.png"
FIRST_SEED = 7000
BINS = [0.0, 0.25, 0.5, 0.7, 0.9, 1.0]
EMBEDDING = hk.HyperbolicMDS(5, metric="sqeuclidean", weight_power=2, n_init=2)


def sides(tree: Hierarchy) -> dict[frozenset[int], float]:
    """Rows beside which row 0 is not, by the edges of a tree, and the support of each; trivial splits are left out."""
    n, found = tree.n_rows, {}
    rows = np.where(tree.names == "", -1, tree.row)
    for node in range(1, len(tree)):
        below = rows[node : node + tree.size[node]]
        side = frozenset(below[below >= 0].tolist())
        side = frozenset(range(n)) - side if 0 in side else side
        if 1 < len(side) < n - 1:
            found[side] = np.nan if tree.support is None else float(tree.support[node])
    return found


def figures(seed: int, n_replicates: int) -> list[dict]:
    rng = np.random.default_rng([FIRST_SEED + seed])
    true = truth("traits", rng)
    traits = brownian(true, 100, rng)
    # Rows of the truth in the order of their names, as the traits are.
    by_name = {frozenset(int(true.names[true.node_of(row)]) for row in side) for side in row_sides(true)}
    n = true.n_rows
    by_name = {side if 0 not in side else frozenset(range(n)) - side for side in by_name}
    points = EMBEDDING.fit_transform(traits)
    made = {
        "bootstrap": bootstrap(traits, embed=EMBEDDING, leaves=True, n_replicates=n_replicates),
        "stability": stability(points, scale=0.2, leaves=True, n_replicates=n_replicates),
    }
    return [
        {"seed": seed, "kind": kind, "of": of, "support": support, "is_true": side in by_name}
        for kind, found in made.items()
        for of, tree in (("tree", found.hierarchy), ("consensus", found.consensus))
        for side, support in sides(tree).items()
    ]


def row_sides(true: Hierarchy) -> list[list[int]]:
    """Rows below each edge of the true tree."""
    below = [true.row[node : node + true.size[node]] for node in range(1, len(true))]
    return [rows[rows >= 0].tolist() for rows in below if 1 < (rows >= 0).sum() < true.n_rows - 1]


def calibration(part: pd.DataFrame) -> pd.DataFrame:
    """Of each bin of support: its mean, and the share of true splits with the ends of its 95 % interval over trees."""
    rng, found = np.random.default_rng(0), []
    for name, some in part.groupby(pd.cut(part["support"], BINS, include_lowest=True), observed=True):
        by_tree = some.groupby("seed")["is_true"].agg(["sum", "count"]).to_numpy()
        drawn = by_tree[rng.integers(len(by_tree), size=(2000, len(by_tree)))].sum(axis=1)
        low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
        means = some[["support", "is_true"]].mean()
        found.append((f"{max(name.left, 0):g} to {name.right:g}", *means, low, high, len(some), len(by_tree)))
    return pd.DataFrame(found, columns=["bin", "support", "true", "low", "high", "splits", "trees"])


def show(kept: pd.DataFrame) -> None:
    for (kind, of), part in kept.groupby(["kind", "of"]):
        print(f"\n{kind}, splits of the {of}")
        print(calibration(part).round(3).to_string(index=False))


def draw(kept: pd.DataFrame) -> None:
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(7, 3.5), layout="constrained", sharey=True)
    for ax, kind in zip(axes, ("bootstrap", "stability"), strict=True):
        found = calibration(kept[(kept["kind"] == kind) & (kept["of"] == "tree")])
        ends = np.abs(found[["low", "high"]].to_numpy().T - found["true"].to_numpy())
        ax.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
        ax.errorbar(found["support"], found["true"], yerr=ends, fmt="o", markersize=4, capsize=3, color="C0")
        ax.set(title=kind, xlabel="mean support", xlim=(0, 1.03), ylim=(0, 1.03), aspect="equal")
    axes[0].set_ylabel("share of true splits, 95 % interval")
    FIGURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(FIGURE, dpi=100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="store_true", help="print what is kept")
    parser.add_argument("--figure", action="store_true", help="draw what is kept")
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--replicates", type=int, default=50)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.seeds:
        rows = [row for seed in range(given.seeds) for row in figures(seed, given.replicates)]
        pd.DataFrame(rows).to_csv(KEPT, index=False)
    if given.table:
        show(pd.read_csv(KEPT))
    if given.figure:
        draw(pd.read_csv(KEPT))


if __name__ == "__main__":
    main()
