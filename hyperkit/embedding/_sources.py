"""Where dissimilarities come from: paths in a graph of neighbours, a metric, a matrix, a graph that was given.

In: what the user gave, checked. Out: dissimilarities of some objects to all, and what a fitted model keeps (`_known`).
An object is a row, or what several equal rows of features share: copies are set aside, so that they are nobody's
nearest neighbours and share a place.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csgraph, csr_array

from ._dissimilarities import check_range, checked_distances, graph_matrix
from ._features import spread
from ._known import Known, KnownGraph, KnownMatrix, KnownNeighbors, KnownRows, MetricRows
from ._metrics import FittedMetric
from .graph import distinct_rows, landmark_distances, neighbor_graph, shortest_paths

Float = NDArray[np.float64]

_ROWS_AT_ONCE = 4096


class Source(Protocol):
    """Dissimilarities of n objects."""

    n: int

    def lengths(self, rows: NDArray[np.integer]) -> NDArray[np.floating]:
        """Dissimilarities of some objects to all, (len(rows), n)."""

    def cells(self, centres: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.integer]]:
        """For each object which of the `centres`, which ascend, is nearest, and the next object on the way there.

        That is the object itself at a centre, and where dissimilarities are no paths.
        """

    def among(self, rows: NDArray[np.integer], m: int, through: NDArray[np.integer]) -> Float:
        """Dissimilarities of the first m of some objects to all of these, (m, len(rows)).

        The first m columns are symmetric with a zero diagonal. Paths stay among these, and others that they may lead
        `through`.
        """

    def known(self, landmarks: NDArray[np.intp], to_landmarks: NDArray[np.floating]) -> Known:
        """What a fitted model keeps; `to_landmarks` is what `lengths` gave for the landmarks."""


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

    def cells(self, centres: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.integer]]:
        _, before, nearest = csgraph.dijkstra(self.graph, indices=centres, min_only=True, return_predecessors=True)
        return np.searchsorted(centres, nearest), np.where(before < 0, np.arange(self.n), before)

    def among(self, rows: NDArray[np.integer], m: int, through: NDArray[np.integer]) -> Float:
        every = np.concatenate([rows, through])
        lengths = shortest_paths(self.graph[every][:, every], np.arange(m), np.float64, None)
        lengths = lengths[:, : len(rows)].copy()  # ways may lead through many others
        lengths[:, :m] = checked_distances(lengths[:, :m], "lengths of paths")
        return lengths

    def known(self, landmarks: NDArray[np.intp], to_landmarks: NDArray[np.floating]) -> Known:
        return KnownGraph(to_landmarks, self.farthest)


class NeighborSource(GraphSource):
    """Lengths of shortest paths in the graph of the nearest neighbours of distinct rows of features."""

    def __init__(self, table: Any, n_neighbors: int, n_jobs: int | None) -> None:
        super().__init__(neighbor_graph(table, n_neighbors, n_jobs=n_jobs), n_jobs)
        self.table, self.n_neighbors = table, n_neighbors

    def known(self, landmarks: NDArray[np.intp], to_landmarks: NDArray[np.floating]) -> Known:
        return KnownNeighbors(self.table, self.n_neighbors, self.n_jobs, to_landmarks, self.farthest)


class MetricSource:
    """A metric of scikit-learn, or a callable of two rows, on distinct rows of features."""

    def __init__(self, table: Any, metric: FittedMetric) -> None:
        self.rows = MetricRows(table, metric, metric.origin(table))
        self.n = table.shape[0]

    def lengths(self, rows: NDArray[np.integer]) -> NDArray[np.floating]:
        if len(rows) == self.n:
            return self.among(rows, self.n, rows[:0])
        few, metric = self.rows.at(rows), self.rows.metric
        lengths = np.hstack([metric.distances(few, self.rows.at(block)) for block in self._blocks()])
        if callable(metric.metric):
            checked_distances(lengths[:, rows], f"distances of metric={metric.metric!r} between landmarks")
        return lengths

    def cells(self, centres: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.integer]]:
        few, metric = self.rows.at(centres), self.rows.metric
        nearest = [metric.distances(self.rows.at(block), few).argmin(axis=1) for block in self._blocks()]
        return np.concatenate(nearest), np.arange(self.n)

    def among(self, rows: NDArray[np.integer], m: int, through: NDArray[np.integer]) -> Float:
        few, metric = self.rows.at(rows[:m]), self.rows.metric
        # one argument: some metrics are symmetric only then
        square = checked_distances(metric.distances(few), f"distances of metric={metric.metric!r}")
        if m == len(rows):
            return square
        return np.hstack([square, metric.distances(few, self.rows.at(rows[m:]))])

    def known(self, landmarks: NDArray[np.intp], to_landmarks: NDArray[np.floating]) -> Known:
        return KnownRows(self.rows, landmarks)

    def _blocks(self) -> list[slice]:
        return [slice(i, i + _ROWS_AT_ONCE) for i in range(0, self.n, _ROWS_AT_ONCE)]


class MatrixSource:
    """A matrix of dissimilarities."""

    def __init__(self, matrix: NDArray[Any]) -> None:
        self.matrix = checked_distances(matrix, "X")
        check_range(float(self.matrix.max()))
        self.n = len(matrix)

    def lengths(self, rows: NDArray[np.integer]) -> NDArray[np.floating]:
        return np.array(self.matrix) if len(rows) == self.n else self.matrix[rows]

    def cells(self, centres: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.integer]]:
        return self.matrix[centres].argmin(axis=0), np.arange(self.n)

    def among(self, rows: NDArray[np.integer], m: int, through: NDArray[np.integer]) -> Float:
        return self.matrix[np.ix_(rows[:m], rows)]

    def known(self, landmarks: NDArray[np.intp], to_landmarks: NDArray[np.floating]) -> Known:
        return KnownMatrix(self.n, landmarks)


def distinct(table: Any) -> tuple[Any, NDArray[np.intp]]:
    """Rows of features that repeat no earlier row, and for each row its place among them."""
    first, inverse = distinct_rows(table)
    check_range(spread(table))
    return (table if len(first) == table.shape[0] else table[first]), inverse
