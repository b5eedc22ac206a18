"""Where dissimilarities come from: paths in a graph of neighbours, a metric, a matrix, a graph that was given.

In: what the user gave, checked. Out: dissimilarities of some objects to all, and those of new objects to landmarks. An
object is a row, or what several equal rows of features share: copies are set aside, so that they are nobody's nearest
neighbours and share a place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph, csr_array, issparse
from sklearn.metrics import pairwise_distances_argmin_min

from ._dissimilarities import (
    Metric,
    check_lengths,
    check_range,
    checked_distances,
    graph_matrix,
    metric_distances,
    new_distances,
    origin_of,
)
from .graph import (
    distances_through,
    distinct_rows,
    landmark_distances,
    neighbor_graph,
    neighbor_lists,
    places_among,
)

Float = NDArray[np.float64]

_ROWS_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class NewObjects:
    """What is known of objects that were not fitted."""

    to_landmarks: Float
    """Dissimilarities to the landmarks, (m, n_landmarks)."""
    nearest: NDArray[np.integer]
    """Nearest fitted objects, the first the very nearest, (m, k); k may be 1."""
    to_nearest: Float
    """Dissimilarity to the very nearest, (m,)."""
    is_copy: NDArray[np.bool_]
    """Whether that is the same, and its place is that of the new object."""


class Source(Protocol):
    """Dissimilarities of n objects."""

    n: int
    farthest: float
    """Dissimilarity of neighbours that is large here: a new object with a larger one to all is far from the others."""

    def lengths(self, rows: NDArray[np.integer]) -> NDArray[np.floating]:
        """Dissimilarities of some objects to all, (len(rows), n)."""

    def cells(self, centres: NDArray[np.integer]) -> NDArray[np.intp]:
        """For each object the place in `centres`, which ascend, of the one that is nearest."""

    def among(self, rows: NDArray[np.integer]) -> Float:
        """Dissimilarities of the objects of a cell to each other; paths stay inside."""

    def new(self, X: Any, landmarks: NDArray[np.intp], to_landmarks: NDArray[np.floating]) -> NewObjects:
        """Of new objects; `to_landmarks` is what `lengths` gave for the landmarks."""


class GraphSource:
    """Lengths of shortest paths in a graph."""

    def __init__(self, graph: csr_array, n_jobs: int | None) -> None:
        self.graph, self.n_jobs = graph, n_jobs
        self.n = graph.shape[0]
        self.farthest = float(graph.data.max(initial=0.0))

    def lengths(self, rows: NDArray[np.integer]) -> NDArray[np.floating]:
        if len(rows) == self.n:
            return graph_matrix(self.graph, self.n_jobs)
        lengths = landmark_distances(self.graph, rows, n_jobs=self.n_jobs)
        longest = float(lengths.max())
        if self.farthest > 0 and not 1e-30 <= longest <= 1e30:
            raise ValueError(
                f"X: distances to landmarks up to {longest:.6g} are out of the range 1e-30 to 1e30 of float32; rescale "
                "the data, or set n_landmarks=None"
            )
        return lengths

    def cells(self, centres: NDArray[np.integer]) -> NDArray[np.intp]:
        _, _, nearest = csgraph.dijkstra(self.graph, indices=centres, min_only=True, return_predecessors=True)
        return np.searchsorted(centres, nearest)

    def among(self, rows: NDArray[np.integer]) -> Float:
        # A shortest path to the centre does not leave the cell, so that it is in one piece.
        return graph_matrix(self.graph[rows][:, rows], None)

    def new(self, X: csr_array, landmarks: NDArray[np.intp], to_landmarks: NDArray[np.floating]) -> NewObjects:
        """Of rows of a sparse array, each of which holds its distances to some of the fitted objects."""
        n_each = np.diff(X.indptr)
        lengths = np.full((X.shape[0], n_each.max()), np.inf)
        rows = np.zeros(lengths.shape, dtype=np.intp)
        place = np.arange(X.nnz) - np.repeat(X.indptr[:-1], n_each)
        row = np.repeat(np.arange(X.shape[0]), n_each)
        lengths[row, place], rows[row, place] = X.data, X.indices
        order = lengths.argsort(axis=1, kind="stable")
        return _through(np.take_along_axis(lengths, order, 1), np.take_along_axis(rows, order, 1), to_landmarks)


class NeighborSource(GraphSource):
    """Lengths of shortest paths in the graph of the nearest neighbours of distinct rows of features."""

    def __init__(self, table: Any, n_neighbors: int, n_jobs: int | None) -> None:
        super().__init__(neighbor_graph(table, n_neighbors, n_jobs=n_jobs), n_jobs)
        self.table, self.n_neighbors = table, n_neighbors

    def new(self, X: Any, landmarks: NDArray[np.intp], to_landmarks: NDArray[np.floating]) -> NewObjects:
        """Of rows of features, by way of their nearest fitted rows."""
        k = min(max(self.n_neighbors, 1), self.n)
        lengths, rows = neighbor_lists(self.table, k, queries=X, n_jobs=self.n_jobs)
        return _through(lengths, rows, to_landmarks)


def _through(lengths: Float, rows: NDArray[np.integer], to_landmarks: NDArray[np.floating]) -> NewObjects:
    through = distances_through(lengths, rows, to_landmarks).astype(np.float64)
    return NewObjects(through, rows, lengths[:, 0], lengths[:, 0] == 0)


class MetricSource:
    """A metric of scikit-learn, or a callable of two rows, on distinct rows of features."""

    table: Any

    def __init__(self, table: Any, metric: Metric) -> None:
        self.metric, self.origin = metric, origin_of(table, metric)
        self.table = table if issparse(table) else table - self.origin
        self.n = table.shape[0]
        self.farthest = np.inf

    def lengths(self, rows: NDArray[np.integer]) -> NDArray[np.floating]:
        if len(rows) < self.n:
            lengths = metric_distances(self.table[rows], self.table, self.metric)
            if callable(self.metric):
                checked_distances(lengths[:, rows], f"distances of metric={self.metric!r} between landmarks")
            return lengths
        # one argument: some metrics are symmetric only then
        return self.among(rows)

    def cells(self, centres: NDArray[np.integer]) -> NDArray[np.intp]:
        blocks = range(0, self.n, _ROWS_AT_ONCE)
        few = self.table[centres]
        return np.concatenate(
            [metric_distances(self.table[i : i + _ROWS_AT_ONCE], few, self.metric).argmin(axis=1) for i in blocks]
        )

    def among(self, rows: NDArray[np.integer]) -> Float:
        lengths = metric_distances(self.table[rows], None, self.metric)
        return checked_distances(lengths, f"distances of metric={self.metric!r}")

    def new(self, X: Any, landmarks: NDArray[np.intp], to_landmarks: NDArray[np.floating]) -> NewObjects:
        """Of rows of features."""
        X = X if issparse(X) else X - self.origin
        lengths = new_distances(X, self.table[landmarks], self.metric)
        nearest, to_nearest = pairwise_distances_argmin_min(X, self.table, metric=self.metric)
        # not the nearest: of rows in one direction each is as near by "cosine", and rounding may favour any of two
        same = places_among(X, self.table)
        nearest = np.where(same >= 0, same, nearest)
        return NewObjects(lengths, nearest[:, None], to_nearest, same >= 0)


class MatrixSource:
    """A matrix of dissimilarities."""

    def __init__(self, matrix: NDArray[Any]) -> None:
        self.matrix = checked_distances(matrix, "X")
        check_range(float(self.matrix.max()))
        self.n = len(matrix)
        self.farthest = np.inf

    def lengths(self, rows: NDArray[np.integer]) -> NDArray[np.floating]:
        return np.array(self.matrix) if len(rows) == self.n else self.matrix[rows]

    def cells(self, centres: NDArray[np.integer]) -> NDArray[np.intp]:
        return self.matrix[centres].argmin(axis=0)

    def among(self, rows: NDArray[np.integer]) -> Float:
        return self.matrix[np.ix_(rows, rows)]

    def new(self, X: NDArray[Any], landmarks: NDArray[np.intp], to_landmarks: NDArray[np.floating]) -> NewObjects:
        """Of rows that hold the dissimilarities to all fitted objects, or to the landmarks."""
        lengths = np.asarray(X, dtype=np.float64)
        check_lengths(lengths, "X")
        known = np.arange(self.n)
        if lengths.shape[1] == len(landmarks) != self.n:
            known = landmarks
        elif lengths.shape[1] != self.n:
            raise ValueError(
                f"X has {lengths.shape[1]} columns; give the distances to the {self.n} fitted objects, in their order, "
                f"or to the {len(landmarks)} of `landmarks_`"
            )
        closest = lengths.argmin(axis=1)
        to_nearest = lengths[np.arange(len(lengths)), closest]
        to_landmarks = lengths if known is landmarks else lengths[:, landmarks]
        return NewObjects(to_landmarks, known[closest][:, None], to_nearest, to_nearest == 0)


def distinct(table: Any) -> tuple[Any, NDArray[np.intp]]:
    """Rows of features that repeat no earlier row, and for each row its place among them."""
    first, inverse = distinct_rows(table)
    check_range(_spread(table))
    return (table if len(first) == table.shape[0] else table[first]), inverse


def _spread(table: Any) -> float:
    """Largest difference in a column."""
    if issparse(table):
        return float((table.max(axis=0) - table.min(axis=0)).max())
    return float((table.max(axis=0).astype(np.float64) - table.min(axis=0)).max())
