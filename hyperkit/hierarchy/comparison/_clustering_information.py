"""Clustering-information distance of two unrooted trees, after Smith [1]_.

Two splits of the same names tell about each other as two clusterings do, by their mutual information. Splits of the two
trees are paired so that what the pairs tell is most; a pair that is nearly right counts for nearly all, where
Robinson-Foulds counts it as two misses.

References
----------
.. [1] Smith, "Information theoretic generalized Robinson-Foulds metrics for comparing phylogenetic trees",
   Bioinformatics 36, 2020.
"""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState
from scipy.optimize import linear_sum_assignment

from ._score import SHUFFLED, Score, Scores, missing, ratio
from ._splits import split_nodes
from ._tip_tree import Float, TipTree

CLUSTERING_INFORMATION = ("clustering_information_distance",)
# The pairing takes the cube of the number of splits.
_MOST = 1_000
_SHUFFLES = 3


def clustering_information_scores(truth: TipTree, inferred: TipTree, rng: RandomState) -> Scores:
    """Share of the information in the splits of both trees that the best pairing does not find in the other tree."""
    if truth.n_tips > _MOST:
        return missing(CLUSTERING_INFORMATION, f"not computed above {_MOST:,} names: time grows with the cube")
    total = float(_entropy(_sides(truth)).sum() + _entropy(_sides(inferred)).sum())
    if not total:
        return missing(CLUSTERING_INFORMATION, "both trees are stars")
    shared = shared_information(truth, inferred)
    by_chance = np.mean([shared_information(truth, inferred.shuffled(rng)) for _ in range(_SHUFFLES)])
    value, baseline = (ratio(max(total - 2 * float(bits), 0.0), total) for bits in (shared, by_chance))
    note = f"0 for equal trees, 1 for nothing in common; {shared:.4g} bits shared"
    return {CLUSTERING_INFORMATION[0]: Score(value, baseline, SHUFFLED, note=note)}


def shared_information(one: TipTree, other: TipTree) -> float:
    """Bits that the splits of two trees tell of each other when paired at their best."""
    sides, others = _sides(one), _sides(other)
    if not len(sides) or not len(others):
        return 0.0
    n = one.n_tips
    overlap = (sides @ others.T).astype(np.float64)  # counts up to 1,000: exact in float32
    a, b = sides.sum(axis=1, dtype=np.float64)[:, None], others.sum(axis=1, dtype=np.float64)
    told = np.zeros_like(overlap)
    for both, of_one, of_other in (
        (overlap, a, b),
        (a - overlap, a, n - b),
        (b - overlap, n - a, b),
        (n - a - b + overlap, n - a, n - b),
    ):
        told += both / n * np.log2(np.maximum(both, 1) * n / (of_one * of_other))  # nothing at 0
    return float(told[linear_sum_assignment(told, maximize=True)].sum())


def _sides(tree: TipTree) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """One side of each split, as 1 and 0 for each name."""
    nodes = split_nodes(tree)
    return ((tree.first[nodes, None] <= tree.place) & (tree.place < tree.last[nodes, None])).astype(np.float32)


def _entropy(sides: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> Float:
    share = sides.mean(axis=1, dtype=np.float64)
    entropy: Float = -(share * np.log2(share) + (1 - share) * np.log2(1 - share))
    return entropy
