"""The root that makes distance follow time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from ._lca import lowest_common_ancestors, range_minima
from ._nodes import Nodes, frozen, sums_below
from ._rooting import Place
from .kernels.preorder import sums_from_root
from .kernels.two_sides import two_sides

_RANKED = 4_000_000  # distances that are ranked at each of two stages: a quarter of a second
_FEWEST = 64  # candidates of the first stage
_GRID = 32  # points inside each edge that could be better than its ends
# Shares of the height, and of the correlation, that are rounding.
_EQUAL = 1e-12


def best_for_times(tree: Nodes, times: NDArray[np.float64]) -> Place:
    """The point from which the distances of the rows have the highest Spearman correlation with their `times`.

    Candidates are all nodes, and on each edge the point with the highest Pearson correlation of the distances with the
    ranks of the times. Where these are too many to rank them all, those highest by Pearson's are. Then points all along
    the edges next to the best one. Ties go to the shorter tree.
    """
    ranks = rankdata(times)
    ranks -= ranks.mean()
    node, above, correlation = _by_pearson(tree, ranks)
    minima = range_minima(tree.parent)
    budget = _RANKED // tree.n_rows
    likely = np.argsort(-correlation, kind="stable")[: max(budget, _FEWEST)]
    best = _best(tree, minima, ranks, node[likely], above[likely])
    near = np.flatnonzero((tree.parent == best.node) | (np.arange(len(tree)) == best.node))
    near = near[np.argsort(-correlation[len(tree) + near], kind="stable")][: max(budget // _GRID, 2)]
    inside = np.outer(tree.length[near], np.arange(1, _GRID + 1) / (_GRID + 1)).ravel()
    nodes, ways = np.append(best.node, np.repeat(near, _GRID)), np.append(best.above, inside)
    return _best(tree, minima, ranks, nodes, ways)


def _by_pearson(
    tree: Nodes, ranks: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Candidates, node and way above it, and the Pearson correlation of distances with ranks from each, in O(n).

    On an edge the covariance is a line ``a + b u`` and the variance a parabola ``w + s u^2``, u the way from its
    vertex; the correlation has its one extreme at ``u = b w / (a s)``.
    """
    n = tree.n_rows
    values = np.zeros(len(tree))
    values[tree.node_of_rows] = ranks
    weight = sums_below(tree, values)
    at_root = float((values * tree.distance_from_root).sum())
    covariance = at_root + sums_from_root(tree.parent, frozen(-2 * tree.length * weight))
    inside, outside = two_sides(tree.parent, tree.length, tree.row >= 0)
    w = (inside[:, 2] + outside[:, 2]) / n
    s = 4 * inside[:, 0] * outside[:, 0] / n**2
    vertex = (outside[:, 1] + tree.length - inside[:, 1]) / 2
    a, b = covariance + 2 * weight * vertex, 2 * weight
    with np.errstate(divide="ignore", invalid="ignore"):
        best = np.nan_to_num(np.clip(vertex + b * w / (a * s), 0, tree.length))
        above = np.concatenate([np.zeros(len(tree)), best])
        node = np.tile(np.arange(len(tree)), 2)
        u = above - vertex[node]
        correlation = (a[node] + b[node] * u) / np.sqrt(w[node] + s[node] * u**2)
    return node, above, np.nan_to_num(correlation, nan=0.0)


def _best(
    tree: Nodes,
    minima: NDArray[np.int64],
    ranks: NDArray[np.float64],
    nodes: NDArray[np.int64],
    ways: NDArray[np.float64],
) -> Place:
    """The candidate with the highest Spearman correlation, of several the one with the shortest tree."""
    height, rows = tree.distance_from_root, tree.node_of_rows
    unit = max(_EQUAL * float(height.max()), np.finfo(float).tiny)
    scale = np.sqrt(np.square(ranks).sum())
    best, found = (-np.inf, np.inf), Place(0)
    for node, way in zip(nodes.tolist(), ways.tolist(), strict=True):
        top = height[lowest_common_ancestors(minima, np.full_like(rows, node), rows)]
        is_inside = (rows >= node) & (rows < node + tree.size[node])
        distances = (height[rows] - top) + (height[node] - top) + np.where(is_inside, way, -way)
        order = rankdata(np.round(distances / unit))
        order -= order.mean()
        spread = np.sqrt(np.square(order).sum())
        correlation = float((ranks * order).sum() / (scale * spread)) if spread > 0 else 0.0
        tallest = float(distances.max())
        higher = correlation - best[0]
        if higher > _EQUAL or (higher > -_EQUAL and tallest < best[1] - unit):
            best, found = (max(correlation, best[0]), tallest), Place(node, way)
    return found
