"""Matrices of dissimilarities: checked, and as many as fit into memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .._memory import physical_memory as _memory
from .._warn import warn_caller
from .graph import neighbor_graph, shortest_paths

Float = NDArray[np.float64]

# Most n x n float64 arrays alive at once: the caller's matrix, its symmetric copy and one that is on the way.
_ARRAYS = 3
# Entries that should be equal may differ by this much of the largest; more is an error.
_TOLERANCE = 1e-8


def check_memory(n: int, name: str) -> None:
    """Raise ValueError if the n x n arrays of an embedding exceed this machine's memory; n is that of `name`."""
    need = _ARRAYS * 8 * n**2
    have = _memory()
    if need > have:
        raise ValueError(
            f"{name}={n}: HyperbolicMDS holds {_ARRAYS} float64 matrices of {name}^2 entries, {need / 2**30:.1f} GiB, "
            f"and this machine has {have / 2**30:.1f} GiB; at most {int((have / 8 / _ARRAYS) ** 0.5)} fit. "
            "Set n_landmarks to a few hundred: by these all rows are placed"
        )


def check_range(spread: float, name: str = "X") -> None:
    """Raise ValueError if squares of differences up to `spread` would overflow or vanish."""
    if spread != 0 and not 1e-150 <= spread <= 1e150:
        raise ValueError(
            f"{name}: differences up to {spread:.6g} are out of the range 1e-150 to 1e150; rescale the data"
        )


def check_lengths(lengths: Float, name: str, rows: NDArray[np.integer] | None = None) -> None:
    """Raise ValueError, naming the entry, unless all are finite and none is negative; `rows` are their numbers."""
    _refuse(~np.isfinite(lengths), lengths, name, "is not finite; drop its row and column or fill it in", rows)
    _refuse(lengths < 0, lengths, name, "is negative; dissimilarities are >= 0", rows)


def geodesic_distances(X: Any, n_neighbors: int, *, n_jobs: int | None = None) -> Float:
    """Lengths of shortest paths between distinct rows, (n, n): :func:`neighbor_graph` is what they lead through."""
    return graph_matrix(neighbor_graph(X, n_neighbors, n_jobs=n_jobs), n_jobs)


def graph_matrix(graph: csr_array, n_jobs: int | None) -> Float:
    """Lengths of all shortest paths in a connected graph, exactly symmetric, (n, n)."""
    return checked_distances(shortest_paths(graph, np.arange(graph.shape[0]), np.float64, n_jobs), "lengths of paths")


def checked_distances(distances: Float, name: str) -> Float:
    """Copy of a dissimilarity matrix, exactly symmetric with a zero diagonal; ValueError if it is none.

    Differences up to 1e-8 of the largest entry are rounding and averaged; anything more is an error.
    """
    if distances.ndim != 2 or distances.shape[0] != distances.shape[1]:
        raise ValueError(f"{name}: shape {distances.shape} is not square; give one row and one column per sample")
    check_lengths(distances, name)
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


def _refuse(
    bad: NDArray[np.bool_], matrix: Float, name: str, reason: str, rows: NDArray[np.integer] | None = None
) -> None:
    if bad.any():
        row, column = (int(i) for i in np.argwhere(bad)[0])
        number = row if rows is None else rows[row]
        raise ValueError(f"{name}: entry {matrix[row, column]:.6g} in row {number}, column {column} {reason}")


def warn_of_matrix(X: NDArray[Any], name: str) -> None:
    """Warn if a table of features has all that a matrix of distances has."""
    if len(X) == X.shape[1] > 2 and not np.diagonal(X).any() and X.min() >= 0 and np.allclose(X, X.T):
        warn_caller(
            f"{name} looks like a matrix of distances and is read as a table of features; if it holds distances, say "
            'metric="precomputed"'
        )
