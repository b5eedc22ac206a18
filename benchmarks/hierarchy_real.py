"""Hierarchies of the bundled data against what is known of them: simulated cells, and the mammals of WordNet.

``python -m benchmarks.hierarchy_real cells`` (or ``wordnet``) prints a table; nothing is kept.

``cells``: krumsiek11, four runs of a simulation of 160 steps from the same state, so the truth is four chains below one
root, not the labels, which mark the first half of each run. All trees are rooted at the first cell of the first run.
Mean over 3 seeds of the embedding (geodesic distances, ``weight_power=2``); there is one data set, so no interval.
``no tree`` is the distance from that cell in the embedding.

``wordnet``: 1,170 mammals by their distances in the taxonomy, exact and without noise, in 5 dimensions; one embedding.
``leaves``: the 880 without hyponyms, splits of the trees (recall is the fairer, since the truth is no binary
tree). ``all``: ancestors too, pairs of ancestor and descendant, rooted at the mammal.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

import hyperkit as hk
from hyperkit.hierarchy import Hierarchy, compare, from_parents

from .hierarchy_study import METHODS, RAW

CELL_SEEDS = 3
NAMES = ["plain", "greedy", "leaves", "MST", "neighbour joining", "average"]


def runs() -> Hierarchy:
    """The four runs of krumsiek11, each a chain below a root without a name."""
    step = np.tile(np.arange(160), 4)
    cells = np.arange(1, 641)
    names = [None, *map(str, range(640))]
    return from_parents(np.r_[-1, np.where(step == 0, 0, cells - 1)], np.r_[0.0, np.ones(640)], names=names)


def measured(true: Hierarchy, tree: Hierarchy, measures: list[str], columns: list[str]) -> dict[str, float]:
    found = compare(true, tree, measures=measures)["value"]
    return {column: float(found[column]) for column in columns}


def cells() -> Iterator[dict]:
    true, data = runs(), hk.datasets.load_krumsiek11().data
    columns = ["ancestors_precision", "ancestors_recall", "ancestors_f1", "triplets_right", "depth_spearman"]
    time = np.tile(np.arange(160), 4)
    for d in (2, 5):
        for seed in range(CELL_SEEDS):
            mds = hk.HyperbolicMDS(d, weight_power=2, model="hyperboloid", random_state=seed)
            points = mds.fit_transform(data)
            for name in NAMES:
                tree = METHODS[name](points).root_at(0)
                yield {"d": d, "method": name} | measured(true, tree, ["ancestors", "triplets", "depth"], columns)
            away = hk.distance(points[:1], points, model="hyperboloid")
            yield {"d": d, "method": "no tree", "depth_spearman": spearmanr(away, time).statistic}


def taxonomy() -> Hierarchy:
    """The tree of the mammals; "elephant", which has two hypernyms, is below the first."""
    mammals = hk.datasets.load_wordnet_mammals()
    parent = np.full(len(mammals.names), -1)
    for child, above in mammals.edges[::-1]:
        parent[child] = above
    return from_parents(parent, names=list(map(str, range(len(parent)))))


def wordnet() -> Iterator[dict]:
    true, distances = taxonomy(), hk.datasets.load_wordnet_mammals().distances
    leaves = true.row[true.is_leaf & (true.row >= 0)]
    for rows, kind in ((np.sort(leaves), "leaves"), (np.arange(len(distances)), "all")):
        of = true.prune(keep=rows)
        some = distances[np.ix_(rows, rows)].astype(float)
        points = hk.HyperbolicMDS(5, metric="precomputed", weight_power=2, model="hyperboloid").fit_transform(some)
        for name in [*NAMES, "raw neighbour joining"]:
            tree = METHODS[name](points) if name in METHODS else RAW[name](some)
            names = np.where(tree.row >= 0, rows[tree.row].astype(str), "")
            tree = replace(tree, names=names.astype(object))
            if kind == "all":
                tree = tree.root_at(str(int(true.row[0])))
            measure = "splits" if kind == "leaves" else "ancestors"
            columns = [f"{measure}_precision", f"{measure}_recall", f"{measure}_f1"]
            yield {"rows": kind, "method": name} | measured(of, tree, [measure], columns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", choices=["cells", "wordnet"])
    warnings.simplefilter("ignore")
    rows = pd.DataFrame(cells() if parser.parse_args().data == "cells" else wordnet())
    keys = list(rows.columns[:2])
    print(rows.groupby(keys, sort=False).mean().round(3).to_string())


if __name__ == "__main__":
    main()
