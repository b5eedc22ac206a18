"""Clusters of rows: the pieces of the tree when edges are cut."""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import NDArray

from ._nodes import Nodes, sums_below
from .kernels.cutting import best_cut
from .kernels.lifting import lifted


def cut_into(tree: Nodes, n_clusters: int, min_size: int) -> NDArray[np.bool_]:
    """Nodes whose edge is cut so that `n_clusters` pieces are left, each with `min_size` rows or more.

    Of all pieces the edge with the greatest weight is cut, again and again, in O(n) time a cut at most.

    Raises
    ------
    ValueError
        The tree has no more edges to cut.
    """
    is_cut, is_row = np.zeros(len(tree), dtype=bool), tree.row >= 0
    gap, below = _gaps(tree), np.empty(len(tree))

    def best(top: int) -> tuple[float, int, int]:
        edge, weight = best_cut(tree.parent, gap, tree.size, is_row, is_cut, top, min_size, below)
        return -weight, edge, top

    queue = [best(0)]
    for k in range(1, n_clusters):
        _, edge, top = heapq.heappop(queue)
        if edge < 0:
            raise ValueError(
                f"n_clusters={n_clusters}: cut where it is best, the tree falls into {k} pieces of at least {min_size} "
                "rows, and no more; ask for fewer clusters, or a smaller min_size"
            )
        is_cut[edge] = True
        heapq.heappush(queue, best(top))
        heapq.heappush(queue, best(edge))
    return is_cut


def _gaps(tree: Nodes) -> NDArray[np.float64]:
    """Length of the edge above each node; edges in a row with nothing between are one, and the lowest has it all.

    So a root inside an edge changes nothing. The others have -1.
    """
    matters = (tree.row >= 0) | (np.bincount(tree.parent[1:], minlength=len(tree)) > 1)
    above, gap, _ = lifted(tree.parent, tree.length, tree.length, matters)
    gap[~matters] = -1.0
    top = int(np.argmax(matters))  # below a stem, if there is one
    on_top = np.flatnonzero((above == top) & matters)
    if tree.row[top] < 0 and len(on_top) == 2:
        gap[on_top] = gap[on_top].sum()
    return gap


def cut_at(tree: Nodes, height: float, min_size: int) -> NDArray[np.bool_]:
    """Nodes whose edge is cut at distance `height` from the root, where `min_size` rows or more are beyond.

    Rows on this side of all cuts, if fewer than `min_size`, go with the piece across the shortest edge cut.
    """
    far = tree.distance_from_root > height
    crosses = far & ~np.where(tree.parent >= 0, far[tree.parent], False)
    beyond = sums_below(tree, tree.row >= 0)
    is_cut = crosses & (beyond >= min_size)
    if is_cut.any() and 0 < beyond[0] - beyond[is_cut].sum() < min_size:
        tops = np.flatnonzero(is_cut)
        is_cut[tops[np.argmin(tree.length[tops])]] = False
    return is_cut


def row_pieces(tree: Nodes, is_cut: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Piece of each row, rows in ascending order; pieces with rows are numbered in depth-first order of their tops."""
    return node_pieces(tree, is_cut)[tree.node_of_rows]


def node_pieces(tree: Nodes, is_cut: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Piece of each node, numbered as `row_pieces` does; -1 in pieces without rows."""
    is_top = is_cut.copy()
    is_top[0] = True
    above, _, _ = lifted(tree.parent, tree.length, tree.length, is_top)
    top = np.where(is_top, np.arange(len(tree)), above)
    tops = np.unique(top[tree.node_of_rows])
    number = np.full(len(tree), -1)
    number[tops] = np.arange(len(tops))
    return number[top]
