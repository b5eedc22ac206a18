"""What `HyperbolicMDS` should reproduce: a validated, symmetric matrix of dissimilarities between the rows.

In: a table and the name of a metric (or the matrix itself). Out: an n x n matrix, and for each row the first row equal
to it. The one idea of ``"geodesic"`` is Isomap's: only distances between near neighbours are trusted, all others are
lengths of shortest paths through neighbours. Copies of a row are set aside first, so that they are nobody's nearest
neighbours and no graph has an edge of length 0. How points are placed is decided elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph, csr_array
from scipy.spatial.distance import cdist
from sklearn.metrics import pairwise_distances
from sklearn.neighbors import NearestNeighbors

from .._sparse import sparse_graph
from .._warn import warn_caller

Float = NDArray[np.float64]
Metric = str | Callable[[Float, Float], float]

# Most n x n float64 arrays alive at once: the caller's matrix, its symmetric copy, and in Hydra the rescaled copy and
# the two exponentials of its cosh.
_ARRAYS = 5
# Entries that should be equal may differ by this much of the largest; more is an error.
_TOLERANCE = 1e-8
# Metrics that scikit-learn may compute as |x|^2 - 2xy + |y|^2, and that do not see a translation.
_EUCLIDEAN = ("euclidean", "l2", "sqeuclidean")


def check_memory(n_samples: int) -> None:
    """Raise ValueError if the n x n arrays of an embedding of `n_samples` points exceed this machine's memory."""
    need = _ARRAYS * 8 * n_samples**2
    have = _memory()
    if need > have:
        raise ValueError(
            f"n_samples={n_samples}: HyperbolicMDS holds {_ARRAYS} float64 matrices of n_samples^2 entries, "
            f"{need / 2**30:.1f} GiB, and this machine has {have / 2**30:.1f} GiB; "
            f"at most {int((have / 8 / _ARRAYS) ** 0.5)} samples fit. Embed a sample of the rows"
        )


def _memory() -> float:
    """Bytes of physical memory, or of the control group's share of it; infinite where the system does not say."""
    sizes = [float("inf")]
    if hasattr(os, "sysconf") and {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= os.sysconf_names.keys():
        sizes.append(float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES"))
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            text = Path(limit).read_text(encoding="ascii").strip()
        except OSError:
            continue
        if text.isdigit():
            sizes.append(float(text))
    return min(sizes)


def check_range(spread: float) -> None:
    """Raise ValueError if squares of differences up to `spread` would overflow or vanish."""
    if spread != 0 and not 1e-150 <= spread <= 1e150:
        raise ValueError(f"X: differences up to {spread:.6g} are out of the range 1e-150 to 1e150; rescale the data")


def distinct_rows(X: Float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows of `X` that repeat no earlier row, ascending (m,), and for each row its place among them (n,)."""
    _, first, inverse = np.unique(X, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return first[order], rank[inverse.reshape(-1)]


def metric_distances(X: Float, metric: Metric) -> Float:
    """Distances of distinct rows by a metric of scikit-learn or a callable, validated."""
    if metric in _EUCLIDEAN:
        X = _centred(X)
    try:
        distances = pairwise_distances(X, metric=metric)
    except ValueError as error:
        raise ValueError(
            f'metric={metric!r} cannot be computed; choose "geodesic", "precomputed", a callable or a metric of '
            f"sklearn.metrics.pairwise_distances that fits the data: {error}"
        ) from error
    return symmetric_matrix(np.asarray(distances, dtype=np.float64), f"distances of metric={metric!r}")


def _centred(X: Float) -> Float:
    """Copy of `X` around the origin: far from it |x|^2 - 2xy + |y|^2 has no digit of a distance left."""
    near = X - X[0]  # first, since a sum of far columns may overflow
    return np.asarray(near - near.mean(axis=0))


def geodesic_distances(X: Float, n_neighbors: int) -> Float:
    """Lengths of shortest paths in the graph of nearest neighbours, Euclidean edge lengths.

    Parameters
    ----------
    X : ndarray of shape (n, n_features), float64
        Distinct rows.
    n_neighbors : int
        Edges from each row, at most n - 1; an edge serves both directions.

    Returns
    -------
    ndarray of shape (n, n), float64
        Symmetric and finite: components of the graph are joined by their shortest bridges, with a UserWarning.
    """
    n = len(X)
    if n == 1:
        return np.zeros((1, 1))
    near = NearestNeighbors(n_neighbors=n_neighbors).fit(_centred(X)).kneighbors(return_distance=False)
    edges = np.column_stack([np.repeat(np.arange(n), n_neighbors), near.reshape(-1)])
    n_parts, part = csgraph.connected_components(_graph(X, edges), directed=False)
    if n_parts > 1:
        bridges = shortest_bridges(X, part)
        longest = float(np.linalg.norm(X[bridges[:, 0]] - X[bridges[:, 1]], axis=1).max())
        warn_caller(
            f"the graph of the {n_neighbors} nearest neighbours has {n_parts} components; they are joined by their "
            f"{n_parts - 1} shortest bridges, the longest of length {longest:.6g}; a larger n_neighbors may connect it",
        )
        edges = np.vstack([edges, bridges])
    lengths = csgraph.shortest_path(_graph(X, edges), method="D", directed=False)
    return symmetric_matrix(lengths, "geodesic distances")


def _graph(X: Float, edges: NDArray[np.intp]) -> csr_array:
    # Lengths from coordinate differences: the neighbour search may use |x|^2 - 2xy + |y|^2, which gives 0 to near rows.
    lengths = np.sqrt(((X[edges[:, 0]] - X[edges[:, 1]]) ** 2).sum(axis=1))
    # an edge that both ends chose appears twice in (i, j) / (j, i) form, never in one place, so nothing is summed
    return sparse_graph(len(X), edges, lengths)


def shortest_bridges(X: Float, part: NDArray[np.integer]) -> NDArray[np.intp]:
    """Minimum spanning tree of the parts, each pair of parts as far apart as its two nearest rows.

    Parameters
    ----------
    X : ndarray of shape (n, n_features), float64
        Distinct rows.
    part : ndarray of shape (n,), integer
        Part of each row, 0 to n_parts - 1, none empty.

    Returns
    -------
    ndarray of shape (n_parts - 1, 2)
        The two rows that each bridge joins.
    """
    order = np.argsort(part, kind="stable")
    start = np.searchsorted(part[order], np.arange(part.max() + 1))
    members = np.split(order, start[1:])
    gaps = np.array([np.minimum.reduceat(cdist(X[rows], X[order]).min(axis=0), start) for rows in members])
    tree = csgraph.minimum_spanning_tree(gaps).tocoo()
    bridges = []
    for a, b in zip(tree.row, tree.col, strict=True):
        between = cdist(X[members[a]], X[members[b]])
        i, j = np.unravel_index(between.argmin(), between.shape)
        bridges.append((members[a][i], members[b][j]))
    return np.array(bridges, dtype=np.intp).reshape(-1, 2)


def symmetric_matrix(distances: Float, name: str) -> Float:
    """Copy of a dissimilarity matrix, exactly symmetric with a zero diagonal; ValueError if it is none.

    Differences up to 1e-8 of the largest entry are rounding and averaged; anything more is an error.
    """
    if distances.ndim != 2 or distances.shape[0] != distances.shape[1]:
        raise ValueError(f"{name}: shape {distances.shape} is not square; give one row and one column per sample")
    _refuse(~np.isfinite(distances), distances, name, "is not finite; drop its row and column or fill it in")
    _refuse(distances < 0, distances, name, "is negative; dissimilarities are >= 0")
    slack = _TOLERANCE * float(distances.max())
    on_diagonal = np.zeros_like(distances, dtype=bool)
    np.fill_diagonal(on_diagonal, np.diagonal(distances) > slack)
    _refuse(on_diagonal, distances, name, "lies on the diagonal, which must be 0; similarities? take 1 - similarity")
    _refuse(
        np.abs(distances - distances.T) > slack,
        distances,
        name,
        "differs from its mirror image; the matrix must be symmetric. Take (D + D.T) / 2 if that is meant",
    )
    result = 0.5 * distances + 0.5 * distances.T
    np.fill_diagonal(result, 0.0)
    return result


def _refuse(bad: NDArray[np.bool_], matrix: Float, name: str, reason: str) -> None:
    if bad.any():
        row, column = (int(i) for i in np.argwhere(bad)[0])
        raise ValueError(f"{name}: entry {matrix[row, column]:.6g} in row {row}, column {column} {reason}")
