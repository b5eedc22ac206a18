"""Graphs with lengths: of the nearest neighbours of a table's rows, in one piece, and of edges given in any way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph, csr_array

from ..._sparse import sparse_graph
from ..._warn import warn_caller
from ._bridges import shortest_bridges
from ._feature_rows import Float, Table, canonical, pair_lengths
from ._neighbor_lists import neighbor_lists


def neighbor_graph(X: Table, n_neighbors: int, *, n_jobs: int | None = None) -> csr_array:
    """Graph of nearest neighbours, Euclidean edge lengths, in one piece.

    Parameters
    ----------
    X : ndarray or CSR array of shape (n, n_features), float32 or float64
        Distinct rows, n >= 1.
    n_neighbors : int
        Edges from each row, at most n - 1; an edge serves both directions.
    n_jobs : int, optional
        Threads; the bits of the result do not depend on it.

    Returns
    -------
    csr_array of shape (n, n), float64
        Symmetric. Components are joined by their shortest bridges, with a UserWarning.
    """
    X = canonical(X)
    n = X.shape[0]
    if n == 1:
        return sparse_graph(1, np.empty((0, 2), dtype=np.intp), np.empty(0))
    lengths, rows = neighbor_lists(X, n_neighbors, n_jobs=n_jobs)
    edges = np.column_stack([np.repeat(np.arange(n, dtype=np.int32), n_neighbors), rows.reshape(-1)])
    graph = symmetric_graph(n, edges, lengths.reshape(-1))
    n_parts, part = csgraph.connected_components(graph, directed=False)
    if n_parts == 1:
        return graph
    bridges = shortest_bridges(X, part, n_jobs=n_jobs)
    spans = pair_lengths(X, bridges[:, 0], X, bridges[:, 1])
    warn_caller(
        f"the graph of the {n_neighbors} nearest neighbours has {n_parts} components; they are joined by their "
        f"{n_parts - 1} shortest bridges, the longest of length {spans.max():.6g}; a larger n_neighbors may connect it",
    )
    return symmetric_graph(n, np.concatenate([edges, bridges]), np.concatenate([lengths.reshape(-1), spans]))


def symmetric_graph(n: int, edges: NDArray[np.integer], lengths: Float) -> csr_array:
    """Graph of undirected edges, given in one direction or both: of several between two vertices the shortest.

    Loops are left out, as no shortest path takes one. An edge of length 0 is stored, and joins its ends.
    """
    edges = edges.astype(np.int64)
    is_loop = edges[:, 0] == edges[:, 1]
    pair = (edges.min(axis=1) * n + edges.max(axis=1))[~is_loop]
    order = np.argsort(pair)
    pair = pair[order]
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    shortest = np.minimum.reduceat(lengths[~is_loop][order], first) if len(first) else np.empty(0)
    one_way = np.column_stack(np.divmod(pair[first], n))
    return sparse_graph(n, np.concatenate([one_way, one_way[:, ::-1]]), np.concatenate([shortest, shortest]))
