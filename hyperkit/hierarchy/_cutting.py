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

    Again and again the piece that gains most by it is cut in two.

    Raises
    ------
    ValueError
        The tree has no more edges to cut.
    """
    is_cut = np.zeros(len(tree), dtype=bool)
    work = np.empty((len(tree), 3)), np.empty(len(tree))
    is_row = tree.row >= 0

    def best(top: int) -> tuple[float, int, int]:
        edge, gain = best_cut(tree.parent, tree.length, tree.size, is_row, is_cut, top, min_size, *work)
        return -gain, edge, top

    pieces = [best(0)]
    for k in range(1, n_clusters):
        _, edge, top = heapq.heappop(pieces)
        if edge < 0:
            raise ValueError(
                f"n_clusters={n_clusters}: cut in the best places, the tree falls into {k} pieces of {min_size} or "
                "more rows; ask for fewer clusters, or a smaller min_size"
            )
        is_cut[edge] = True
        heapq.heappush(pieces, best(top))
        heapq.heappush(pieces, best(edge))
    return is_cut


def cut_at(tree: Nodes, height: float, min_size: int) -> NDArray[np.bool_]:
    """Nodes whose edge is cut at distance `height` from the root, where `min_size` rows or more are beyond.

    Rows on this side of all cuts, if fewer than `min_size`, are left with the nearest of the pieces.
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
    is_top = is_cut.copy()
    is_top[0] = True
    above, _, _ = lifted(tree.parent, tree.length, tree.length, is_top)
    top = np.where(is_top, np.arange(len(tree)), above)[tree.node_of_rows]
    return np.unique(top, return_inverse=True)[1]
