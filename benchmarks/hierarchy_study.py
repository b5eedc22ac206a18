"""How much of a hierarchy is found: methods side by side on simulated trees, over many seeds.

``python -m benchmarks.hierarchy_study --table`` prints means of what ``hierarchy_study.csv`` keeps, and paired
differences with 95 % intervals. ``--seeds 20 --cases clock relaxed`` makes figures and keeps them, but for those that
are kept already.

Trees are grown by Yule's process: each lineage splits at rate 1 until there are 80. ``clock``: leaves are equally far
from the root. ``relaxed``: each edge is longer by a factor exp(0.3 x), x normal; ``no clock``: lengths uniform in
[0.5, 1.5]. Distances of leaves are those along the tree times exp(noise x), x normal, for each pair by itself.
``traits``: 64 leaves, 100 traits that change along the edges as Brownian motion does; rows are as far apart as the
square of their Euclidean distance, of which the expectation is the length of the path. ``ancestors``: all 79 nodes of a
tree of 40 leaves are rows, distances with noise; what counts are pairs of ancestor and descendant, the true root being
known. ``birth-death``: lineages also die at rate 0.5, and those that are left are the leaves, a clock holding.
``caterpillar``: of 80 leaves each hangs from one trunk, all edges are of length 1.

Splits are compared by `hyperkit.hierarchy.compare`. All trees but those of raw distances are of one embedding with
weights of pairs by ``weight_power=2``; ``leaves, power 0`` and ``leaves, power 1`` are of embeddings of their own.
``stretched``: the plain tree of points whose tangent vectors at the Fréchet mean are scaled until the longest has 20.
``BME`` is neighbour joining made shorter by exchanges of neighbours (balanced minimum evolution, scikit-bio).
"""

from __future__ import annotations

import argparse
import itertools
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats
from scipy.spatial.distance import pdist, squareform

import hyperkit as hk
from hyperkit import hierarchy
from hyperkit.hierarchy import Hierarchy, compare, from_steiner, linkage, neighbor_joining

KEPT = Path(__file__).with_suffix(".csv")
KEYS = ["case", "noise", "d", "seed"]
# Every figure of the study is of seeds that served to choose nothing.
FIRST_SEED = 20_000
CASES = ["clock", "relaxed", "no clock", "traits", "ancestors", "caterpillar", "birth-death"]  # seeds go by the order
_DEATH = 0.5
N_LEAVES = {"traits": 64, "ancestors": 40}
NOISE = {"traits": (0.0,)}
PAIRS = [
    ("leaves", "plain"),
    ("leaves", "neighbour joining"),
    ("leaves", "raw neighbour joining"),
    ("consensus", "neighbour joining"),
    ("consensus", "leaves"),
    ("leaves", "average"),
    ("leaves", "leaves, power 0"),
    ("leaves", "leaves, power 1"),
    ("BME", "neighbour joining"),
    ("leaves", "stretched"),
    ("plain", "MST"),
    ("plain", "greedy"),
]


def yule(n: int, rng: np.random.Generator, death: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parents and lengths of the nodes of Yule's process up to n lineages, which die at rate `death`; its leaves."""
    parent, born, died = [-1, 0, 0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    alive, now = [1, 2], 0.0
    while len(alive) < n:
        now += rng.exponential(1 / (len(alive) * (1 + death)))
        node = alive.pop(int(rng.integers(len(alive))))
        died[node] = now
        if death and rng.random() < death / (1 + death):
            if not alive:
                return yule(n, rng, death)
            continue
        alive += [len(parent), len(parent) + 1]
        parent += [node, node]
        born += [now, now]
        died += [now, now]
    for node in alive:
        died[node] = now + rng.exponential(1 / n) if node == alive[0] else died[alive[0]]
    return np.array(parent), np.array(died) - np.array(born), np.array(alive)


def caterpillar(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """As `yule`: a trunk of n - 1 nodes, a leaf at each, a second one at the last."""
    parent = np.concatenate([np.arange(-1, n - 2), np.arange(n - 1), [n - 2]])
    return parent, np.ones(len(parent)), np.arange(n - 1, 2 * n - 1)


def truth(case: str, rng: np.random.Generator) -> Hierarchy:
    """A tree of the case; its rows are named by their numbers."""
    n = N_LEAVES.get(case, 80)
    grown = caterpillar(n) if case == "caterpillar" else yule(n, rng, _DEATH if case == "birth-death" else 0.0)
    parent, length, rows = grown
    if case == "relaxed":
        length = length * np.exp(0.3 * rng.normal(size=len(length)))
    if case == "no clock":
        length = rng.uniform(0.5, 1.5, size=len(length))
    if case == "ancestors":
        rows = np.arange(len(parent))
    names = np.full(len(parent), None, dtype=object)
    names[rows] = [str(row) for row in range(len(rows))]
    length[0] = 0.0
    tree = hierarchy.from_parents(parent, length, names=names.tolist())
    return tree.prune(keep=[str(row) for row in range(len(rows))])


def path_lengths(tree: Hierarchy) -> np.ndarray:
    """Distances of the rows along the tree, in the order of their names."""
    nodes = tree.node_of([str(row) for row in range(tree.n_rows)])
    return tree.distance(nodes[:, None], nodes[None, :])


def noisy(distances: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    factor = np.triu(np.exp(noise * rng.normal(size=distances.shape)), 1)
    made = distances * (factor + factor.T)
    return (made + made.T) / 2


def brownian(tree: Hierarchy, n_traits: int, rng: np.random.Generator) -> np.ndarray:
    """Traits of the rows, in the order of their names."""
    traits = np.sqrt(tree.length)[:, None] * rng.normal(size=(len(tree), n_traits))
    for node in range(1, len(tree)):
        traits[node] += traits[tree.parent[node]]
    return traits[tree.node_of([str(row) for row in range(tree.n_rows)])]


def embedded(distances: np.ndarray, d: int, weight_power: int = 2) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mds = hk.HyperbolicMDS(d, metric="precomputed", weight_power=weight_power, model="hyperboloid")
        return mds.fit_transform(distances)


def steiner(points: np.ndarray, **options: object) -> Hierarchy:
    return from_steiner(hk.HyperSteiner("hyperboloid", **options).fit(points).tree_)


def spanning(points: np.ndarray) -> Hierarchy:
    edges, lengths = hk.minimum_spanning_tree(points, model="hyperboloid")
    tree = hk.SteinerTree(points, edges, lengths, len(points), float(lengths.sum()), "hyperboloid")
    return from_steiner(tree)


def stretched(points: np.ndarray) -> Hierarchy:
    mean = hk.frechet_mean(points, model="hyperboloid")
    centred = hk.convert(hk.translate(points, mean, model="hyperboloid"), "hyperboloid", "tangent")
    return steiner(hk.convert(centred * 20 / np.linalg.norm(centred, axis=1).max(), "tangent", "hyperboloid"))


def minimum_evolution(points: np.ndarray) -> Hierarchy:
    """Neighbour joining, then exchanges of neighbours while balanced minimum evolution finds the tree shorter."""
    from skbio import DistanceMatrix
    from skbio.tree import nj, nni

    names = [str(row) for row in range(len(points))]
    distances = DistanceMatrix(hk.pairwise_distances(points, model="hyperboloid"), names)
    return hierarchy.from_newick(str(nni(nj(distances), distances)))


METHODS: dict[str, Callable[[np.ndarray], Hierarchy]] = {
    "plain": steiner,
    "greedy": lambda points: steiner(points, method="greedy"),
    "leaves": lambda points: steiner(points, leaves=True),
    "stretched": stretched,
    "MST": spanning,
    "neighbour joining": lambda points: neighbor_joining(points, model="hyperboloid"),
    "BME": minimum_evolution,
    "average": lambda points: linkage(points, "average", model="hyperboloid"),
    "single": lambda points: linkage(points, "single", model="hyperboloid"),
    "ward": lambda points: linkage(points, "ward", model="hyperboloid"),
}

# Of embeddings with other weights of pairs.
POWERS = {"leaves, power 0": 0, "leaves, power 1": 1}

RAW: dict[str, Callable[[np.ndarray], Hierarchy]] = {
    "raw neighbour joining": lambda distances: neighbor_joining(distances, metric="precomputed"),
    "raw average": lambda distances: linkage(distances, "average", metric="precomputed"),
    "consensus": lambda distances: hierarchy.infer(distances, metric="precomputed", leaves=True, consensus=True),
}


def trees(distances: np.ndarray, d: int, methods: list[str]) -> Iterator[tuple[str, Hierarchy]]:
    points = embedded(distances, d) if set(methods) & set(METHODS) else None
    for name in methods:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if name in POWERS:
                yield name, METHODS["leaves"](embedded(distances, d, POWERS[name]))
            else:
                yield name, METHODS[name](points) if name in METHODS else RAW[name](distances)


def figures(case: str, noise: float, d: int, seed: int, methods: list[str]) -> Iterator[dict]:
    rng = np.random.default_rng([FIRST_SEED + seed, CASES.index(case)])
    true = truth(case, rng)
    if case == "traits":
        distances = squareform(pdist(brownian(true, 100, rng), "sqeuclidean"))
    else:
        distances = noisy(path_lengths(true), noise, rng)
    measure = "ancestors" if case == "ancestors" else "splits"
    for name, tree in trees(distances, d, methods):
        judged = tree.root_at(true.names[0]) if case == "ancestors" else tree  # the root is known
        f1 = float(compare(true, judged, measures=measure).loc[f"{measure}_f1", "value"])
        yield {"case": case, "noise": noise, "d": d, "seed": seed, "method": name, "f1": round(f1, 4)}


def make(given: argparse.Namespace) -> None:
    """Make the figures that are not kept yet, and keep them."""
    columns = [*KEYS, "method"]
    kept = pd.read_csv(KEPT) if KEPT.exists() else pd.DataFrame(columns=[*columns, "f1"])
    done = set(kept[columns].itertuples(index=False, name=None))
    for seed, case in itertools.product(range(given.seeds), given.cases):
        for noise, d in itertools.product(NOISE.get(case, given.noise), given.dimensions):
            methods = [name for name in given.methods if (case, noise, d, seed, name) not in done]
            if methods:
                new = pd.DataFrame(figures(case, noise, d, seed, methods))
                kept = pd.concat([kept, new]) if len(kept) else new
                kept.sort_values(columns).to_csv(KEPT, index=False)


def half_width(values: np.ndarray) -> float:
    """Half of the 95 % interval of a mean, by Student's distribution; NaN of one value."""
    return stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))


def interval(values: np.ndarray) -> str:
    """Mean of paired differences with a 95 % interval over trees."""
    return f"{values.mean():+.3f} ± {half_width(values):.3f}" if len(values) > 1 else f"{values.mean():+.3f}"


def show() -> None:
    kept = pd.read_csv(KEPT)
    wide = kept.pivot_table(index=KEYS, columns="method", values="f1")
    print(wide.groupby(KEYS[:3]).mean().round(3).T.to_string())
    print("\ntrees")
    print(wide.groupby(KEYS[:3]).count().T.to_string())
    for one, other in PAIRS:
        if {one, other} <= set(wide):
            apart = (wide[one] - wide[other]).dropna()
            print(f"\n{one} less {other}")
            print(apart.groupby(KEYS[:3]).apply(lambda x: interval(x.to_numpy())).to_string())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="store_true", help="print what is kept")
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--cases", nargs="+", default=CASES, choices=CASES)
    parser.add_argument("--noise", nargs="+", type=float, default=[0.05, 0.2])
    parser.add_argument("--dimensions", nargs="+", type=int, default=[5])
    everything = [*METHODS, *POWERS, *RAW]
    parser.add_argument("--methods", nargs="+", default=everything, choices=everything)
    given = parser.parse_args()
    make(given)
    if given.table:
        show()


if __name__ == "__main__":
    main()
