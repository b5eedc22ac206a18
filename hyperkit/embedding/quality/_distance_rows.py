"""Distances from some rows to all rows, whatever the rows are: points, features, entries of a matrix, or vertices.

In: a user's table, matrix or graph and the word that says how to read it. Out: `DistanceRows`, checked once, which
gives the distances of the rows asked for; what is too large as a matrix is never one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse
from scipy.spatial.distance import cdist

from ...geometry import native_distance_matrix, native_points
from ...models import MODELS, check_points, check_table
from .._dissimilarities import check_range, symmetric_matrix, warn_of_matrix
from .._metrics import FittedMetric, Metric
from ..graph import as_graph, distinct_rows, neighbor_graph, shortest_paths

Float = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class DistanceRows:
    """Something whose rows have distances."""

    n: int
    rows: Callable[[Index], Float]
    """Distances from these rows to all, shape (m, n): a new array, 0 from each row to itself, all finite."""
    neighbors: tuple[Index, Index] | None = None
    """Of a graph, `start` and `heads` of the neighbours of each vertex."""


def read_distances(table: Any, metric: Metric, name: str, *, curvature: float, n_neighbors: int) -> DistanceRows:
    """Read `table` as `metric` says: a model, ``"euclidean"``, ``"geodesic"``, ``"precomputed"``, or another metric.

    Graphs, of networkx or as sparse matrices of lengths, are known by their type, and `metric` is not looked at.
    """
    if issparse(table) or is_networkx(table):
        graph = as_graph(table, name=name)
        return _of_graph(graph, (graph.indptr.astype(np.int64), graph.indices.astype(np.int64)))
    if metric in ("precomputed", "euclidean") or (isinstance(metric, str) and metric in MODELS):
        return read_points(table, metric, name, curvature=curvature)
    return _of_features(table, metric, n_neighbors, name)


def read_points(table: Any, space: Any, name: str, *, curvature: float) -> DistanceRows:
    """Read `table` as points of a model, of Euclidean space, or as ``"precomputed"`` distances."""
    if space == "precomputed":
        return _of_matrix(table, name)
    if space == "euclidean":
        X = _features(table, name)
        return DistanceRows(len(X), lambda rows: cdist(X[rows], X))
    return _of_points(table, space, curvature, name)


def is_networkx(table: Any) -> bool:
    """Whether it is a graph of networkx, which is not imported to tell."""
    return hasattr(table, "nodes") and hasattr(table, "edges") and hasattr(table, "is_multigraph")


def _of_matrix(table: Any, name: str) -> DistanceRows:
    check_table(table, name=name)
    matrix = np.asarray(table)
    if matrix.dtype.kind not in "biufO":
        raise TypeError(f"{name} has dtype {matrix.dtype}; give a matrix of real numbers")
    distances = symmetric_matrix(matrix.astype(np.float64, copy=False), name)
    return DistanceRows(len(distances), lambda rows: distances[rows])


def _of_points(table: Any, model: Any, curvature: float, name: str) -> DistanceRows:
    points = check_points(table, model, curvature=curvature, name=name)
    _check_two_dimensional(points, name)
    native = native_points(points, model, curvature, name)

    def rows(index: Index) -> Float:
        return native_distance_matrix(native.take(index), native)

    return DistanceRows(len(points), rows)


def _of_features(table: Any, metric: Metric, n_neighbors: int, name: str) -> DistanceRows:
    X = _features(table, name)
    if metric == "geodesic":
        warn_of_matrix(X, name)
        first, copy_of = distinct_rows(X)
        space = _of_graph(neighbor_graph(X[first], min(n_neighbors, len(first) - 1)), None)
        return DistanceRows(len(X), lambda rows: space.rows(copy_of[rows])[:, copy_of])

    fitted = FittedMetric.of(X, metric)

    def rows(index: Index) -> Float:
        distances = fitted.distances(X[index], X, rows=index)
        distances[np.arange(len(index)), index] = 0.0
        return distances

    return DistanceRows(len(X), rows)


def _features(table: Any, name: str) -> Float:
    X = check_points(table, "tangent", name=name)
    _check_two_dimensional(X, name)
    if len(X) > 0:
        check_range(float((X.max(axis=0) - X.min(axis=0)).max()), name)
    return X


def _check_two_dimensional(table: Float, name: str) -> None:
    if table.ndim != 2:
        raise ValueError(f"{name} has shape {table.shape}; give a table with one row for each object")


def _of_graph(graph: csr_array, neighbors: tuple[Index, Index] | None) -> DistanceRows:
    return DistanceRows(graph.shape[0], lambda rows: shortest_paths(graph, rows, np.float64, 1), neighbors)
