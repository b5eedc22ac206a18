"""Splits of the names in two that the edges of unrooted trees make: shared ones, counted exactly.

After Day [1]_: number the names in the order of tips of one tree, from name 0 round. The side of a split without name 0
is then an interval for every split of that tree, and a split of the other tree is shared if its side has as many names
as lie between its least and its largest number, and that interval is in the table. No hashes, and linear time.

References
----------
.. [1] Day, "Optimal algorithms for comparing trees with labeled leaves", Journal of Classification 2, 1985.
"""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState

from ._score import SHUFFLED, Score, Scores, missing, precision_recall_f1
from ._tip_tree import Int, TipTree

SPLITS = ("splits_precision", "splits_recall", "splits_f1", "robinson_foulds")
_SHUFFLES = 10


def split_nodes(tree: TipTree) -> Int:
    """Nodes whose edges split the names in two sides of two names or more, one node a split."""
    size = tree.last - tree.first
    splits = (size > 1) & (size < tree.n_tips - 1)
    below_root = np.flatnonzero(tree.parent == 0)
    if len(below_root) == 2:  # both of its edges make the same split
        splits[below_root[1]] = False
    return np.flatnonzero(splits)


def split_scores(truth: TipTree, inferred: TipTree, rng: RandomState) -> Scores:
    """Precision, recall and F1 of the splits, and the number of those that one tree has alone."""
    wanted, found = len(split_nodes(truth)), len(split_nodes(inferred))
    if not wanted:
        return missing(SPLITS, "the truth has no split with two names on both sides: it is a star")
    shared = n_shared(truth, inferred)
    by_chance = float(np.mean([n_shared(truth, inferred.shuffled(rng)) for _ in range(_SHUFFLES)]))
    values = [*precision_recall_f1(shared, found, wanted), float(wanted + found - 2 * shared)]
    baselines = [*precision_recall_f1(by_chance, found, wanted), wanted + found - 2 * by_chance]
    notes = (
        f"{shared:,} of {found:,} splits of the inferred tree" if found else "the inferred tree is a star",
        f"{shared:,} of {wanted:,} splits of the truth",
        "harmonic mean of the two",
        f"splits that one of the two has alone, of {wanted + found:,}",
    )
    rows = zip(SPLITS, values, baselines, notes, strict=True)
    return {name: Score(value, baseline, SHUFFLED, note=note) for name, value, baseline, note in rows}


def n_shared(one: TipTree, other: TipTree) -> int:
    """Number of splits that both trees have."""
    n = one.n_tips
    number = (one.place - one.place[0]) % n
    return len(np.intersect1d(_keys(number, one), _keys(number, other), assume_unique=True))


def _keys(number: Int, tree: TipTree) -> Int:
    """One integer for each split whose side without number 0 is an interval of the numbers."""
    from .kernels.restriction import ranges_below

    n = tree.n_tips
    nodes = split_nodes(tree)
    in_order = number[tree.taxa]
    first, last = tree.first[nodes], tree.last[nodes]
    size = last - first
    least, largest = (extreme[nodes] for extreme in ranges_below(tree.parent, in_order[tree.first]))
    # Of a clade with number 0 it is the other side that counts: all tips before and all after it.
    zero = least == 0
    before, after = _running(np.minimum, in_order, n), _running(np.minimum, in_order[::-1], n)[::-1]
    least[zero] = np.minimum(before[first], after[last])[zero]
    before, after = _running(np.maximum, in_order, 0), _running(np.maximum, in_order[::-1], 0)[::-1]
    largest[zero] = np.maximum(before[first], after[last])[zero]
    size[zero] = n - size[zero]
    is_interval = largest - least + 1 == size
    return (least * n + largest)[is_interval]


def _running(what: np.ufunc, values: Int, start: int) -> Int:
    """Least or largest of the first k values, for k = 0, ..., n."""
    found: Int = what.accumulate(np.concatenate([[start], values]))
    return found
