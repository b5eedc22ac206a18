"""Lengths of shortest paths in a symmetric graph, from some vertices to all.

In: a graph as `neighbor_graph` and `as_graph` make it. Out: one row of lengths for each source. Each source is one run
of Dijkstra's algorithm, so that they can run side by side and no result depends on how many do. Vertices are numbered
anew first, near ones with near numbers (reverse Cuthill-McKee): where rows come in no order, that halves the time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph, csr_array
from sklearn.utils.parallel import delayed

from ..._jobs import run
from ..._validation import check_n_jobs
from ._feature_rows import Float

# Tasks, and vertices that one reaches at least: sixty tasks for sixty vertices took six times as long as their paths.
_TASKS, _LEAST = 64, 2**16


def landmark_distances(
    graph: csr_array, rows: NDArray[np.integer], *, n_jobs: int | None = None
) -> NDArray[np.float32]:
    """Lengths of the shortest paths from some rows to all, summed in float64 and kept in float32.

    Parameters
    ----------
    graph : csr_array of shape (n, n), float64
        Symmetric, lengths >= 0.
    rows : ndarray of shape (n_landmarks,), integer
    n_jobs : int, optional
        Threads; the bits of the result do not depend on it.

    Returns
    -------
    ndarray of shape (n_landmarks, n), float32
        inf where no path leads.
    """
    return shortest_paths(graph, rows, np.float32, n_jobs)


def shortest_paths(graph: csr_array, rows: NDArray[np.integer], dtype: type, n_jobs: int | None) -> NDArray[Any]:
    """Lengths of the shortest paths from `rows` to all vertices, (len(rows), n) of the dtype asked for."""
    from .kernels.dijkstra import paths_from

    check_n_jobs(n_jobs)
    n = graph.shape[0]
    column = csgraph.reverse_cuthill_mckee(graph, symmetric_mode=True)
    near = graph[column][:, column]
    place = np.empty(n, dtype=np.int32)
    place[column] = np.arange(n, dtype=np.int32)
    sources = place[np.asarray(rows)]
    lengths = np.empty((len(sources), n), dtype=dtype)

    def write(some: slice) -> None:
        paths_from(near.indptr, near.indices, near.data, sources[some], column, lengths[some])

    size = max(-(-len(sources) // _TASKS), _LEAST // max(n, 1), 1)
    tasks = [delayed(write)(slice(i, i + size)) for i in range(0, len(sources), size)]
    run(tasks, n_jobs, False, "Paths", in_place=True)
    return lengths


def distances_through(lengths: Float, rows: NDArray[np.integer], to_landmarks: NDArray[Any]) -> NDArray[Any]:
    """Distances of new rows to landmarks: through the fitted row for which edge and path together are shortest.

    Parameters
    ----------
    lengths, rows : ndarray of shape (m, n_neighbors)
        Nearest fitted rows of each new row, as `neighbor_lists` gives them for `queries`.
    to_landmarks : ndarray of shape (n_landmarks, n)
        Of the fitted rows, as `landmark_distances` gives them.

    Returns
    -------
    ndarray of shape (m, n_landmarks), of the dtype of `to_landmarks`
        A copy of a fitted row has its distances, to the bit. O(m n_neighbors) memory beside the result.
    """
    distances = np.empty((len(rows), len(to_landmarks)), dtype=to_landmarks.dtype)
    for landmark, paths in enumerate(to_landmarks):
        distances[:, landmark] = (lengths + paths[rows]).min(axis=1)
    # Through another neighbour the way may be shorter by a rounding.
    copies = lengths[:, 0] == 0
    distances[copies] = to_landmarks[:, rows[copies, 0]].T
    return distances
