"""Minimum spanning trees of neighbour graphs, the same tree whatever the order of the edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import minimum_spanning_tree


def spanning_tree_edges(n_points: int, edges: NDArray[np.int64], lengths: NDArray[np.float64]) -> NDArray[np.intp]:
    """Which of `edges` form a minimum spanning tree (a forest, if the graph is not connected).

    Parameters
    ----------
    n_points : int
    edges : ndarray of shape (E, 2), int64
        Pairs of points, i < j, no pair twice.
    lengths : ndarray of shape (E,), float64
        Ties are broken by the pair of points, so the tree does not depend on the order of the edges.

    Returns
    -------
    ndarray, intp
        Rows of `edges`, ascending. O(E log E).
    """
    order = np.lexsort((edges[:, 1], edges[:, 0], lengths))
    # The rank stands for the length: it has no ties, and no zeros, which scipy would read as "no edge".
    graph = coo_array((np.arange(1.0, len(edges) + 1), edges[order].T), shape=(n_points, n_points))
    ranks = minimum_spanning_tree(graph.tocsr()).data
    return np.sort(order[ranks.astype(np.intp) - 1])
