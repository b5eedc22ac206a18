"""What lengths say: the depth of names below the root, and the length of the paths between them.

Both are found without a tree too, from the points: what a tree adds is what it has above that.
"""

from __future__ import annotations

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from scipy.stats import rankdata

from ...geometry import distance
from .._hierarchy import Hierarchy
from ._score import SHUFFLED, Score, Scores, missing
from ._tip_tree import Float, Int, LeastBetween, TipTree

DEPTH = ("depth_spearman",)
COPHENETIC = ("cophenetic_correlation",)
_ALL = 5_000
_SAMPLE = 500_000


def depth_scores(truth: Hierarchy, inferred: Hierarchy, nodes: Int, inferred_nodes: Int) -> Scores:
    """Rank correlation of the distances from the root; beside it that of distances without any tree."""
    wanted, found = truth.distance_from_root[nodes], inferred.distance_from_root[inferred_nodes]
    for of, depths in (("truth", wanted), ("inferred tree", found)):
        if _is_constant(depths):
            return missing(DEPTH, f"all names are equally far from the root of the {of}")
    value = correlation(rankdata(wanted), rankdata(found))
    direct = _distances(inferred, np.zeros(1, dtype=np.int64), inferred_nodes)
    if direct is None:
        return {DEPTH[0]: Score(value, note="the inferred tree has no points to compare it with")}
    if _is_constant(direct):
        return {DEPTH[0]: Score(value, note="the points are all equally far from the root")}
    return {DEPTH[0]: Score(value, correlation(rankdata(wanted), rankdata(direct)), "no tree: distance from the root")}


def cophenetic_scores(
    truth: TipTree, inferred: TipTree, inferred_tree: Hierarchy, inferred_nodes: Int, rng: RandomState
) -> Scores:
    """Correlation of the lengths of paths between names; beside it that of distances without any tree."""
    i, j = _pairs(truth.n_tips, rng)
    wanted, found = path_lengths(truth, i, j), path_lengths(inferred, i, j)
    for of, lengths in (("truth", wanted), ("inferred tree", found)):
        if _is_constant(lengths):
            return missing(COPHENETIC, f"all paths in the {of} are of one length")
    if truth.n_tips <= _ALL:
        n_pairs = truth.n_tips * (truth.n_tips - 1) // 2
        value, error, note = _correlation_of_all(truth, inferred), float("nan"), f"all {n_pairs:,} pairs"
    else:
        value = correlation(wanted, found)
        error, note = float((1 - value**2) / np.sqrt(len(i))), f"sample of {len(i):,} pairs"
    direct = _distances(inferred_tree, inferred_nodes[i], inferred_nodes[j])
    if direct is None or _is_constant(direct):
        return {COPHENETIC[0]: Score(value, 0.0, SHUFFLED, error, note=note)}
    no_tree = correlation(wanted, direct)
    return {COPHENETIC[0]: Score(value, no_tree, "no tree: distances of the points", error, note=note)}


def _pairs(n: int, rng: RandomState) -> tuple[Int, Int]:
    """All pairs i < j below n, or a sample of pairs that differ."""
    if n * (n - 1) // 2 <= _SAMPLE:
        i, j = np.triu_indices(n, 1)
        return i.astype(np.int64), j.astype(np.int64)
    i = rng.randint(0, n, _SAMPLE, dtype=np.int64)
    return i, (i + rng.randint(1, n, _SAMPLE, dtype=np.int64)) % n


def _distances(tree: Hierarchy, i: Int, j: Int) -> Float | None:
    """Distances of the points of nodes i and j; None of a tree without points."""
    if tree.points is None or tree.model is None:
        return None
    found: Float = distance(tree.points[i], tree.points[j], model=tree.model, curvature=tree.curvature)
    return found


def path_lengths(tree: TipTree, i: Int, j: Int) -> Float:
    """Length of the path between each taxon i and taxon j, which differ."""
    start, stop = np.minimum(tree.place[i], tree.place[j]), np.maximum(tree.place[i], tree.place[j])
    met = LeastBetween(tree.meeting_heights)(start, stop)
    lengths: Float = tree.heights[start] + tree.heights[stop] - 2 * met
    return lengths


def path_lengths_from(tree: TipTree, taxon: int) -> Float:
    """Length of the path from a taxon to each taxon."""
    here = tree.place[taxon]
    met = np.empty(tree.n_tips)
    met[here] = tree.heights[here]
    met[here + 1 :] = np.minimum.accumulate(tree.meeting_heights[here:])
    met[:here] = np.minimum.accumulate(tree.meeting_heights[:here][::-1])[::-1]
    lengths: Float = (tree.heights[here] + tree.heights - 2 * met)[tree.place]
    return lengths


def _correlation_of_all(truth: TipTree, inferred: TipTree) -> float:
    """Correlation over all pairs, one taxon at a time; lengths less a typical one, so that sums keep their digits."""
    typical = [float(path_lengths_from(tree, 0)[1:].mean()) for tree in (truth, inferred)]
    sums, products = np.zeros(2), np.zeros((2, 2))
    for taxon in range(truth.n_tips):
        both = np.array([path_lengths_from(tree, taxon) for tree in (truth, inferred)])
        both -= np.array(typical)[:, None]
        both[:, taxon] = 0.0
        sums += both.sum(axis=1)
        products += both @ both.T
    n_pairs = truth.n_tips * (truth.n_tips - 1)
    centred = products - np.outer(sums, sums) / n_pairs
    spread = np.diag(centred)
    return float(np.clip(centred[0, 1] / np.sqrt(spread).prod(), -1, 1))


def correlation(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Pearson's correlation; neither is constant."""
    x, y = x - x.mean(), y - y.mean()
    return float(np.clip(x @ y / (np.linalg.norm(x) * np.linalg.norm(y)), -1, 1))


def _is_constant(values: NDArray[np.float64]) -> bool:
    """Whether values differ by no more than rounding."""
    return bool(np.ptp(values) <= 1e-12 * np.abs(values).max())
