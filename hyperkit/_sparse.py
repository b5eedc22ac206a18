"""Sparse graphs as every scipy's `csgraph` takes them: before 1.17 it takes int32 indices only.

Sparse arrays keep the int64 of the edges they are made of, and csgraph then raises "Buffer dtype mismatch".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array

MOST = 2**31 - 1


def sparse_graph(n_vertices: int, edges: NDArray[np.integer], weights: ArrayLike = 1.0) -> csr_array:
    """Graph for `scipy.sparse.csgraph`: entry (i, j) is the weight of edge i -> j, summed if it is given twice.

    Parameters
    ----------
    n_vertices : int
    edges : ndarray of shape (n_edges, 2), integer
        Pairs of vertices, in the one direction in which they are to stand in the array.
    weights : array-like of shape (n_edges,), or a number for all
        Their dtype is that of the array.

    Returns
    -------
    csr_array of shape (n_vertices, n_vertices), with int32 indices

    Raises
    ------
    ValueError
        More than 2^31 - 1 vertices or edges: int32 cannot count them.

    Examples
    --------
    >>> sparse_graph(3, np.array([[0, 2], [1, 2]]), [0.5, 0.25]).toarray()
    array([[0.  , 0.  , 0.5 ],
           [0.  , 0.  , 0.25],
           [0.  , 0.  , 0.  ]])
    """
    if max(n_vertices, len(edges)) > MOST:
        raise ValueError(
            f"a graph of {n_vertices} vertices and {len(edges)} edges is too large for scipy.sparse.csgraph, which "
            f"counts up to {MOST} of each in int32; take fewer points"
        )
    tail, head = edges.astype(np.int32).T
    return csr_array((np.broadcast_to(weights, len(edges)), (tail, head)), shape=(n_vertices, n_vertices))
