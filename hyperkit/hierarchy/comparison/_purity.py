"""Dendrogram purity: how much of the smallest clade with two members of a group is of that group, after Heller [1]_.

References
----------
.. [1] Heller and Ghahramani, "Bayesian hierarchical clustering", ICML 2005.
"""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from ._score import SHUFFLED, Score, Scores, missing, ratio
from ._tip_tree import Int, TipTree

PURITY = ("dendrogram_purity",)
_SHUFFLES = 3


def purity_scores(truth: TipTree | None, inferred: TipTree, groups: Int, rng: RandomState) -> Scores:
    """Mean over pairs of one group of the share of that group in their smallest clade."""
    if len(np.unique(groups)) == len(groups):
        return missing(PURITY, "every group has one member")
    value = purity(inferred, groups)
    by_chance = float(np.mean([purity(inferred.shuffled(rng), groups) for _ in range(_SHUFFLES)]))
    note = "" if truth is None else f"the truth has {purity(truth, groups):.4g}"
    return {PURITY[0]: Score(value, by_chance, SHUFFLED, note=note)}


def purity(tree: TipTree, groups: Int) -> float:
    """Dendrogram purity of a tree; ``groups[i]`` is the group of taxon i, counted from 0."""
    from .kernels.purities import summed_purity

    label = np.full(len(tree.parent), -1, dtype=np.int64)
    label[tree.where] = groups[tree.taxa]
    return ratio(*summed_purity(tree.parent, tree.last - tree.first, label, int(groups.max()) + 1))
