"""Ancestors: the pairs of names, one above the other in the truth, that are so in the inferred tree.

Only trees with rows inside can name ancestors. The floor is what a tree gets that has all rows but its root as leaves.
"""

from __future__ import annotations

import numpy as np

from .._hierarchy import Hierarchy
from ._score import Score, Scores, missing, precision_recall_f1
from ._tip_tree import Int

ANCESTORS = ("ancestors_precision", "ancestors_recall", "ancestors_f1")


def ancestor_scores(truth: Hierarchy, inferred: Hierarchy, nodes: Int, inferred_nodes: Int) -> Scores:
    """Precision, recall and F1 of pairs (ancestor, descendant); taxon i is at the nodes i of both."""
    below_truth, below_inferred = n_below(truth, nodes), n_below(inferred, inferred_nodes)
    wanted, found = int(below_truth.sum()), int(below_inferred.sum())
    if not wanted:
        return missing(ANCESTORS, "no name is an ancestor of another in the truth: its names are all leaves")
    shared = n_shared_ancestors(truth, inferred, nodes, inferred_nodes)
    values = precision_recall_f1(shared, found, wanted)
    root = np.flatnonzero(inferred_nodes == 0)
    floor, floor_of = (float("nan"), 0.0, 0.0), "all names leaves"
    if len(root):
        floor = precision_recall_f1(int(below_truth[root[0]]), len(nodes) - 1, wanted)
        floor_of = "leaves below the same root"
    notes = (
        f"{shared:,} of {found:,} pairs of the inferred tree" if found else "the inferred tree has all names as leaves",
        f"{shared:,} of {wanted:,} pairs of the truth",
        "harmonic mean of the two",
    )
    rows = zip(ANCESTORS, values, floor, notes, strict=True)
    return {name: Score(value, least, floor_of, note=note) for name, value, least, note in rows}


def n_below(tree: Hierarchy, nodes: Int) -> Int:
    """Number of the `nodes` that lie below each of them."""
    among = np.zeros(len(tree) + 1, dtype=np.int64)
    among[nodes + 1] = 1
    among = np.cumsum(among)
    below: Int = among[nodes + tree.size[nodes]] - among[nodes] - 1
    return below


def n_shared_ancestors(truth: Hierarchy, inferred: Hierarchy, nodes: Int, inferred_nodes: Int) -> int:
    """Number of pairs that both trees have one above the other."""
    from .kernels.ancestor_counts import count_shared_ancestors

    taxon = np.full(len(truth), -1, dtype=np.int64)
    taxon[nodes] = np.arange(len(nodes))
    last = np.arange(len(truth)) + truth.size
    return int(count_shared_ancestors(last, taxon, inferred_nodes, inferred_nodes + inferred.size[inferred_nodes]))
